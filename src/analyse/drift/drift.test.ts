import assert from "node:assert/strict"
import { test } from "node:test"
import { seededRandom } from "../../kernel/random.ts"
import { sourceId } from "../../model/block.ts"
import type { Cycle, Verdict } from "../../model/cycle.ts"
import { joinPath, parsePath } from "../../model/path.ts"
import type { FindingDraft } from "../finding.ts"
import type { Place } from "../place.ts"
import { drift } from "./drift.ts"

const equipment = parsePath("demo/dc-1")
const source = sourceId({ name: "shots", epoch: "1" })
const cycleMs = 120_000
const flow = joinPath(equipment, "cooling-flow-set")
const units: Readonly<Record<string, string>> = {
  upper: "Cel",
  lower: "Cel",
  pressure: "bar",
  time: "s",
}
const options = { fields: Object.keys(units), "set-points": ["cooling-flow-set"] }
const place: Place = {
  equipment,
  tagOfField: (field) => joinPath(equipment, "shot", field),
  tag: (path) => {
    const field = path.slice(path.lastIndexOf("/") + 1)
    const unit = units[field] ?? "1"
    const name = { en: `Die ${field}`, ko: `금형 ${field}` }
    return { path, equipment, kind: "number", unit, name, decimals: 1, staleAfterMs: 1, limits: [] }
  },
}

interface Step {
  readonly add?: Readonly<Record<string, number>>
  readonly without?: string
  readonly pauseMs?: number
  readonly tool?: string
  readonly verdict?: Verdict
  readonly changed?: boolean
}

/** A machine whose values scatter by 1.5 and wander slowly by as much, as real ones do. */
class Machine {
  readonly raised: FindingDraft[] = []
  readonly closed: string[] = []
  readonly #random
  readonly #analyser = drift.create(options, place)
  #memory = this.#analyser.initial
  #number = 0
  #end = 0
  #wander = 0

  constructor(seed: number) {
    this.#random = seededRandom(seed)
  }

  shot(step: Step = {}): this {
    const noise = (sd: number) => sd * this.#random.normal()
    this.#wander = 0.95 * this.#wander + noise(0.45)
    const base: Record<string, number> = {
      upper: 200 + this.#wander + noise(1.5),
      lower: 180 + 0.5 * this.#wander + noise(1.5),
      pressure: 330 + noise(0.5),
      time: 120 + noise(1),
    }
    const values: Record<string, number> = {}
    for (const [name, value] of Object.entries(base))
      if (name !== step.without) values[name] = value + (step.add?.[name] ?? 0)
    const start = this.#end + (step.pauseMs ?? 0)
    this.#end = start + cycleMs
    const cycle: Cycle = {
      id: `shots#${++this.#number}`,
      equipment,
      source,
      sequence: this.#number,
      start,
      end: this.#end,
      tool: step.tool ?? "8722",
      values,
      verdict: step.verdict ?? "good",
    }
    const changes = step.changed ? [{ tag: flow, at: start }] : []
    const nothing = { at: this.#end, get: () => undefined, ageMs: () => undefined }
    const now = { at: this.#end, cycles: [cycle], values: nothing, changes }
    const seen = this.#analyser.observe(now, this.#memory)
    // What is remembered goes through the store.
    this.#memory = JSON.parse(JSON.stringify(seen.memory))
    this.raised.push(...seen.raise)
    this.closed.push(...seen.close)
    return this
  }

  shots(count: number, step: Step = {}): this {
    for (let i = 0; i < count; i++) this.shot(step)
    return this
  }
}

const seeds = [1, 2, 3, 4, 5, 6, 7, 8]
const leads = (finding: FindingDraft | undefined) => finding?.because[0]?.tag.split("/").at(-1)

test("the first shot that shows a clogged cooling raises a finding, in each of 8 seeds", () => {
  for (const seed of seeds) {
    const machine = new Machine(seed).shots(200)
    assert.equal(machine.raised.length, 0, `seed ${seed}: nothing was wrong before`)
    // 70 Cel more with a time constant of 240 s, begun 60 s before the end of the shot.
    machine.shot({ add: { upper: 70 * (1 - Math.exp(-60 / 240)) } })
    const [finding] = machine.raised
    assert.equal(leads(finding), "upper", `seed ${seed}`)
    assert.equal(finding?.measures.direction, 1)
    assert.ok((finding?.confidence ?? 0) > 0.9)
  }
})

test("the finding says which values, from when to when, by how much and with which share", () => {
  const machine = new Machine(3).shots(150).shot({ add: { upper: 25, lower: 14 } })
  const [finding] = machine.raised
  assert.equal(machine.raised.length, 1)
  assert.match(finding?.title.en ?? "", /^Die upper drifts hot by 2\d\.\d °C$/)
  assert.match(finding?.title.ko ?? "", /^금형 upper 이상 상승/)
  const shares = finding?.because.map((evidence) => evidence.share ?? 0) ?? []
  assert.equal(shares.length, 2)
  assert.ok(Math.abs(shares.reduce((a, b) => a + b, 0) - 1) < 1e-9)
  assert.match(
    finding?.because[0]?.says?.en ?? "",
    /^\+2\d\.\d °C \(\+\d+\.\d sigma\) against \d+\.\d of the last \d+ shots$/,
  )
  assert.ok(Math.abs((finding?.measures["deviation:upper"] ?? 0) - 25) < 8)
})

test("a shift too small for one shot is found after several", () => {
  for (const seed of seeds) {
    const machine = new Machine(seed).shots(200).shot({ add: { upper: -8 } })
    machine.shots(25, { add: { upper: -8 } })
    assert.equal(machine.raised.length, 1, `seed ${seed}`)
    assert.equal(machine.raised[0]?.measures.direction, -1)
  }
})

test("a quiet machine raises nothing in 600 shots", () => {
  const raised = seeds.flatMap((seed) => new Machine(seed).shots(600).raised)
  assert.deepEqual(
    raised.map((finding) => finding.title.en),
    [],
  )
})

test("the finding is closed when the values are back, and not before", () => {
  const machine = new Machine(1).shots(150).shots(12, { add: { upper: 20 } })
  assert.deepEqual(machine.closed, [])
  machine.shots(12)
  assert.deepEqual(machine.closed, ["drift:upper"])
  assert.equal(machine.raised.length, 1)
})

test("a level that stays becomes the new normal in the end", () => {
  const machine = new Machine(1).shots(150).shots(200, { add: { upper: 20 } })
  assert.deepEqual(machine.closed, ["drift:upper"])
  assert.equal(machine.raised.length, 1)
})

test("what follows a wanted change of a set point is no drift, and the new level is the normal to judge by", () => {
  const machine = new Machine(2).shots(150).shot({ changed: true, add: { upper: -6 } })
  machine.shots(60, { add: { upper: -14 } })
  assert.deepEqual(machine.raised, [])
  machine.shot()
  assert.equal(machine.raised.length, 1)
})

test("a cold die after a pause is not judged until it is warm again", () => {
  const machine = new Machine(4).shots(150)
  machine.shot({ pauseMs: 20 * cycleMs, add: { upper: -60 } })
  for (let i = 1; i < 20; i++) machine.shot({ add: { upper: -60 * Math.exp(-i / 2) } })
  assert.deepEqual(machine.raised, [])
  machine.shot({ add: { upper: 20 } })
  assert.equal(machine.raised.length, 1)
})

test("a held-up shot explains a cooler die, not a hotter one", () => {
  const held = { pauseMs: 40_000, add: { upper: -12 } }
  assert.deepEqual(new Machine(5).shots(150).shot(held).raised, [])
  const hot = { pauseMs: 40_000, add: { upper: 20 } }
  assert.equal(new Machine(5).shots(150).shot(hot).raised.length, 1)
})

test("trial shots are neither judged nor learnt from", () => {
  const machine = new Machine(6).shots(150).shots(30, { verdict: "trial", add: { upper: -50 } })
  assert.deepEqual(machine.shot().raised, [])
})

test("another mould has another normal and closes what was said of the last one", () => {
  const machine = new Machine(7).shots(150).shot({ add: { upper: 30 } })
  assert.equal(machine.raised.length, 1)
  machine.shots(150, { tool: "8573", add: { upper: 40, lower: -30, pressure: 9 } })
  assert.deepEqual(machine.closed, ["drift:upper"])
  assert.equal(machine.raised.length, 1)
})

test("a value that stands still is a finding of its own and closes when it moves", () => {
  const machine = new Machine(8).shots(150)
  const frozen = 201.5
  for (let i = 0; i < 15; i++) machine.shot({ without: "upper", add: {} })
  assert.deepEqual(machine.raised, [], "a missing value is no frozen one")
  machine.shots(12, { add: { pressure: Number.NaN } })
  assert.deepEqual(machine.raised, [], "a value that is no number is no value")
  const still = new Frozen(8, frozen)
  assert.deepEqual(
    still.raised.map((finding) => finding.kind),
    ["frozen-sensor"],
  )
  assert.deepEqual(still.closed, ["frozen-sensor:upper"])
})

/** Learns for 150 shots, shows the same value 15 times, then lives again. */
class Frozen {
  readonly raised: FindingDraft[] = []
  readonly closed: string[] = []

  constructor(seed: number, frozen: number) {
    const random = seededRandom(seed)
    const analyser = drift.create({ fields: ["upper"] }, place)
    let memory = analyser.initial
    for (let i = 1; i <= 180; i++) {
      const upper = i > 150 && i <= 165 ? frozen : 200 + 1.5 * random.normal()
      const end = i * cycleMs
      const head = { id: `shots#${i}`, equipment, source, sequence: i, start: end - cycleMs, end }
      const nothing = { at: end, get: () => undefined, ageMs: () => undefined }
      const now = {
        at: end,
        cycles: [{ ...head, values: { upper } }],
        values: nothing,
        changes: [],
      }
      const seen = analyser.observe(now, memory)
      memory = seen.memory
      this.raised.push(...seen.raise)
      this.closed.push(...seen.close)
    }
  }
}
