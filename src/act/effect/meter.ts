import type { Decision, ExpectedEffect, MeasuredEffect } from "../../decide/decide.ts"
import type { Cycles } from "../../historian/historian.ts"
import type { Clock } from "../../kernel/clock.ts"
import type { Log } from "../../kernel/log.ts"
import type { Cycle } from "../../model/cycle.ts"
import type { Instant } from "../../model/instant.ts"
import type { Plant } from "../../model/plant.ts"
import type { Text } from "../../model/text.ts"
import type { Series } from "./design.ts"
import { type Estimate, estimateEffect } from "./estimate.ts"

export interface EffectMeterOptions {
  readonly cycles: Pick<Cycles, "read">
  readonly plant: Pick<Plant, "devices">
  readonly clock: Clock
  readonly log: Log
}

/** Cycles before the write that say what the process does without it. */
const pastCycles = 150
/** Fewer of them leave nothing to compare with. */
const leastPast = 20
/** How long the window may take, against usual cycles, before the waiting is given up. */
const patience = 3
const leastWaitMs = 30 * 60_000
const pollMs = 5000

const method =
  "Mean of the window against what the cycles before the write would have gone on to; averaged over models of noise and drift, so that a trigger on an extreme is no effect."

/** Waits for the window after an act and measures what the act changed. */
export class EffectMeter {
  readonly #options: EffectMeterOptions

  constructor(options: EffectMeterOptions) {
    this.#options = options
  }

  /** Resolves when the window has passed, or with `not-measurable`; rejects when the signal aborts. */
  async measure(
    decision: Decision,
    act: { readonly at: Instant },
    signal: AbortSignal,
  ): Promise<MeasuredEffect> {
    const { expected } = decision
    if (!expected) return notMeasurable(nothingExpected)
    const field = this.#fieldOf(expected)
    if (field === undefined) return notMeasurable(noField)
    const past = await this.#past(decision, act.at)
    const usual = usualLength(past)
    if (past.length < leastPast || usual === undefined)
      return notMeasurable(tooFewBefore(past.length))
    const after = await this.#window(decision, { act: act.at, expected, usual }, signal)
    if (after.length < expected.settleCycles + expected.windowCycles)
      return notMeasurable(tooFewAfter(after.length))
    const series = seriesOf([...past, ...after], { act: act.at, usual, field })
    const { settleCycles: settle, windowCycles: window } = expected
    const trigger = Math.min(0, (decision.at - act.at) / usual)
    const estimate = estimateEffect(series, { trigger, settle, window })
    return measured({ past, after, field, expected, estimate })
  }

  #fieldOf({ measure }: ExpectedEffect): string | undefined {
    const records = this.#options.plant.devices.flatMap((device) => device.records)
    return records.flatMap((r) => r.fields).find((f) => f.tag === measure)?.name
  }

  async #past({ subject }: Decision, act: Instant): Promise<readonly Cycle[]> {
    const range = {
      equipment: subject,
      from: 0,
      to: act,
      limit: pastCycles,
      newestFirst: true,
    } as const
    const past = await this.#options.cycles.read(range)
    return past.filter(isJudged).toReversed()
  }

  /** The cycles begun after the act, as many as are needed, or as many as there are when patience ends. */
  async #window(
    { subject }: Decision,
    of: { act: Instant; expected: ExpectedEffect; usual: number },
    signal: AbortSignal,
  ): Promise<readonly Cycle[]> {
    const { clock, cycles } = this.#options
    const wanted = of.expected.settleCycles + of.expected.windowCycles
    const deadline = of.act + Math.max(leastWaitMs, patience * wanted * of.usual)
    for (;;) {
      const read = await cycles.read({
        equipment: subject,
        from: of.act,
        to: Number.MAX_SAFE_INTEGER,
      })
      const after = read.filter((cycle) => cycle.end > of.act && isJudged(cycle)).slice(0, wanted)
      if (after.length >= wanted || clock.now() > deadline) return after
      await clock.sleep(Math.max(pollMs, 200 * (clock.speed ?? 1)), signal)
    }
  }
}

/** Trial shots and interrupted warm-ups say nothing about the process as it runs. */
function isJudged(cycle: Cycle): boolean {
  return cycle.verdict !== "trial"
}

function usualLength(cycles: readonly Cycle[]): number | undefined {
  const lengths = cycles.slice(1).map((cycle, i) => cycle.end - (cycles[i]?.end ?? cycle.end))
  const sorted = lengths.filter((ms) => ms > 0).toSorted((a, b) => a - b)
  return sorted[sorted.length >> 1]
}

function seriesOf(
  cycles: readonly Cycle[],
  { act, usual, field }: { act: Instant; usual: number; field: string },
): Series {
  const numberIn = ({ values }: Cycle) => {
    const value = values[field]
    return typeof value === "number" ? value : Number.NaN
  }
  return {
    at: Float64Array.from(cycles, ({ end }) => (end - act) / usual),
    value: Float64Array.from(cycles, numberIn),
    length: Float64Array.from(
      cycles,
      ({ end }, i) => (end - (cycles[i - 1]?.end ?? end - usual)) / usual,
    ),
  }
}

function measured(from: {
  past: readonly Cycle[]
  after: readonly Cycle[]
  field: string
  expected: ExpectedEffect
  estimate: Estimate
}): MeasuredEffect {
  const { past, after, field, expected, estimate } = from
  const { change, low, high } = estimate
  const window = expected.windowCycles
  return {
    state: "measured",
    measure: expected.measure,
    unit: expected.unit,
    ...{ change, low, high },
    before: stretch(past.slice(-window), field),
    after: stretch(after.slice(expected.settleCycles), field),
    proven: (low > 0 || high < 0) && Math.sign(change) === Math.sign(expected.change),
    method,
  }
}

function stretch(cycles: readonly Cycle[], field: string) {
  const numbers = cycles.map(({ values }) => values[field]).filter((v) => typeof v === "number")
  const mean = numbers.reduce((sum, v) => sum + v, 0) / Math.max(1, numbers.length)
  return { from: cycles[0]?.start ?? 0, to: cycles.at(-1)?.end ?? 0, cycles: numbers.length, mean }
}

function notMeasurable(because: Text): MeasuredEffect {
  return { state: "not-measurable", because }
}

const nothingExpected: Text = {
  en: "The decision names no measure that it should change.",
  ko: "이 결정은 바꿀 지표를 정하지 않았습니다.",
}

const noField: Text = {
  en: "The measure stands in no cycle record.",
  ko: "지표가 사이클 기록에 없습니다.",
}

function tooFewBefore(n: number): Text {
  return {
    en: `Only ${n} cycles before the act are known; ${leastPast} are needed to compare with.`,
    ko: `실행 전 사이클이 ${n}회뿐입니다. 비교하려면 ${leastPast}회가 필요합니다.`,
  }
}

function tooFewAfter(n: number): Text {
  return {
    en: `Only ${n} cycles followed the act before the waiting was given up.`,
    ko: `기다린 동안 실행 뒤 사이클이 ${n}회뿐이었습니다.`,
  }
}
