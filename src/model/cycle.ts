import type { SourceId } from "./block.ts"
import type { Instant } from "./instant.ts"
import type { Path } from "./path.ts"

export type Verdict = "good" | "bad" | "rework" | "trial"

/** One shot, part, charge or run: what SPC, genealogy, OEE and quality stand on. */
export interface Cycle {
  /** `source#sequence`: the same record delivered again has the same id and is kept once. */
  readonly id: string
  readonly equipment: Path
  readonly source: SourceId
  /** The machine's own number of this record; unique within its source. */
  readonly sequence: number
  readonly start: Instant
  readonly end: Instant
  readonly tool?: string
  readonly product?: string
  readonly order?: string
  readonly lot?: string
  /** By the names of the equipment type's cycle fields; empty and refused fields are absent. */
  readonly values: Readonly<Record<string, number | string>>
  readonly verdict?: Verdict
}

export function cycleId(source: SourceId, sequence: number): string {
  return `${source}#${sequence}`
}
