import { isUsable } from "../model/quality.ts"
import type { SampleColumns } from "./chunk.ts"

/**
 * What a chunk's samples amount to, so that a reader of long intervals needs not unpack it. Only usable samples (good
 * or uncertain) whose value is a number count, infinities too; without any, their figures are NaN and the sums 0.
 */
export interface ChunkSummary {
  /** All samples. */
  readonly count: number
  /** Earliest and latest time of all samples. */
  readonly from: number
  readonly to: number
  readonly usable: number
  readonly min: number
  readonly max: number
  /** In the order of the rows. */
  readonly sum: number
  readonly first: number
  readonly firstAt: number
  readonly last: number
  readonly lastAt: number
  /**
   * Sum of value x milliseconds, each usable value held until the next row's time. The last row is held for nothing: who
   * joins chunks adds `last` until the next chunk's `from` where `lastAt` is `to`.
   */
  readonly integral: number
  /** Milliseconds for which a usable value held; `integral / heldMs` is the time-weighted mean. */
  readonly heldMs: number
}

/** Of rows that ascend by time; times that go back make `integral` and `heldMs` meaningless, nothing else. */
export function summarize({ at, value, quality }: SampleColumns): ChunkSummary {
  const count = at.length
  let usable = 0
  let min = Infinity
  let max = -Infinity
  let sum = 0
  let integral = 0
  let heldMs = 0
  let first = -1
  let last = -1
  for (let i = 0; i < count; i++) {
    const v = value[i] as number
    if (!isUsable(quality[i] as number) || Number.isNaN(v)) continue
    if (usable++ === 0) first = i
    last = i
    min = Math.min(min, v)
    max = Math.max(max, v)
    sum += v
    const held = (at[Math.min(i + 1, count - 1)] as number) - (at[i] as number)
    // An infinite value of no time counts for nothing, nor does the last row's.
    if (held === 0) continue
    integral += v * held
    heldMs += held
  }
  const none = Number.NaN
  return {
    count,
    ...reachOf(at),
    usable,
    min: usable > 0 ? min : none,
    max: usable > 0 ? max : none,
    sum,
    first: value[first] ?? none,
    firstAt: at[first] ?? none,
    last: value[last] ?? none,
    lastAt: at[last] ?? none,
    integral,
    heldMs,
  }
}

function reachOf(times: Float64Array): { from: number; to: number } {
  let from = Infinity
  let to = -Infinity
  for (let i = 0; i < times.length; i++) {
    const t = times[i] as number
    if (t < from) from = t
    if (t > to) to = t
  }
  return { from, to }
}
