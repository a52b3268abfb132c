import type { RecordHead } from "../codec/chunk-record.ts"
import type { Spans } from "../codec/rollup.ts"
import { Problem } from "../model/problem.ts"
import { isUsable } from "../model/quality.ts"
import type { TagId } from "../model/tag.ts"
import { type FoldColumns, Grid } from "./buckets.ts"
import type { Interval } from "./forget.ts"
import type { Durations, LastSample, Range } from "./historian.ts"
import type { TagSamples } from "./tag-samples.ts"

/** A tag with more values than this is none of states. */
export const mostStates = 1000

/** One result a tag. Throws `request-invalid` where one takes more than `mostStates` values. */
export async function* durationsOfTags(
  samples: TagSamples,
  wanted: { readonly range: Range; readonly buckets: number },
  signal: AbortSignal,
): AsyncGenerator<Durations> {
  const { tags, from, to } = wanted.range
  for (const tag of tags) {
    const fold = new DurationFold(tag, wanted.range, wanted.buckets)
    fold.carryIn(await samples.before(tag, from, signal))
    for await (const { length, at, value, quality } of samples.read({ tag, from, to }, signal))
      fold.add({ at, value, quality }, 0, length)
    yield fold.result()
  }
}

/** Adds up how long one tag stood at each value; samples as for `BucketFold`. */
export class DurationFold {
  readonly #tag: TagId
  readonly #grid: Grid
  readonly #buckets: number
  readonly #ms = new Map<number, Float64Array>()
  readonly #unknownMs: Float64Array
  /** NaN where nothing usable is known. */
  #held = Number.NaN
  #since: number
  #index = 0

  constructor(tag: TagId, range: Omit<Range, "tags">, buckets: number) {
    this.#tag = tag
    this.#grid = new Grid(range, buckets)
    this.#buckets = buckets
    this.#unknownMs = new Float64Array(buckets)
    this.#since = range.from
  }

  carryIn(before: LastSample | undefined): void {
    if (before !== undefined && isUsable(before.quality)) this.#held = before.value
  }

  add({ at, value, quality }: FoldColumns, first: number, end: number): void {
    for (let row = first; row < end; row++) {
      const v = isUsable(quality[row] as number) ? (value[row] as number) : Number.NaN
      if (v === this.#held) continue
      this.#holdUntil(at[row] as number)
      this.#held = v
    }
  }

  /** Takes a chunk's rows by their summary; false where they have more than one value. */
  addSummary({ summary: { from, count, usable, min, max } }: RecordHead): boolean {
    const v = usable === 0 ? Number.NaN : min
    if (usable > 0 && (usable < count || min !== max)) return false
    if (v === this.#held) return true
    this.#holdUntil(from)
    this.#held = v
    return true
  }

  /** As `BucketFold.carryOn`. */
  carryOn(at: number, value: number): void {
    this.#holdUntil(Math.min(Math.max(at, this.#grid.from), this.#grid.to))
    this.#held = value
  }

  /** As `BucketFold.addRollup`; `carryOn` has passed the interval before. */
  addSpans({ rows, from, value, ms }: Spans, stepMs: number, within: Interval): void {
    if (stepMs > this.#grid.bucketMs * (1 + 1e-9)) return
    const first = Math.max(within.from, this.#grid.from)
    const end = Math.min(within.to, this.#grid.to)
    for (let i = 0; i < rows; i++) {
      const at = from[i] as number
      if (at >= first && at < end)
        this.#addSpan(this.#grid.indexOf(at), value[i] as number, ms[i] as number)
    }
  }

  #addSpan(b: number, value: number, ms: number): void {
    const column = this.#columnOf(value, Infinity)
    column[b] = (column[b] as number) + ms
    // A stretch may reach a little into the next bucket.
    this.#unknownMs[b] = Math.max(0, (this.#unknownMs[b] as number) - ms)
  }

  result(): Durations {
    this.#holdUntil(this.#grid.to)
    const { from, bucketMs } = this.#grid
    const values = [...this.#ms.keys()].sort((a, b) => a - b)
    const ms = values.map((value) => this.#ms.get(value) as Float64Array)
    return { tag: this.#tag, from, bucketMs, values, ms, unknownMs: this.#unknownMs }
  }

  #holdUntil(time: number): void {
    const ms = this.#columnOf(this.#held, time)
    const index = time === this.#grid.to ? this.#grid.last : this.#grid.indexOf(time)
    for (let b = this.#index; b < index; b++) {
      const end = this.#grid.endOf(b)
      ms[b] = (ms[b] ?? 0) + Math.max(0, end - this.#since)
      this.#since = end
    }
    ms[index] = (ms[index] ?? 0) + Math.max(0, time - this.#since)
    this.#since = time
    this.#index = index
  }

  /** A value that stood for no time gets no column. */
  #columnOf(value: number, until: number): Float64Array {
    if (Number.isNaN(value)) return this.#unknownMs
    const known = this.#ms.get(value)
    if (known) return known
    const column = new Float64Array(this.#buckets)
    if (until <= this.#since) return column
    if (this.#ms.size === mostStates) {
      const what = `takes more than ${mostStates} values, expected a state, a switch or a text`
      throw new Problem("request-invalid", `tag ${this.#tag}`, what)
    }
    this.#ms.set(value, column)
    return column
  }
}
