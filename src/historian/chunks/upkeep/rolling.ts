import type { TagId } from "../../../model/tag.ts"
import type { FoldColumns } from "../../buckets.ts"
import type { Interval } from "../../forget.ts"
import type { LastSample } from "../../historian.ts"
import type { Fold } from "../reader/tag-fold.ts"
import { minuteMs, RollFold, SpanFold } from "./roll.ts"
import type { Rollups } from "./rollups.ts"
import { heldBefore } from "./tiered.ts"

/** One interval of a tag's samples as it is rolled up into minutes. */
export class Rolling implements Fold {
  readonly #rollups: Rollups
  readonly #tag: TagId
  readonly #interval: Interval
  numbers: RollFold
  spans: SpanFold
  /** For samples that come when those beside them are summaries already. */
  readonly late: RollFold
  samples = 0

  constructor(rollups: Rollups, tag: TagId, interval: Interval) {
    this.#rollups = rollups
    this.#tag = tag
    this.#interval = interval
    this.numbers = new RollFold(minuteMs, interval.from, Number.NaN)
    this.spans = new SpanFold(minuteMs, interval.from, Number.NaN)
    this.late = new RollFold(minuteMs, interval.from, Number.NaN)
  }

  carryIn(sample: LastSample | undefined): void {
    const { from } = this.#interval
    const carry = heldBefore(this.#rollups, { tag: this.#tag, from }, sample)
    this.numbers = new RollFold(minuteMs, from, carry)
    this.spans = new SpanFold(minuteMs, from, carry)
  }

  add(columns: FoldColumns, first: number, end: number): void {
    this.numbers.add(columns, first, end)
    this.spans.add(columns, first, end)
    this.late.addAlone(columns, first, end)
    this.samples += end - first
  }

  addSummary(): boolean {
    return false
  }

  get carry(): number {
    return this.numbers.carry
  }

  end(): void {
    this.numbers.holdUntil(this.#interval.to)
    this.spans.holdUntil(this.#interval.to)
  }
}
