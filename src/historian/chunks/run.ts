import type { TagId } from "../../model/tag.ts"

/**
 * Samples of one tag as columns, ascending by time, within one time by origin and number. Each (time, origin, number)
 * stands in a run once; where two runs have the same, the younger run's row holds.
 */
export interface Run {
  readonly tag: TagId
  readonly at: Float64Array
  readonly value: Float64Array
  readonly quality: Uint8Array
  /** Number of the source in this history, in the order in which it met them. */
  readonly origin: Uint32Array
  /** The row's number in its source's count. */
  readonly number: Float64Array
}
