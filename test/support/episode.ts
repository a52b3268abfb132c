import { drift } from "../../src/analyse/drift/drift.ts"
import type { Finding } from "../../src/analyse/finding.ts"
import { type Place, placeOf } from "../../src/analyse/place.ts"
import { cycleOf } from "../../src/connect/cycles.ts"
import { cooling } from "../../src/decide/cooling/cooling.ts"
import type { DecisionDraft } from "../../src/decide/decide.ts"
import { seededRandom } from "../../src/kernel/random.ts"
import { sourceId } from "../../src/model/block.ts"
import type { Cycle } from "../../src/model/cycle.ts"
import type { Instant } from "../../src/model/instant.ts"
import { parsePath } from "../../src/model/path.ts"
import type { Plant } from "../../src/model/plant.ts"
import { quality } from "../../src/model/quality.ts"
import type { Values } from "../../src/namespace/namespace.ts"
import { DieCasting } from "../../src/twin/machines/die-casting/die-casting.ts"

export interface EpisodeOptions {
  readonly seed: number
  /** `extreme`: nothing is wrong, a sensitive trigger fires on noise; `clog`: the drift detector finds a clogged channel. */
  readonly trigger: "extreme" | "clog"
  readonly write: "suppressed" | "done"
}

/** One act on the twin, from trigger to the end of the window, with the truth beside it. */
export interface Episode {
  readonly cycles: readonly Cycle[]
  readonly fired: Instant
  /** Write, or the moment at which it was suppressed: 1 to 10 cycles after the trigger. */
  readonly act: Instant
  /** Mean over the window against a run with the same chances and without the write. */
  readonly truth: number
}

export const measure = "die-temperature-upper-1"
export const settle = 5
export const window = 15
const usualMs = 121_000
const equipment = parsePath("hwaseong/casting/line-1/dc-1")
/** Cycles before anything can fire, so that there is a past to compare with. */
const calmCycles = 130
const longest = 1500
const usualFlow = 40

/** Undefined where nothing fired. */
export function episode(plant: Plant, options: EpisodeOptions): Episode | undefined {
  const machine = new Run(plant, options)
  const fires = options.trigger === "extreme" ? extreme() : decided(plant)
  let answer: { readonly flow: number } | undefined
  while (!answer && machine.cycles.length < longest) {
    machine.cycle()
    if (machine.cycles.length > machine.calm || options.trigger === "clog")
      answer = fires(machine.cycles)
    if (machine.cycles.length <= machine.calm) answer = undefined
  }
  const fired = machine.cycles.at(-1)?.end
  if (!answer || fired === undefined) return undefined
  const wait = 1 + 9 * seededRandom(options.seed).fork("approval").next()
  machine.until(fired + Math.floor((wait * usualMs) / 1000) * 1000)
  const act = machine.machine.at
  const before = machine.cycles.length
  const after = (run: Run) => {
    while (run.cycles.length < before + settle + window) run.cycle()
    return mean(run.cycles.slice(before + settle).map(valueIn))
  }
  if (options.write === "suppressed") {
    after(machine)
    return { cycles: machine.cycles, fired, act, truth: 0 }
  }
  machine.machine.set("Coolant.FlowSet", answer.flow)
  const other = new Run(plant, options)
  other.until(act)
  return { cycles: machine.cycles, fired, act, truth: after(machine) - after(other) }
}

/** The twin with its fault, cycle by cycle. */
class Run {
  readonly machine: DieCasting
  readonly cycles: Cycle[] = []
  readonly calm: number
  readonly #plant: Plant
  readonly #clogAt: Instant
  readonly #severity: number

  constructor(plant: Plant, { seed, trigger }: EpisodeOptions) {
    const chance = seededRandom(seed).fork("fault")
    this.#plant = plant
    this.machine = new DieCasting({ seed, mould: "8722", at: 0 })
    const seconds = Math.round((calmCycles + 10 * chance.next()) * (usualMs / 1000))
    this.#clogAt = trigger === "clog" ? seconds * 1000 : Number.POSITIVE_INFINITY
    this.#severity = 0.3 + 0.7 * chance.next()
    this.calm = trigger === "clog" ? Math.floor(this.#clogAt / usualMs) : calmCycles
  }

  cycle(): void {
    const before = this.cycles.length
    while (this.cycles.length === before) this.until(this.machine.at + 1000)
  }

  until(at: Instant): void {
    while (this.machine.at < at) {
      if (this.machine.at === this.#clogAt) this.machine.inject("cooling-clog", this.#severity)
      this.machine.step(1000)
      for (const shot of this.machine.shots.splice(0)) this.#record(shot)
    }
  }

  #record({ number, at, values }: DieCasting["shots"][number]): void {
    const [record] = this.#plant.devices.flatMap((device) => device.records)
    const [config] = this.#plant.cycles
    if (!record || !config) throw new Error("the example has a machine with records")
    const named = record.fields.flatMap(({ name, address }): [string, number | string][] => {
      const value = values[address]
      if (value === undefined) return []
      return [[name, typeof value === "number" ? Math.round(value * 10) / 10 : value]]
    })
    const source = sourceId({ name: "dc-1/shots", epoch: "1" })
    this.cycles.push(cycleOf({ source, number, at, values: Object.fromEntries(named) }, config))
  }
}

type Fires = (cycles: readonly Cycle[]) => { readonly flow: number } | undefined

/** Fires on any cycle that is 2.5 standard deviations away from the last 50: several times a day without any cause. */
function extreme(): Fires {
  return (cycles) => {
    const past = cycles.slice(-51, -1).map(valueIn)
    const level = mean(past)
    const sd = Math.sqrt(mean(past.map((v) => (v - level) ** 2)))
    const last = cycles.at(-1)
    const away = last ? valueIn(last) - level : 0
    if (Math.abs(away) < 2.5 * sd) return undefined
    return { flow: usualFlow + Math.sign(away) * 10 }
  }
}

/** The example's own drift analyser and cooling decider. */
function decided(plant: Plant): Fires {
  const place = placeOf(plant, equipment)
  const watch = drift.create(optionsOf(plant.analysers, "drift"), place)
  let memory = watch.initial
  const open = new Map<string, Finding>()
  return (cycles) => {
    const last = cycles.at(-1)
    if (!last) return undefined
    const values = valuesAt(last.end)
    const seen = watch.observe({ at: last.end, cycles: [last], values, changes: [] }, memory)
    memory = seen.memory
    for (const key of seen.close) open.delete(key)
    for (const { key = "drift", ...draft } of seen.raise) {
      const id = `${key}@${last.sequence}`
      open.set(key, { ...draft, id, analyser: "dc-1-drift", open: true })
    }
    return flowOf(propose(plant, place, { cycles, values, findings: [...open.values()] }))
  }
}

function propose(
  plant: Plant,
  place: Place,
  now: { cycles: readonly Cycle[]; values: Values; findings: readonly Finding[] },
): DecisionDraft | undefined {
  const decider = cooling.create(optionsOf(plant.deciders, "cooling"), place)
  const { at } = now.values
  const picture = { ...now, at, cycles: now.cycles.slice(-200), open: [], closed: [] }
  const asked = decider.decide(
    { ...picture, writable: true, tag: (path) => place.tag(path) },
    decider.initial,
  )
  return asked.proposals[0]
}

function flowOf(draft: DecisionDraft | undefined): { readonly flow: number } | undefined {
  const [write] = draft && "writes" in draft.body ? draft.body.writes : []
  return typeof write?.value === "number" ? { flow: write.value } : undefined
}

function optionsOf(parts: Plant["analysers"], kind: string): unknown {
  return parts.find((part) => part.kind === kind && part.equipment === equipment)?.options
}

function valuesAt(at: Instant): Values {
  const sample = { tag: 1, at, value: usualFlow, quality: quality.good }
  return {
    at,
    get: (path) => (path.endsWith("/cooling-flow-set") ? sample : undefined),
    ageMs: (path) => (path.endsWith("/cooling-flow-set") ? 0 : undefined),
  }
}

function valueIn(cycle: Cycle): number {
  return Number(cycle.values[measure])
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, v) => sum + v, 0) / values.length
}
