import type { Instant } from "../model/instant.ts"
import type { TagId } from "../model/tag.ts"
import type { LastSample, StoredBlock } from "./historian.ts"

export interface TagRange {
  readonly tag: TagId
  /** In. */
  readonly from: Instant
  /** Out. */
  readonly to: Instant
}

/** How a store gives one tag's samples: what buckets, durations and frames are made from. */
export interface TagSamples {
  /** As `History.read`, of one tag. */
  read(range: TagRange, signal: AbortSignal): AsyncIterable<StoredBlock>
  /** The newest before then, its quality whatever it is; the last in order where several share its time. */
  before(tag: TagId, then: Instant, signal: AbortSignal): Promise<LastSample | undefined>
}
