import type { Finding } from "../../analyse/finding.ts"
import type { Cycle } from "../../model/cycle.ts"
import type { Instant } from "../../model/instant.ts"
import { isWithin, type Path } from "../../model/path.ts"
import type { Tag } from "../../model/tag.ts"
import type { Namespace } from "../../namespace/namespace.ts"
import type { Decision, Snapshot } from "../decide.ts"
import { isOpen } from "./life.ts"

export interface SnapshotSources {
  readonly namespace: Namespace
  readonly tags: ReadonlyMap<Path, Tag>
  /** Whether the tag's device takes writes. */
  canWrite(target: Path): boolean
}

const mostClosed = 20

/**
 * One frozen picture of an equipment for one decider, as of `own.at`: what was raised later is not in it, what was
 * closed later is still open.
 */
export function snapshotOf(
  equipment: Path,
  own: {
    cycles: readonly Cycle[]
    decisions: readonly Decision[]
    findings: readonly Finding[]
    at: Instant
  },
  from: SnapshotSources,
): Snapshot {
  const { namespace, tags, canWrite } = from
  const values = namespace.snapshot()
  const { at } = own
  const open = own.findings.filter((f) => f.at <= at && (f.open || (f.closedAt ?? 0) > at))
  const openIds = new Set(open.map((f) => f.id))
  const now = { at, isFindingOpen: (id: string) => openIds.has(id) }
  const writable = [...tags.values()].some(
    (tag) => tag.writable && isWithin(tag.equipment, equipment) && canWrite(tag.path),
  )
  return {
    at,
    values,
    findings: open.filter((f) => f.equipment === equipment),
    cycles: own.cycles,
    open: own.decisions.filter((d) => isOpen(d, now)),
    closed: own.decisions.filter((d) => !isOpen(d, now)).slice(-mostClosed),
    writable,
    tag: (path) => tags.get(path),
  }
}
