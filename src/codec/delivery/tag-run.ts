import type { TagId } from "../../model/tag.ts"

/** Some samples of one tag from one source, ascending by time. A class, so that V8 knows its shape. */
export class TagRun {
  /** Place in the parcel's `sources`. */
  readonly source: number
  readonly tag: TagId
  readonly at: Float64Array
  readonly value: Float64Array
  readonly quality: Uint8Array
  /** The rows' numbers in their source's count. */
  readonly number: Float64Array

  constructor(of: {
    source: number
    tag: TagId
    at: Float64Array
    value: Float64Array
    quality: Uint8Array
    number: Float64Array
  }) {
    this.source = of.source
    this.tag = of.tag
    this.at = of.at
    this.value = of.value
    this.quality = of.quality
    this.number = of.number
  }
}
