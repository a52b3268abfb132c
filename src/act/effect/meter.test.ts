import assert from "node:assert/strict"
import { test } from "node:test"
import { House } from "../../../test/support/house.ts"
import type { Decision, MeasuredEffect } from "../../decide/decide.ts"
import { silentLog } from "../../kernel/log.ts"
import { seededRandom } from "../../kernel/random.ts"
import { sourceId } from "../../model/block.ts"
import { type Cycle, cycleId } from "../../model/cycle.ts"
import { type Path, parsePath } from "../../model/path.ts"
import type { Tag } from "../../model/tag.ts"
import { EffectMeter } from "./meter.ts"

const equipment = parsePath("s/dc-1")
const flow = parsePath("s/dc-1/flow-set")
const heat = parsePath("s/dc-1/shots/heat")
const minute = 60_000
const start = 1_000_000

function tagOf(path: Path): Tag {
  const name = { en: path }
  return {
    path,
    equipment,
    kind: "number",
    unit: "Cel",
    name,
    decimals: 1,
    staleAfterMs: 1,
    limits: [],
  }
}

const tags = [tagOf(flow), tagOf(heat)]

const plant = {
  tags,
  devices: [
    {
      name: "dc-1",
      connector: "opcua",
      options: {},
      points: [],
      records: [
        {
          name: "shots",
          equipment,
          address: "x",
          fields: [{ name: "heat", address: "H", tag: heat }],
        },
      ],
    },
  ],
}

/** One cycle a minute with noise of 1 Cel around 200. */
class Machine {
  readonly house: House
  readonly meter: EffectMeter
  readonly #random = seededRandom(3)
  #count = 0
  #wander = 0

  constructor(house: House) {
    this.house = house
    const { history, namespace, clock } = house
    this.meter = new EffectMeter({ history, namespace, plant, clock, log: silentLog })
  }

  async run(
    cycles: number,
    change: Partial<Cycle> & { readonly more?: number } = {},
  ): Promise<void> {
    const { more = 0, ...other } = change
    const source = sourceId({ name: "dc-1/shots", epoch: "1" })
    for (let i = 0; i < cycles; i++) {
      await this.house.clock.advance(minute)
      const end = this.house.clock.now()
      this.#wander = 0.7 * this.#wander + 0.7 * this.#random.normal()
      const values = { heat: 200 + this.#wander + more }
      const sequence = ++this.#count
      const id = cycleId(source, sequence)
      const cycle = { id, equipment, source, sequence, start: end - minute, end, values }
      await this.house.deliver("shots", [], [{ ...cycle, ...other }])
    }
  }
}

const expected = {
  measure: heat,
  unit: "Cel",
  change: -8,
  low: -16,
  high: 0,
  settleCycles: 5,
  windowCycles: 15,
} as const

function decisionAt(at: number, change: Partial<Decision> = {}): Decision {
  const body = { writes: [{ target: flow, value: 50, expect: 40 }] }
  const because = [{ tag: heat, from: at - 3 * minute, to: at }]
  return { id: "d-1", subject: equipment, at, because, body, expected, ...change } as Decision
}

/** A machine with so many cycles of past, a decision, and an act two and a half cycles later. */
async function acted(past: number): Promise<{ machine: Machine; decision: Decision; at: number }> {
  const machine = new Machine(await House.open(tags, { at: start }))
  const { house } = machine
  await house.sample(flow, 40)
  await machine.run(past)
  const decision = decisionAt(house.clock.now())
  await machine.run(2)
  await house.clock.advance(minute / 2)
  await house.sample(flow, 50)
  return { machine, decision, at: house.clock.now() }
}

const never = new AbortController().signal

function why(effect: MeasuredEffect): string {
  return effect.state === "not-measurable" ? effect.because.en : effect.state
}

test("An act that cools by 8 is measured as that, once the window has passed", async () => {
  const { machine, decision, at } = await acted(150)
  let ended = false
  const measuring = machine.meter.measure(decision, { at }, never).finally(() => {
    ended = true
  })
  await machine.run(19, { more: -8 })
  assert.equal(ended, false)
  await machine.run(2, { more: -8 })
  const effect = await measuring
  assert.ok(effect.state === "measured")
  assert.ok(effect.low < -8 && effect.high > -8 && effect.high < -4, `${effect.low} ${effect.high}`)
  assert.equal(effect.proven, true)
  assert.equal(effect.after.cycles, 15)
  assert.equal(effect.before.cycles, 15)
  assert.match(
    JSON.stringify(effect.method),
    /Mean of 15 cycles, the first 5 after the write left out/,
  )
  await machine.house.close()
})

test("An act that changes nothing is not proven", async () => {
  const { machine, decision, at } = await acted(150)
  await machine.run(21)
  const effect = await machine.meter.measure(decision, { at }, never)
  assert.ok(effect.state === "measured")
  assert.ok(effect.low < 0 && effect.high > 0 && !effect.proven)
  await machine.house.close()
})

test("A change in the wrong direction is measured and not proven", async () => {
  const { machine, decision, at } = await acted(150)
  await machine.run(21, { more: 8 })
  const effect = await machine.meter.measure(decision, { at }, never)
  assert.ok(effect.state === "measured" && effect.low > 0 && !effect.proven)
  await machine.house.close()
})

test("Too short a past is said in words", async () => {
  const { machine, decision, at } = await acted(40)
  await machine.run(21)
  const effect = await machine.meter.measure(decision, { at }, never)
  assert.match(why(effect), /Only \d+ comparable cycles are known from before/)
  await machine.house.close()
})

test("A machine that stops after the act is given up, with the reason", async () => {
  const { machine, decision, at } = await acted(150)
  const measuring = machine.meter.measure(decision, { at }, never)
  await machine.run(8)
  await machine.house.clock.advance(3 * 60 * minute)
  assert.match(why(await measuring), /less than half/)
  await machine.house.close()
})

test("A set point that somebody changes again in the window leaves nothing to measure", async () => {
  const { machine, decision, at } = await acted(150)
  await machine.run(4)
  await machine.house.sample(flow, 40)
  await machine.run(17)
  assert.match(why(await machine.meter.measure(decision, { at }, never)), /changed again/)
  await machine.house.close()
})

test("What came before an earlier change of the set point is not compared with", async () => {
  const machine = new Machine(await House.open(tags, { at: start }))
  await machine.house.sample(flow, 30)
  await machine.run(60, { more: 20 })
  await machine.house.sample(flow, 40)
  await machine.run(80)
  const decision = decisionAt(machine.house.clock.now())
  await machine.house.sample(flow, 50)
  const at = machine.house.clock.now()
  await machine.run(21, { more: -8 })
  const effect = await machine.meter.measure(decision, { at }, never)
  assert.ok(effect.state === "measured")
  assert.ok(effect.low < -8 && effect.high > -8 && effect.high < 0, `${effect.low} ${effect.high}`)
  assert.match(JSON.stringify(effect.method), /what the 7\d cycles before/)
  await machine.house.close()
})

test("A new tool or trial shots begin the past anew", async () => {
  const { machine, decision, at } = await acted(150)
  await machine.run(21, { tool: "other" })
  assert.match(why(await machine.meter.measure(decision, { at }, never)), /changed again/)
  await machine.house.close()
})

test("Without a measure nothing is measured, and stopping ends the waiting", async () => {
  const { machine, decision, at } = await acted(150)
  const { expected: _, ...aimless } = decision
  assert.match(why(await machine.meter.measure(aimless, { at }, never)), /names no measure/)
  const other = decisionAt(at, { expected: { ...expected, measure: flow } })
  assert.match(why(await machine.meter.measure(other, { at }, never)), /no cycle record/)
  const stop = new AbortController()
  const waiting = machine.meter.measure(decision, { at }, stop.signal)
  setImmediate(() => stop.abort())
  await assert.rejects(waiting)
  await machine.house.close()
})
