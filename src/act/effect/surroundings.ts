import type { Cycle } from "../../model/cycle.ts"
import type { Instant } from "../../model/instant.ts"
import type { Series } from "./design.ts"

/** A pause of so many usual cycles disturbs the ones after it; after the longer one the machine begins anew. */
const longPause = 3
const anew = 30
/** A cold machine takes so many times as long to settle as after a change of a set point. */
const warmUp = 3

/** Cycles around a write, oldest first, and what is known of them. */
export interface Surroundings {
  readonly past: readonly Cycle[]
  readonly after: readonly Cycle[]
  readonly act: Instant
  readonly usualMs: number
  readonly field: string
  /** Cycles that the machine takes to settle. */
  readonly settle: number
  /** Step in which the measure is recorded. */
  readonly resolution: number
}

/** Median time from the end of one cycle to the end of the next. */
export function usualLength(cycles: readonly Cycle[]): number | undefined {
  const lengths = cycles.slice(1).map((cycle, i) => cycle.end - (cycles[i]?.end ?? cycle.end))
  const sorted = lengths.filter((ms) => ms > 0).toSorted((a, b) => a - b)
  return sorted[sorted.length >> 1]
}

/**
 * The cycles that can be compared with those around the act: the same tool, after `since`, and not while the machine
 * warms up after a new start, which shows as a long pause, as trial shots, or as the first cycles there are.
 */
export function comparable(
  past: readonly Cycle[],
  of: { readonly usualMs: number; readonly since: Instant; readonly settle: number },
): readonly Cycle[] {
  const last = past.at(-1)
  const started = past.findLastIndex((cycle, i) => {
    const pause = cycle.end - (past[i - 1]?.end ?? Number.NEGATIVE_INFINITY)
    return cycle.tool !== last?.tool || cycle.verdict === "trial" || pause > anew * of.usualMs
  })
  const settled = past.findLastIndex((cycle) => cycle.end <= of.since)
  return past.slice(Math.max(started + warmUp * of.settle, settled + 1))
}

export function seriesOf({
  past,
  after,
  act,
  usualMs,
  field,
  settle,
  ...rest
}: Surroundings): Series {
  const cycles = [...past, ...after]
  const length = cycles.map(({ end }, i) => (end - (cycles[i - 1]?.end ?? end - usualMs)) / usualMs)
  const begun = past.at(-1)?.end ?? act - usualMs
  const ended = after[0]?.end ?? act
  // The cycle in which the write fell counts as far as it came after it.
  const share = Math.min(1, Math.max(0.01, (ended - act) / Math.max(1, ended - begun)))
  let disturbed = 0
  const value = cycles.map((cycle, i) => {
    disturbed = (length[i] ?? 1) > longPause ? settle : Math.max(0, disturbed - 1)
    return disturbed > 0 ? Number.NaN : measureOf(cycle, field)
  })
  return {
    at: Float64Array.from(cycles, (_, i) => i - past.length + share),
    value: Float64Array.from(value),
    length: Float64Array.from(length),
    resolution: rest.resolution,
  }
}

/** NaN for trial shots, which say nothing about the process as it runs, and for what has no number. */
export function measureOf({ values, verdict }: Cycle, field: string): number {
  const value = values[field]
  return typeof value === "number" && verdict !== "trial" ? value : Number.NaN
}

export function countOf(values: Iterable<number>): number {
  let count = 0
  for (const value of values) if (!Number.isNaN(value)) count++
  return count
}
