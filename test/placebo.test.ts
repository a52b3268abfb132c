// A trigger fires on extremes, so that a naive comparison of before and after always "improves". The measured effect
// of a write that never happened must contain 0 as often as its interval promises: 95 times in 100.
import assert from "node:assert/strict"
import { test } from "node:test"
import { estimateEffect } from "../src/act/effect/estimate.ts"
import { comparable, seriesOf, usualLength } from "../src/act/effect/surroundings.ts"
import {
  type Episode,
  type EpisodeOptions,
  episode,
  mean,
  measure,
  settle,
  window,
} from "./support/episode.ts"
import { examplePlant } from "./support/example-plant.ts"

const plant = await examplePlant()

interface Interval {
  readonly change: number
  readonly low: number
  readonly high: number
}

/** As the effect meter does it. */
function measured({ cycles, fired, act }: Episode): Interval {
  const all = cycles.filter((cycle) => cycle.end <= act).slice(-170)
  const usualMs = usualLength(all) ?? 0
  const past = comparable(all, { usualMs, since: Number.NEGATIVE_INFINITY, settle })
  const after = cycles.filter((cycle) => cycle.end > act)
  const around = { past, after, act, usualMs, field: measure, settle, resolution: 0.1 }
  const series = seriesOf(around)
  const trigger = series.at[past.findLastIndex((cycle) => cycle.end <= fired)] ?? 0
  return estimateEffect(series, { trigger, settle, window })
}

/** What a spreadsheet says: the last cycles before the act against the window, each cycle taken as independent. */
function naive({ cycles, act }: Episode): Interval {
  const values = (side: readonly { values: Episode["cycles"][number]["values"] }[]) =>
    side.map((cycle) => Number(cycle.values[measure]))
  const before = values(cycles.filter((cycle) => cycle.end <= act).slice(-5))
  const after = values(cycles.filter((cycle) => cycle.end > act).slice(settle))
  const variance = (of: readonly number[]) =>
    mean(of.map((v) => (v - mean(of)) ** 2)) / (of.length - 1)
  const change = mean(after) - mean(before)
  const half = 2.1 * Math.sqrt(variance(before) + variance(after))
  return { change, low: change - half, high: change + half }
}

function run(count: number, options: Omit<EpisodeOptions, "seed">): readonly Episode[] {
  const seeds = Array.from({ length: count }, (_, i) => i + 1)
  return seeds
    .map((seed) => episode(plant, { ...options, seed }))
    .filter((one) => one !== undefined)
}

/** Share of the intervals that contain the truth, in per cent. */
function coverage(episodes: readonly Episode[], how: (of: Episode) => Interval): number {
  const within = episodes.filter((one) => {
    const { low, high } = how(one)
    return low <= one.truth && one.truth <= high
  })
  return (100 * within.length) / episodes.length
}

for (const [trigger, name] of [
  ["extreme", "a trigger that fires on noise"],
  ["clog", "a clogged cooling that the drift detector found"],
] as const)
  test(`After ${name}, a suppressed write shows no effect in 92 to 98 of 100 seeds; a naive comparison does`, (t) => {
    const episodes = run(200, { trigger, write: "suppressed" })
    assert.ok(episodes.length >= 190, `only ${episodes.length} of 200 seeds fired`)
    assert.ok(episodes.every(({ truth }) => truth === 0))
    const ours = coverage(episodes, measured)
    const spreadsheet = coverage(episodes, naive)
    t.diagnostic(
      `${episodes.length} seeds (1 to 200): 0 within the interval in ${ours.toFixed(1)} %, naively in ${spreadsheet.toFixed(1)} %`,
    )
    assert.ok(ours >= 92 && ours <= 98, `${ours.toFixed(1)} %`)
    assert.ok(spreadsheet < 92, `the naive comparison passes with ${spreadsheet.toFixed(1)} %`)
  })

test("A write that was done shows the right sign, and the interval contains what it really changed", (t) => {
  const episodes = run(100, { trigger: "clog", write: "done" })
  const results = episodes.map((one) => ({ ...measured(one), truth: one.truth }))
  const right = results.filter(({ change, truth }) => Math.sign(change) === Math.sign(truth))
  const sign = (100 * right.length) / results.length
  const within =
    (100 * results.filter(({ low, high, truth }) => low <= truth && truth <= high).length) /
    results.length
  const proven = results.filter(({ low, high }) => low > 0 || high < 0).length
  const truth = mean(results.map((result) => result.truth))
  t.diagnostic(
    `${results.length} seeds: true change ${truth.toFixed(1)} Cel on average; sign right in ${sign.toFixed(1)} %, within the interval in ${within.toFixed(1)} %, proven in ${((100 * proven) / results.length).toFixed(1)} %`,
  )
  assert.ok(results.length >= 95)
  assert.ok(truth < -5 && truth > -30, `${truth}`)
  assert.ok(sign >= 95, `${sign.toFixed(1)} %`)
  assert.ok(within >= 90, `${within.toFixed(1)} %`)
})
