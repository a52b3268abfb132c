import type { Instant } from "../../model/instant.ts"
import type { KnownState, StateSpan } from "../state.ts"

export interface StateSample {
  readonly at: Instant
  readonly state: KnownState
}

/**
 * Spans without holes from samples in the order of time. A sample holds until the next one, but no longer than
 * `holdMs`: what comes after it, as what stands before the first one, is unknown.
 */
export function foldStates(
  samples: Iterable<StateSample>,
  range: { from: Instant; to: Instant; holdMs: number },
): readonly StateSpan[] {
  const { from, to, holdMs } = range
  const spans: StateSpan[] = []
  const add = (state: KnownState, start: Instant, end: Instant) => {
    const a = Math.max(start, from)
    const b = Math.min(end, to)
    if (b <= a) return
    const last = spans.at(-1)
    if (last?.state === state) spans[spans.length - 1] = { ...last, to: b }
    else spans.push({ from: a, to: b, state })
  }
  let held: StateSample = { at: Number.NEGATIVE_INFINITY, state: "unknown" }
  const until = (end: Instant) => {
    const lasts = held.state === "unknown" ? end : Math.min(end, held.at + holdMs)
    add(held.state, held.at, lasts)
    add("unknown", lasts, end)
  }
  for (const sample of samples) {
    if (sample.at >= to) break
    until(sample.at)
    held = sample
  }
  until(to)
  return spans
}
