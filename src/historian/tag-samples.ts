import type { Instant } from "../model/instant.ts"
import type { TagId } from "../model/tag.ts"
import type { FoldColumns } from "./buckets.ts"
import type { LastSample } from "./historian.ts"

export interface TagRange {
  readonly tag: TagId
  /** In. */
  readonly from: Instant
  /** Out. */
  readonly to: Instant
}

/** Some samples of one tag, ascending by time. */
export interface SampleBlock extends FoldColumns {
  readonly length: number
}

/** How a store gives one tag's samples: what buckets, durations and frames are made from. */
export interface TagSamples {
  /** In the order of `History.read`. */
  read(range: TagRange, signal: AbortSignal): AsyncIterable<SampleBlock>
  /** The newest before then, its quality whatever it is; the last in order where several share its time. */
  before(tag: TagId, then: Instant, signal: AbortSignal): Promise<LastSample | undefined>
}
