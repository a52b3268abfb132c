import type { Instant } from "../model/instant.ts"
import type { Path } from "../model/path.ts"
import type { TagId } from "../model/tag.ts"
import type { LedgerId } from "../store/ledger.ts"

/** Late data as it was recorded: what has been computed from its time is computed again. */
export interface LateNews {
  /** The record `late.arrived`. */
  readonly record: LedgerId
  readonly tags: readonly TagId[]
  readonly paths: ReadonlySet<Path>
  readonly equipment: ReadonlySet<Path>
  readonly from: Instant
  readonly to: Instant
  readonly rows: number
}

/** What stands on samples and is asked to look at them again. Resolves when what changed by it is durable. */
export type Recompute = (news: LateNews) => Promise<unknown>
