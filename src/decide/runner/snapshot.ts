import type { Finding } from "../../analyse/finding.ts"
import type { Cycle } from "../../model/cycle.ts"
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

/** One frozen picture of an equipment for one decider. */
export function snapshotOf(
  equipment: Path,
  own: {
    cycles: readonly Cycle[]
    decisions: readonly Decision[]
    findings: readonly Finding[]
  },
  from: SnapshotSources,
): Snapshot {
  const { namespace, tags, canWrite } = from
  const values = namespace.snapshot()
  const openFindings = new Set(own.findings.filter((f) => f.open).map((f) => f.id))
  const now = { at: values.at, isFindingOpen: (id: string) => openFindings.has(id) }
  const writable = [...tags.values()].some(
    (tag) => tag.writable && isWithin(tag.equipment, equipment) && canWrite(tag.path),
  )
  return {
    at: values.at,
    values,
    findings: own.findings.filter((f) => f.open && f.equipment === equipment),
    cycles: own.cycles,
    open: own.decisions.filter((d) => isOpen(d, now)),
    closed: own.decisions.filter((d) => !isOpen(d, now)).slice(-mostClosed),
    writable,
    tag: (path) => tags.get(path),
  }
}
