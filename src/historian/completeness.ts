import type { GapCause, Span } from "../connect/gap.ts"
import type { SourceId } from "../model/block.ts"
import type { Instant } from "../model/instant.ts"
import type { Path } from "../model/path.ts"
import type { Run } from "./numbers.ts"

/**
 * `complete`: nothing is missing, and the evidence says so. `missing`: it is known that something is. `unknown`: nothing is
 * known to be missing, but something stands in the way of the proof.
 */
export type Verdict = "complete" | "missing" | "unknown"

/** What stands in the way of a proof, or limits what it says. */
export type Doubt =
  /** No row at all stands in the interval. */
  | "no-rows"
  /** Nothing came for longer than the most frequent tag may be silent, and no gap says why. */
  | "silence"
  /** The rows before the first one are not in history any more, or never were. */
  | "begins-late"
  /** The interval is not over. */
  | "not-over"

/** One source's rows in an interval, by their numbers. */
export interface SourcePart {
  readonly source: SourceId
  /**
   * `machine`: its own buffer's count, so nothing can lack unnoticed. `machine-sparse`: its count of more than was wanted,
   * whose losses its connector reports as gaps. `house`: Moru's count from the receipt on.
   */
  readonly numberedBy: "machine" | "machine-sparse" | "house"
  readonly rows: number
  readonly first: number
  readonly last: number
  readonly firstAt: Instant
  readonly lastAt: Instant
  /** Numbers that are in no row of the history. */
  readonly missing: number
  /** The first runs of them. */
  readonly holes: readonly Run[]
  /** Its first row is not number 0 and what was before it is not in history. */
  readonly beginsLate: boolean
}

/** The numbered records of a machine, such as its shots. */
export interface CyclePart {
  readonly equipment: Path
  readonly source: SourceId
  readonly cycles: number
  readonly first: number
  readonly last: number
  readonly missing: number
}

export interface GapPart {
  /** Of its record in the ledger. */
  readonly id: string
  readonly because: GapCause
  readonly source: SourceId
  readonly from: Instant
  readonly to?: Instant
  readonly size?: number
  readonly setByMs?: number
  /** What of it lies in the interval and is missing still. */
  readonly left: readonly Span[]
  /** Rows that late data brought. */
  readonly filledRows?: number
}

export interface DevicePart {
  readonly device: string
  readonly connector: string
  readonly equipment: readonly Path[]
  readonly verdict: Verdict
  readonly doubts: readonly Doubt[]
  readonly rows: number
  /** SHA-256 over the rows of all its tags in the interval, as `digestOf` has it. */
  readonly digest: string
  readonly tags: number
  /** Tags without any row: it cannot be known whether they lack one, or did not change. */
  readonly silentTags: readonly Path[]
  readonly sources: readonly SourcePart[]
  readonly cycles: readonly CyclePart[]
  readonly gaps: readonly GapPart[]
  /** Silences that no gap explains. */
  readonly silences: readonly Span[]
}

/** What is missing in an interval, or that nothing is, with the evidence. The same history gives the same report. */
export interface Completeness extends Span {
  readonly verdict: Verdict
  readonly devices: readonly DevicePart[]
  /** Steps of the computer's clock in the interval. */
  readonly clock: readonly GapPart[]
}

type Judged = Omit<DevicePart, "verdict" | "doubts">

/** `missing` before `unknown`: what is known to lack is not softened by what is not known. */
export function judge(part: Judged, isOver: boolean): DevicePart {
  const lacks =
    part.sources.some(({ missing }) => missing > 0) ||
    part.cycles.some(({ missing }) => missing > 0) ||
    part.gaps.some(({ left }) => left.length > 0)
  const doubts: Doubt[] = []
  if (part.rows === 0) doubts.push("no-rows")
  else if (part.silences.length > 0) doubts.push("silence")
  if (part.sources.some(({ beginsLate }) => beginsLate)) doubts.push("begins-late")
  if (!isOver) doubts.push("not-over")
  const verdict = lacks ? "missing" : doubts.length > 0 ? "unknown" : "complete"
  return { ...part, verdict, doubts }
}

/** The worst of all; without any device nothing is known. */
export function worstOf(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.includes("missing")) return "missing"
  return verdicts.length === 0 || verdicts.includes("unknown") ? "unknown" : "complete"
}

/** What of an interval none of these covers. */
export function uncovered(span: Span, by: readonly Span[]): readonly Span[] {
  let rest: Span[] = [span]
  for (const { from, to } of by)
    rest = rest.flatMap((one) =>
      [
        { from: one.from, to: Math.min(one.to, from) },
        { from: Math.max(one.from, to), to: one.to },
      ].filter((piece) => piece.to > piece.from),
    )
  return rest
}

/** What of these lies in the interval; a piece of no length says nothing. */
export function within(spans: readonly Span[], { from, to }: Span): readonly Span[] {
  return spans
    .map((span) => ({ from: Math.max(span.from, from), to: Math.min(span.to, to) }))
    .filter((span) => span.to > span.from)
}
