import type { Block, SourceId } from "../model/block.ts"
import type { Cycle } from "../model/cycle.ts"
import type { Instant } from "../model/instant.ts"
import type { Path } from "../model/path.ts"
import type { Quality } from "../model/quality.ts"
import type { TagId } from "../model/tag.ts"

/** `from` is in, `to` is out. */
export interface Range {
  readonly tags: readonly TagId[]
  readonly from: Instant
  readonly to: Instant
}

/**
 * Samples of one tag as they are read back. Its rows come from any source and count on in none, so each says its own
 * number; `source` and `sequence` are the first row's. `received` is not kept: NaN.
 */
export interface StoredBlock extends Block {
  /** The source of row i is `sources[origin[i]]`. */
  readonly sources: readonly SourceId[]
  readonly origin: Uint32Array
  /** The row's number in its source's count. */
  readonly number: Float64Array
}

/**
 * One tag's interval in equal buckets, as columns. Usable samples whose value is a number count (NaN does not); a
 * bucket without any has count 0 and NaN.
 */
export interface Buckets {
  readonly tag: TagId
  readonly from: Instant
  readonly bucketMs: number
  readonly count: Uint32Array
  readonly min: Float64Array
  readonly max: Float64Array
  readonly mean: Float64Array
  readonly first: Float64Array
  readonly last: Float64Array
  /**
   * Time-weighted: each usable value held until the tag's next sample, a value from before the interval too; a bad
   * sample ends it, and so does NaN. The last value holds to the interval's end: who asks beyond the plant's now must
   * not. NaN where nothing held.
   */
  readonly timeMean: Float64Array
  /** Milliseconds of the bucket for which a usable value held. */
  readonly heldMs: Float64Array
}

/** For how long a discrete tag stood at each of its values: `ms[i]` belongs to `values[i]`, a number for each bucket. */
export interface Durations {
  readonly tag: TagId
  readonly from: Instant
  readonly bucketMs: number
  /** Ascending; a text's id in the tag's dictionary. */
  readonly values: readonly number[]
  readonly ms: readonly Float64Array[]
  /** Milliseconds of each bucket of which nothing usable is known. */
  readonly unknownMs: Float64Array
}

/** A tag's newest sample by its time. */
export interface LastSample {
  readonly at: Instant
  readonly value: number
  readonly quality: Quality
}

/**
 * Many tags on one grid: `values[i]` belongs to `tags[i]`. At each step stands the tag's last sample until then; NaN
 * where there is none, where it is older than `holdMs` and where it is bad.
 */
export interface Frame {
  readonly at: Float64Array
  readonly values: readonly Float64Array[]
}

export interface AlignOptions {
  /** A tag's last value holds for at most this long; after it the frame shows a gap. */
  readonly holdMs: number
  /**
   * Default `step`. `linear`: between two usable samples at most `holdMs` apart stands their straight line, on a usable
   * sample its value; anything else is a gap.
   */
  readonly between?: "step" | "linear"
}

/** What every store of samples gives, from one file to a cluster. */
export interface History {
  /**
   * Durable (fsynced) when it resolves: the block's rows and the cycles together or neither. A row already there
   * (same tag, time, source and number) is replaced, not doubled; other rows of the same tag and time stay.
   */
  append(block: Block, cycles?: readonly Cycle[]): Promise<void>
  /**
   * Ascending by time within each tag, tag after tag; within one time by source (in the order in which the history met
   * them) and number. Blocks of some thousand rows, never an empty one.
   */
  read(range: Range, signal: AbortSignal): AsyncIterable<StoredBlock>
  /** One result a tag. Only usable (good, uncertain) samples count; late ones are in their place. */
  aggregate(range: Range, buckets: number, signal: AbortSignal): AsyncIterable<Buckets>
  /** Steps from `from` on, `stepMs` apart, in frames of at most some thousand steps. */
  align(
    range: Range,
    stepMs: number,
    options: AlignOptions,
    signal: AbortSignal,
  ): AsyncIterable<Frame>
  /**
   * One result a tag: for states, switches and texts. A value holds as for `Buckets.timeMean`. Throws `request-invalid`
   * for a tag of more than 1,000 values.
   */
  durations(range: Range, buckets: number, signal: AbortSignal): AsyncIterable<Durations>
  /** From memory; undefined where a tag has none. After a start it is known again once this resolved. */
  latest(tags: readonly TagId[]): Promise<readonly (LastSample | undefined)[]>
  /** Removes samples older than this; intervals under `keep` (evidence of the ledger) stay. */
  forget(before: Instant, keep?: readonly Range[]): Promise<void>
  readonly cycles: Cycles
  /** Samples kept, by counting; for `doctor` and tests. */
  count(): Promise<number>
}

export interface CycleRange {
  readonly equipment?: Path
  readonly from: Instant
  /** Out; both by the cycle's end. */
  readonly to: Instant
  readonly limit?: number
  /** Default: oldest first. */
  readonly newestFirst?: true
}

/** Cycles, kept as records beside their samples. */
export interface Cycles {
  read(range: CycleRange): Promise<readonly Cycle[]>
  count(range: CycleRange): Promise<number>
  /** The last durable number of a source, from which its buffer is resumed; 0 where none is. */
  lastSequence(source: SourceId): Promise<number>
  /** The last durable row number of a source's count; -1 where none is. */
  lastRow(source: SourceId): Promise<number>
}
