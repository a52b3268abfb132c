import type { RecordHead } from "../../../codec/chunk-record.ts"
import { nextTurn } from "../../../kernel/turn.ts"
import { isUsable } from "../../../model/quality.ts"
import type { TagId } from "../../../model/tag.ts"
import { BucketFold, type FoldColumns } from "../../buckets.ts"
import { DurationFold } from "../../durations.ts"
import type { Buckets, Durations, LastSample, Range } from "../../historian.ts"
import type { TagRange } from "../../tag-samples.ts"
import type { Fold } from "../reader/tag-fold.ts"
import { hourMs, minuteMs } from "./roll.ts"
import type { Retired, RollupFile } from "./rollup-file.ts"
import type { Rollups } from "./rollups.ts"

/** Hands an interval of a tag's samples to a fold, with what held before it. */
export interface FoldsSamples {
  fold(fold: Fold, range: TagRange, signal: AbortSignal): Promise<void>
}

const steps = [minuteMs, hourMs]

/** Buckets and durations over samples, and over summaries where samples are gone. */
export class TieredReader {
  readonly #samples: FoldsSamples
  readonly #rollups: Rollups

  constructor(samples: FoldsSamples, rollups: Rollups) {
    this.#samples = samples
    this.#rollups = rollups
  }

  async *aggregate(range: Range, buckets: number, signal: AbortSignal): AsyncGenerator<Buckets> {
    for (const tag of range.tags) {
      const fold = new BucketFold(tag, range, buckets)
      await this.#fold(fold, { ...range, tag }, signal, (file, stepMs, within) => {
        for (const rollup of file.rollups(tag, stepMs)) fold.addRollup(rollup, stepMs, within)
      })
      yield fold.result()
    }
  }

  /** Nothing is known of stretches of a tag that took more values than a state has. */
  async *durations(range: Range, buckets: number, signal: AbortSignal): AsyncGenerator<Durations> {
    for (const tag of range.tags) {
      const fold = new DurationFold(tag, range, buckets)
      await this.#fold(fold, { ...range, tag }, signal, (file, stepMs, within) => {
        for (const spans of file.spans(tag, stepMs)) fold.addSpans(spans, stepMs, within)
      })
      yield fold.result()
    }
  }

  async #fold(
    fold: BucketFold | DurationFold,
    { tag, from, to }: TagRange,
    signal: AbortSignal,
    summaries: (file: RollupFile, stepMs: number, within: Retired) => void,
  ): Promise<void> {
    let at = from
    let before: Before | undefined = (sample) => heldBefore(this.#rollups, { tag, from }, sample)
    for (const one of this.#rollups.retired(tag, from, to)) {
      if (one.from > at) await this.#raw(fold, before, { tag, from: at, to: one.from }, signal)
      fold.carryOn(one.from, Number.NaN)
      fold.carryOn(one.to, one.carry)
      const file = this.#rollups.of(one.start)
      if (file) for (const stepMs of steps) summaries(file, stepMs, one)
      at = one.to
      before = undefined
      await nextTurn()
      signal.throwIfAborted()
    }
    if (at < to) await this.#raw(fold, before, { tag, from: at, to }, signal)
  }

  #raw(
    fold: BucketFold | DurationFold,
    before: Before | undefined,
    range: TagRange,
    signal: AbortSignal,
  ): Promise<void> {
    return this.#samples.fold(new Piece(fold, before), range, signal)
  }
}

/**
 * The value that held of a tag before an instant, NaN where none did: of the last sample before, or of what a stretch
 * without samples ended with after it.
 */
export function heldBefore(
  rollups: Rollups,
  { tag, from }: { readonly tag: TagId; readonly from: number },
  sample: LastSample | undefined,
): number {
  const after = sample?.at ?? Number.NEGATIVE_INFINITY
  const retired = rollups.before(tag, from, after)
  if (retired && retired.to > after) return retired.carry
  return sample && isUsable(sample.quality) ? sample.value : Number.NaN
}

/** A piece of an interval: what holds at its beginning is known where another piece went before. */
class Piece implements Fold {
  readonly #fold: BucketFold | DurationFold
  readonly #before: Before | undefined

  constructor(fold: BucketFold | DurationFold, before: Before | undefined) {
    this.#fold = fold
    this.#before = before
  }

  carryIn(sample: LastSample | undefined): void {
    if (this.#before) this.#fold.carryOn(Number.NEGATIVE_INFINITY, this.#before(sample))
  }

  add(columns: FoldColumns, first: number, end: number): void {
    this.#fold.add(columns, first, end)
  }

  addSummary(head: RecordHead): boolean {
    return this.#fold.addSummary(head)
  }
}

type Before = (sample: LastSample | undefined) => number
