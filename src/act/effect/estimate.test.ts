// The estimator over processes that are not the twin's, so that nothing is fitted to one simulator.
import assert from "node:assert/strict"
import { test } from "node:test"
import { seededRandom } from "../../kernel/random.ts"
import type { Series } from "./design.ts"
import { type Estimate, estimateEffect } from "./estimate.ts"
import { normalBelow, quantile, studentBelow } from "./student.ts"

/** A made process; sizes in standard deviations of its noise, times in cycles. */
interface Process {
  /** What one cycle keeps of the last one's deviation. */
  readonly keeps: number
  readonly drift?: {
    readonly size: number
    readonly shape: "lag" | "ramp" | "step"
    readonly lasts: number
  }
  readonly effect?: number
}

const [settle, window] = [5, 15]
const sd = 10

/** One trigger, a delay of 1 to 10 cycles, an act, and its window. */
function play({ keeps, drift, effect = 0 }: Process, seed: number) {
  const random = seededRandom(seed).fork("process")
  const started = 150 + 10 * random.next()
  const moved = (i: number) => {
    const since = i - started
    if (!drift || since <= 0) return 0
    if (drift.shape === "step") return drift.size
    const lag = 1 - Math.exp(-since / drift.lasts)
    return drift.size * (drift.shape === "lag" ? lag : Math.min(1, since / drift.lasts))
  }
  let wander = random.normal()
  const values: number[] = []
  const next = () => {
    wander = keeps * wander + Math.sqrt(1 - keeps * keeps) * random.normal()
    values.push(0.95 * wander + 0.3 * random.normal() + moved(values.length))
  }
  while (values.length < 150) next()
  do next()
  while (values.slice(-3).reduce((sum, v) => sum + v, 0) / 3 < 2 && values.length < 3000)
  const fired = values.length - 1
  const write = fired + 1 + 9 * random.next()
  while (values.length < Math.floor(write) + 1 + settle + window) next()
  const done = (i: number) => (i > write ? effect * (1 - Math.exp(-(i - write) / 2.3)) : 0)
  const first = fired - 149
  const at = Float64Array.from({ length: values.length - first }, (_, i) => first + i - write)
  const series: Series = {
    at,
    value: at.map((_, i) => 200 + sd * ((values[first + i] ?? 0) + done(first + i))),
    length: at.map(() => 1),
    resolution: 0.1,
  }
  const counted = [...at].filter((time) => time > 0).slice(settle)
  const truth = counted.reduce((sum, time) => sum + sd * done(time + write), 0) / counted.length
  const estimate = estimateEffect(series, { trigger: fired - write, settle, window })
  return { estimate, truth }
}

function many(process: Process, count: number) {
  const runs = Array.from({ length: count }, (_, i) => play(process, i + 1))
  const share = (of: (run: { estimate: Estimate; truth: number }) => boolean) =>
    (100 * runs.filter(of).length) / count
  return {
    within: share(({ estimate, truth }) => estimate.low <= truth && truth <= estimate.high),
    sign: share(({ estimate, truth }) => Math.sign(estimate.change) === Math.sign(truth)),
    drift: runs.reduce((sum, { estimate }) => sum + estimate.drift, 0) / count,
  }
}

const lag = { size: 12, shape: "lag", lasts: 2.5 } as const

const processes: readonly [string, Process, least: number][] = [
  ["noise that forgets fast", { keeps: 0.5 }, 90],
  ["noise that wanders slowly", { keeps: 0.9 }, 90],
  ["a drift in fast noise", { keeps: 0.5, drift: lag }, 90],
  ["a drift in slow noise", { keeps: 0.9, drift: lag }, 90],
  ["a drift of twice the pace", { keeps: 0.7, drift: { ...lag, lasts: 5 } }, 88],
  [
    "a steady creep over 20 cycles",
    { keeps: 0.7, drift: { size: 12, shape: "ramp", lasts: 20 } },
    80,
  ],
  ["an act after noise", { keeps: 0.8, effect: -5 }, 90],
  ["an act against a drift", { keeps: 0.8, drift: lag, effect: -5 }, 90],
  [
    "an act against a sudden step",
    { keeps: 0.8, drift: { ...lag, shape: "step" }, effect: -5 },
    88,
  ],
]

for (const [name, process, least] of processes)
  test(`The interval contains the truth after ${name}`, (t) => {
    const { within, sign, drift } = many(process, 30)
    t.diagnostic(
      `30 seeds: ${within.toFixed(0)} % within, sign right in ${sign.toFixed(0)} %, drift ${drift.toFixed(2)}`,
    )
    assert.ok(within >= least, `${within} %`)
    if (process.effect) assert.ok(sign >= 90, `sign right in ${sign} %`)
  })

test("A calm process that is not disturbed is told from one that drifts", () => {
  assert.ok(many({ keeps: 0.6 }, 10).drift < 0.1)
  assert.ok(many({ keeps: 0.6, drift: lag }, 10).drift > 0.95)
})

test("A measure that stands still gives no effect instead of nonsense", () => {
  const at = Float64Array.from({ length: 150 }, (_, i) => i - 129.5)
  const still = { at, value: at.map(() => 200), length: at.map(() => 1), resolution: 0.1 }
  const { change, low, high } = estimateEffect(still, { trigger: -3.5, settle, window })
  assert.ok(Math.abs(change) < 0.1 && low <= 0 && high >= 0, `${change}: ${low} to ${high}`)
  assert.ok(high - low < 1)
})

test("Cycles without a value are left out and widen the interval", () => {
  const { series } = whole()
  const full = estimateEffect(series, { trigger: -3.5, settle, window })
  const value = series.value.map((v, i) => (i > 135 && i % 2 === 0 ? Number.NaN : v))
  const holed = estimateEffect({ ...series, value }, { trigger: -3.5, settle, window })
  assert.ok(Number.isFinite(holed.change))
  assert.ok(holed.high - holed.low > full.high - full.low)
})

function whole() {
  const random = seededRandom(4)
  const at = Float64Array.from({ length: 150 }, (_, i) => i - 129.5)
  const value = at.map(() => 200 + random.normal())
  return { series: { at, value, length: at.map(() => 1), resolution: 0.1 } }
}

test("The normal and Student's distribution agree with the tables", () => {
  assert.ok(Math.abs(normalBelow(1.96) - 0.975) < 1e-4)
  assert.ok(Math.abs(studentBelow(2.228, 10) - 0.975) < 1e-3)
  assert.ok(Math.abs(studentBelow(-2.571, 5) - 0.025) < 1e-3)
  const one = [{ weight: 1, mean: 3, scale: 2, degrees: 1e6 }]
  assert.ok(Math.abs(quantile(one, 0.975) - (3 + 2 * 1.96)) < 1e-2)
})
