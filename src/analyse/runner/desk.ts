import type { SourceId } from "../../model/block.ts"
import type { Cycle } from "../../model/cycle.ts"
import type { Instant } from "../../model/instant.ts"
import type { Path } from "../../model/path.ts"
import type { Change } from "../finding.ts"

/** What one analyser remembers from one start to the next; a document of the store. */
export interface Desk {
  readonly kind: string
  readonly memory: unknown
  /** Last number analysed of each source; sources come and go, the last ones are kept. */
  readonly seen: Readonly<Record<SourceId, number>>
  /** Latest end of a cycle analysed. */
  readonly lastEnd: Instant
  /** Ids of open findings by their keys. */
  readonly open: Readonly<Record<string, string>>
  /** Last known values of set points, booleans as 0 and 1. */
  readonly known: Readonly<Record<Path, number>>
}

/** A usable value of a set point. */
export interface SetPoint {
  readonly tag: Path
  readonly at: Instant
  readonly value: number
}

const mostSources = 16

export function firstDesk(kind: string, memory: unknown): Desk {
  return { kind, memory, seen: {}, lastEnd: 0, open: {}, known: {} }
}

/** Cycles that the desk hasn't had yet, by end; the same record delivered again is left out. */
export function unseen(desk: Desk, cycles: readonly Cycle[]): readonly Cycle[] {
  const taken = new Set<string>()
  return cycles
    .filter((cycle) => {
      if (cycle.sequence <= (desk.seen[cycle.source] ?? 0) || taken.has(cycle.id)) return false
      taken.add(cycle.id)
      return true
    })
    .sort((a, b) => a.end - b.end || a.sequence - b.sequence)
}

/** The desk after it had a cycle. */
export function noteCycle(desk: Desk, cycle: Cycle): Desk {
  const { [cycle.source]: before = 0, ...others } = desk.seen
  const kept = Object.entries(others).slice(-(mostSources - 1))
  return {
    ...desk,
    seen: Object.fromEntries([...kept, [cycle.source, Math.max(before, cycle.sequence)]]),
    lastEnd: Math.max(desk.lastEnd, cycle.end),
  }
}

/** What of the set points is a change; the first value ever seen is none. */
export function noteSetPoints(
  desk: Desk,
  setPoints: readonly SetPoint[],
): { desk: Desk; changes: readonly Change[] } {
  const known: Record<Path, number> = { ...desk.known }
  const changes: Change[] = []
  for (const { tag, at, value } of setPoints.toSorted((a, b) => a.at - b.at)) {
    const before = known[tag]
    if (before === value) continue
    known[tag] = value
    if (before !== undefined) changes.push({ tag, at })
  }
  return { desk: { ...desk, known }, changes }
}
