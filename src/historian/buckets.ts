import type { RecordHead } from "../codec/chunk-record.ts"
import type { Rollup } from "../codec/rollup.ts"
import { isUsable } from "../model/quality.ts"
import type { TagId } from "../model/tag.ts"
import type { Interval } from "./forget.ts"
import type { Buckets, LastSample, Range } from "./historian.ts"
import type { TagSamples } from "./tag-samples.ts"

/** One result a tag, folded from its samples in their order. */
export async function* aggregateTags(
  samples: TagSamples,
  wanted: { readonly range: Range; readonly buckets: number },
  signal: AbortSignal,
): AsyncGenerator<Buckets> {
  const { tags, from, to } = wanted.range
  for (const tag of tags) {
    const fold = new BucketFold(tag, wanted.range, wanted.buckets)
    fold.carryIn(await samples.before(tag, from, signal))
    for await (const { length, at, value, quality } of samples.read({ tag, from, to }, signal))
      fold.add({ at, value, quality }, 0, length)
    yield fold.result()
  }
}

/** Samples of one tag, ascending by time. */
export interface FoldColumns {
  readonly at: Float64Array
  readonly value: Float64Array
  readonly quality: Uint8Array
}

/** Of the values of one bucket. */
class BucketFigures {
  count = 0
  min = Number.NaN
  max = Number.NaN
  sum = 0
  first = Number.NaN
  last = Number.NaN

  add(v: number): void {
    if (this.count++ === 0) {
      this.min = v
      this.max = v
      this.first = v
    } else if (v < this.min) this.min = v
    else if (v > this.max) this.max = v
    this.sum += v
    this.last = v
  }
}

interface Figures {
  readonly min: number
  readonly max: number
  readonly sum: number
  readonly first: number
  readonly last: number
}

/** Which bucket a time of the interval belongs to, and where one ends. */
export class Grid {
  readonly from: number
  readonly to: number
  readonly bucketMs: number
  readonly last: number

  constructor({ from, to }: Omit<Range, "tags">, buckets: number) {
    this.from = from
    this.to = to
    this.bucketMs = (to - from) / buckets
    this.last = buckets - 1
  }

  /** Rounding may put a time just before the end into the bucket after the last. */
  indexOf(at: number): number {
    return Math.min(Math.floor((at - this.from) / this.bucketMs), this.last)
  }

  /** Before it a time of the bucket or a later one is surely in the bucket, without a division. */
  sureEndOf(bucket: number): number {
    return this.from + (bucket + 1 - 1e-9) * this.bucketMs
  }

  endOf(bucket: number): number {
    return bucket === this.last ? this.to : this.from + (bucket + 1) * this.bucketMs
  }
}

/** Adds up one tag's samples, ascending by time; each value is held until the next sample, the last one until `to`. */
export class BucketFold {
  readonly #tag: TagId
  readonly #grid: Grid
  readonly #count: Uint32Array
  readonly #min: Float64Array
  readonly #max: Float64Array
  readonly #sum: Float64Array
  readonly #first: Float64Array
  readonly #last: Float64Array
  /** Value x milliseconds. */
  readonly #integral: Float64Array
  readonly #heldMs: Float64Array
  /** The value that holds, NaN where none does, from `#since` in bucket `#index` on. */
  #held = Number.NaN
  #since: number
  #index = 0

  constructor(tag: TagId, range: Omit<Range, "tags">, buckets: number) {
    this.#tag = tag
    this.#grid = new Grid(range, buckets)
    this.#since = range.from
    this.#count = new Uint32Array(buckets)
    this.#min = new Float64Array(buckets).fill(Number.NaN)
    this.#max = new Float64Array(buckets).fill(Number.NaN)
    this.#sum = new Float64Array(buckets)
    this.#first = new Float64Array(buckets).fill(Number.NaN)
    this.#last = new Float64Array(buckets).fill(Number.NaN)
    this.#integral = new Float64Array(buckets)
    this.#heldMs = new Float64Array(buckets)
  }

  /** What held before the first row. */
  carryIn(before: LastSample | undefined): void {
    if (before !== undefined && isUsable(before.quality)) this.#held = before.value
  }

  /** Rows `first` (in) to `end` (out), all within the interval. */
  add(columns: FoldColumns, first: number, end: number): void {
    for (let row = first; row < end; ) {
      const time = columns.at[row] as number
      this.#holdUntil(time, this.#grid.indexOf(time))
      row = this.#addWithin(columns, row, end)
    }
  }

  /** Rows of one bucket, of which the first is surely one; gives the row after them. */
  #addWithin({ at, value, quality }: FoldColumns, from: number, end: number): number {
    const until = this.#grid.sureEndOf(this.#index)
    const figures = new BucketFigures()
    let held = Number.NaN
    let since = this.#since
    let integral = 0
    let heldMs = 0
    let row = from
    for (let time = since; row < end; row++) {
      if (row > from) {
        time = at[row] as number
        if (!(time < until)) break
        // An infinite value of no time counts for nothing.
        if (!Number.isNaN(held) && time > since) {
          integral += held * (time - since)
          heldMs += time - since
        }
      }
      since = time
      held = isUsable(quality[row] as number) ? (value[row] as number) : Number.NaN
      if (!Number.isNaN(held)) figures.add(held)
    }
    const b = this.#index
    this.#addFigures(b, figures, figures.count)
    this.#integral[b] = (this.#integral[b] as number) + integral
    this.#heldMs[b] = (this.#heldMs[b] as number) + heldMs
    this.#held = held
    this.#since = since
    return row
  }

  /** Takes a chunk's rows, all within the interval, by their summary; false where they lie in more than one bucket. */
  addSummary({ summary, holds }: RecordHead): boolean {
    const { from, to, usable, integral, heldMs, last } = summary
    const b = this.#grid.indexOf(from)
    if (b !== this.#grid.indexOf(to)) return false
    this.#holdUntil(from, b)
    this.#addFigures(b, summary, usable)
    this.#integral[b] = (this.#integral[b] as number) + integral
    this.#heldMs[b] = (this.#heldMs[b] as number) + heldMs
    this.#held = holds ? last : Number.NaN
    this.#since = to
    return true
  }

  /** What is known of the tag changes then, without a sample: `value` holds from there on, NaN where nothing does. */
  carryOn(at: number, value: number): void {
    const time = Math.min(Math.max(at, this.#grid.from), this.#grid.to)
    this.#holdUntil(time, this.#grid.indexOf(time))
    this.#held = value
  }

  /**
   * Stretches of `stepMs` that begin within an interval, in place of its samples, which are gone. Each counts whole in the
   * bucket in which it begins; buckets that are finer stay gaps, since nothing is known of them.
   */
  addRollup(rollup: Rollup, stepMs: number, within: Interval): void {
    if (stepMs > this.#grid.bucketMs * (1 + 1e-9)) return
    const from = Math.max(within.from, this.#grid.from)
    const to = Math.min(within.to, this.#grid.to)
    for (let i = 0; i < rollup.rows; i++) {
      const at = rollup.from[i] as number
      if (at >= from && at < to) this.#addStretch(rollup, i)
    }
  }

  #addStretch(rollup: Rollup, i: number): void {
    const b = this.#grid.indexOf(rollup.from[i] as number)
    this.#integral[b] = (this.#integral[b] as number) + (rollup.integral[i] as number)
    this.#heldMs[b] = (this.#heldMs[b] as number) + (rollup.heldMs[i] as number)
    const figures = {
      min: rollup.min[i] as number,
      max: rollup.max[i] as number,
      sum: rollup.sum[i] as number,
      first: rollup.first[i] as number,
      last: rollup.last[i] as number,
    }
    this.#addFigures(b, figures, rollup.count[i] as number)
  }

  #addFigures(b: number, { min, max, sum, first, last }: Figures, count: number): void {
    if (count === 0) return
    if (this.#count[b] === 0) {
      this.#min[b] = min
      this.#max[b] = max
      this.#first[b] = first
    } else {
      this.#min[b] = Math.min(this.#min[b] as number, min)
      this.#max[b] = Math.max(this.#max[b] as number, max)
    }
    this.#count[b] = (this.#count[b] as number) + count
    this.#sum[b] = (this.#sum[b] as number) + sum
    this.#last[b] = last
  }

  result(): Buckets {
    this.#holdUntil(this.#grid.to, this.#grid.last)
    const { from, bucketMs } = this.#grid
    return {
      tag: this.#tag,
      from,
      bucketMs,
      count: this.#count,
      min: this.#min,
      max: this.#max,
      mean: quotients(this.#sum, this.#count),
      first: this.#first,
      last: this.#last,
      timeMean: quotients(this.#integral, this.#heldMs),
      heldMs: this.#heldMs,
    }
  }

  #holdUntil(time: number, index: number): void {
    const held = this.#held
    if (!Number.isNaN(held)) {
      for (let b = this.#index; b < index; b++) {
        const end = this.#grid.endOf(b)
        this.#hold(b, held, end - this.#since)
        this.#since = end
      }
      this.#hold(index, held, time - this.#since)
    }
    this.#since = time
    this.#index = index
  }

  #hold(b: number, v: number, ms: number): void {
    // Rounded ends of buckets may lie a little behind a time of the next.
    if (ms <= 0) return
    this.#integral[b] = (this.#integral[b] as number) + v * ms
    this.#heldMs[b] = (this.#heldMs[b] as number) + ms
  }
}

function quotients(sums: Float64Array, parts: Float64Array | Uint32Array): Float64Array {
  const found = new Float64Array(sums.length)
  for (let i = 0; i < sums.length; i++) found[i] = (sums[i] as number) / (parts[i] as number)
  return found
}
