import type { Block } from "../model/block.ts"
import { isUsable } from "../model/quality.ts"
import type { TagId } from "../model/tag.ts"
import type { Buckets, Range, StoredBlock } from "./historian.ts"

/** How a store gives one tag's samples: what buckets and frames are made from. */
export type ReadTag = (
  range: { readonly tag: TagId; readonly from: number; readonly to: number },
  signal: AbortSignal,
) => AsyncIterable<StoredBlock>

/** One result a tag, folded from its samples in their order. */
export async function* aggregateTags(
  readTag: ReadTag,
  wanted: { readonly range: Range; readonly buckets: number },
  signal: AbortSignal,
): AsyncGenerator<Buckets> {
  const { tags, from, to } = wanted.range
  for (const tag of tags) {
    const fold = new BucketFold(tag, wanted.range, wanted.buckets)
    for await (const block of readTag({ tag, from, to }, signal)) fold.add(block)
    yield fold.result()
  }
}

/** Adds up blocks of one tag, ascending by time. */
export class BucketFold {
  readonly #tag: TagId
  readonly #from: number
  readonly #bucketMs: number
  readonly #count: Uint32Array
  readonly #min: Float64Array
  readonly #max: Float64Array
  readonly #sum: Float64Array
  readonly #first: Float64Array
  readonly #last: Float64Array

  constructor(tag: TagId, { from, to }: Omit<Range, "tags">, buckets: number) {
    this.#tag = tag
    this.#from = from
    this.#bucketMs = (to - from) / buckets
    this.#count = new Uint32Array(buckets)
    this.#min = new Float64Array(buckets).fill(Number.NaN)
    this.#max = new Float64Array(buckets).fill(Number.NaN)
    this.#sum = new Float64Array(buckets)
    this.#first = new Float64Array(buckets).fill(Number.NaN)
    this.#last = new Float64Array(buckets).fill(Number.NaN)
  }

  add({ length, at, value, quality }: Block): void {
    const lastBucket = this.#count.length - 1
    for (let row = 0; row < length; row++) {
      const v = value[row] ?? Number.NaN
      if (Number.isNaN(v) || !isUsable(quality[row] ?? 0)) continue
      const index = Math.floor(((at[row] ?? 0) - this.#from) / this.#bucketMs)
      // Rounding may put a time just before the end into the bucket after the last.
      this.#addValue(Math.min(index, lastBucket), v)
    }
  }

  result(): Buckets {
    return {
      tag: this.#tag,
      from: this.#from,
      bucketMs: this.#bucketMs,
      count: this.#count,
      min: this.#min,
      max: this.#max,
      mean: this.#sum.map((sum, i) => sum / (this.#count[i] ?? 0)),
      first: this.#first,
      last: this.#last,
    }
  }

  #addValue(b: number, v: number): void {
    if (this.#count[b] === 0) {
      this.#min[b] = v
      this.#max[b] = v
      this.#first[b] = v
    } else if (v < (this.#min[b] ?? v)) this.#min[b] = v
    else if (v > (this.#max[b] ?? v)) this.#max[b] = v
    this.#count[b] = (this.#count[b] ?? 0) + 1
    this.#sum[b] = (this.#sum[b] ?? 0) + v
    this.#last[b] = v
  }
}
