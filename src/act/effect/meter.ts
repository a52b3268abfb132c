import type { Decision, ExpectedEffect, MeasuredEffect } from "../../decide/decide.ts"
import type { History } from "../../historian/historian.ts"
import type { Clock } from "../../kernel/clock.ts"
import type { Log } from "../../kernel/log.ts"
import type { Cycle } from "../../model/cycle.ts"
import type { Instant } from "../../model/instant.ts"
import type { Plant } from "../../model/plant.ts"
import { isUsable } from "../../model/quality.ts"
import type { TagId } from "../../model/tag.ts"
import type { Text } from "../../model/text.ts"
import type { Namespace } from "../../namespace/namespace.ts"
import { estimateEffect } from "./estimate.ts"
import { because, methodOf } from "./says.ts"
import {
  comparable,
  countOf,
  measureOf,
  type Surroundings,
  seriesOf,
  usualLength,
} from "./surroundings.ts"

export interface EffectMeterOptions {
  readonly history: Pick<History, "read" | "align"> & {
    readonly cycles: Pick<History["cycles"], "read">
  }
  readonly namespace: Pick<Namespace, "idOf">
  readonly plant: Pick<Plant, "devices" | "tags">
  readonly clock: Clock
  readonly log: Log
}

/** Cycles before the write that say what the process does without it. */
const pastCycles = 170
/** Fewer of them before the trigger don't show how the process wanders. */
const leastPast = 50
/** How long the window may take, against usual cycles, before the waiting is given up. */
const patience = 3
const leastWaitMs = 30 * 60_000
const pollMs = 5000
const dayMs = 86_400_000
const lookBacksMs = [dayMs / 24, dayMs, 30 * dayMs, 3650 * dayMs]

interface Act {
  readonly decision: Decision
  readonly at: Instant
  readonly expected: ExpectedEffect
  readonly signal: AbortSignal
}

/** Waits for the window after an act and measures what the act changed. Nothing is kept: after a restart ask again. */
export class EffectMeter {
  readonly #options: EffectMeterOptions
  readonly #log: Log

  constructor(options: EffectMeterOptions) {
    this.#options = options
    this.#log = options.log.of("effect")
  }

  /** Resolves when the window has passed, or with `not-measurable`; rejects when the signal aborts. */
  async measure(
    decision: Decision,
    { at }: { readonly at: Instant },
    signal: AbortSignal,
  ): Promise<MeasuredEffect> {
    const { expected } = decision
    if (!expected) return notMeasurable(because.nothingExpected)
    const act: Act = { decision, at, expected, signal }
    const around = await this.#surroundings(act)
    if ("en" in around) return notMeasurable(around)
    return this.#estimate(act, around)
  }

  #estimate({ decision, expected }: Act, around: Surroundings): MeasuredEffect {
    const { past, after, field } = around
    const { settleCycles: settle, windowCycles: window } = expected
    const series = seriesOf(around)
    const fired = past.findLastIndex((cycle) => cycle.end <= triggerOf(decision))
    const calm = countOf(series.value.slice(0, fired + 1))
    if (calm < leastPast) return notMeasurable(because.tooFewBefore(calm, leastPast))
    const counted = countOf(series.value.slice(past.length + settle))
    if (counted < Math.ceil(window / 2)) return notMeasurable(because.tooFewAfter(counted))
    const trigger = Math.min(0, series.at[fired] ?? 0)
    const { change, low, high, drift } = estimateEffect(series, { trigger, settle, window })
    this.#log.info("an effect was measured", { decision: decision.id, change, low, high, drift })
    return {
      state: "measured",
      measure: expected.measure,
      unit: expected.unit,
      ...{ change, low, high },
      before: stretch(past.slice(-window), field),
      after: stretch(after.slice(settle), field),
      proven: (low > 0 || high < 0) && Math.sign(change) === Math.sign(expected.change),
      method: methodOf({ counted, settle, past: past.length, drift }),
    }
  }

  /** Waits for what is needed; a text says what is missing for good. */
  async #surroundings(act: Act): Promise<Surroundings | Text> {
    const { plant } = this.#options
    const { measure, settleCycles: settle } = act.expected
    const records = plant.devices.flatMap((device) => device.records)
    const field = records.flatMap((record) => record.fields).find((f) => f.tag === measure)?.name
    if (field === undefined) return because.noField
    const all = await this.#past(act)
    const usualMs = usualLength(all)
    if (usualMs === undefined) return because.tooFewBefore(all.length, leastPast)
    const after = await this.#window(act, usualMs)
    const changes = await this.#changes(act, all[0]?.end ?? act.at)
    const own = usualMs / 2
    const earlier = changes.findLast((at) => at < act.at - own) ?? Number.NEGATIVE_INFINITY
    const later = changes.find((at) => at > act.at + own) ?? Number.POSITIVE_INFINITY
    const since = earlier + settle * usualMs
    const decimals = plant.tags.find(({ path }) => path === measure)?.decimals
    const around: Surroundings = {
      past: comparable(all, { usualMs, since, settle }),
      after: after.filter(({ end, tool }) => end <= later && tool === all.at(-1)?.tool),
      resolution: decimals === undefined ? 0 : 10 ** -decimals,
      ...{ act: act.at, usualMs, field, settle },
    }
    return around.after.length < after.length && around.after.length <= settle
      ? because.changedAgain
      : around
  }

  async #past({ decision, at }: Act): Promise<readonly Cycle[]> {
    const newest = await this.#options.history.cycles.read({
      equipment: decision.subject,
      from: 0,
      to: at,
      limit: pastCycles,
      newestFirst: true,
    })
    return newest.toReversed()
  }

  /** The cycles ended after the act, as many as are needed, or as many as there are when patience ends. */
  async #window(
    { decision, at, expected, signal }: Act,
    usualMs: number,
  ): Promise<readonly Cycle[]> {
    const { clock, history } = this.#options
    const wanted = expected.settleCycles + expected.windowCycles
    const deadline = at + Math.max(leastWaitMs, patience * wanted * usualMs)
    const range = { equipment: decision.subject, from: at, to: Number.MAX_SAFE_INTEGER }
    for (;;) {
      const read = await history.cycles.read({ ...range, limit: wanted })
      if (read.length >= wanted || clock.now() > deadline) return read
      await clock.sleep(Math.max(pollMs, 200 * (clock.speed ?? 1)), signal)
    }
  }

  /** When the set points of the decision were changed, by whomever. */
  async #changes({ decision, signal }: Act, from: Instant): Promise<readonly Instant[]> {
    const { history, namespace } = this.#options
    const writes = "writes" in decision.body ? decision.body.writes : []
    const tags = writes.map(({ target }) => namespace.idOf(target)).filter((id) => id !== undefined)
    const held = await this.#heldAt(tags, from, signal)
    const changes: Instant[] = []
    const range = { tags, from, to: Number.MAX_SAFE_INTEGER }
    for await (const { length, tag, at, value, quality } of history.read(range, signal)) {
      for (let i = 0; i < length; i++) {
        if (!isUsable(quality[i] ?? 0)) continue
        const id = tag[i] ?? 0
        if (held.has(id) && held.get(id) !== value[i]) changes.push(at[i] ?? 0)
        held.set(id, value[i] ?? 0)
      }
    }
    return changes.sort((a, b) => a - b)
  }

  /** What the tags held at a time. Looks further back only for what is sampled seldom, so that little is read. */
  async #heldAt(
    tags: readonly TagId[],
    at: Instant,
    signal: AbortSignal,
  ): Promise<Map<TagId, number>> {
    const held = new Map<TagId, number>()
    for (const holdMs of lookBacksMs) {
      const range = { tags: tags.filter((tag) => !held.has(tag)), from: at, to: at + 1 }
      if (range.tags.length === 0) break
      for await (const { values } of this.#options.history.align(range, 1, { holdMs }, signal))
        for (const [i, tag] of range.tags.entries()) {
          const value = values[i]?.[0] ?? Number.NaN
          if (!Number.isNaN(value)) held.set(tag, value)
        }
    }
    return held
  }
}

/** The end of the cycle that fired: the last of the evidence. */
function triggerOf({ because: evidence, at }: Decision): Instant {
  const ends = evidence.map(({ to }) => to).filter((to) => to <= at)
  return ends.length > 0 ? Math.max(...ends) : at
}

function stretch(cycles: readonly Cycle[], field: string) {
  const numbers = cycles.map((cycle) => measureOf(cycle, field)).filter((v) => !Number.isNaN(v))
  const mean = numbers.reduce((sum, v) => sum + v, 0) / Math.max(1, numbers.length)
  return { from: cycles[0]?.start ?? 0, to: cycles.at(-1)?.end ?? 0, cycles: numbers.length, mean }
}

function notMeasurable(text: Text): MeasuredEffect {
  return { state: "not-measurable", because: text }
}
