// The contract of a connector, asked of each with the real thing at the other end.
import assert from "node:assert/strict"
import { after, before, suite, test } from "node:test"
import { freePort } from "../../test/support/free-port.ts"
import { until } from "../../test/support/until.ts"
import { Problem } from "../model/problem.ts"
import type { Device } from "./connector.ts"
import { type Counterpart, kinds, type Shot } from "./testing/counterparts.ts"
import { makeRig, type Rig, type Sink } from "./testing/rig.ts"

const start = Date.UTC(2026, 0, 5, 8)
const shotsFrom = (first: number, count: number): Shot[] =>
  Array.from({ length: count }, (_, i) => ({
    at: start + (first + i) * 1000,
    a: first + i,
    text: `shot ${first + i}`,
  }))

const numbersOf = (sink: Sink) => sink.cycles.map(({ sequence }) => sequence)
const upTo = (count: number) => Array.from({ length: count }, (_, i) => i + 1)

/** Connects and follows until `enough`, then aborts, as often as it is called. */
async function follow(device: Device, machine: Counterpart, sink: Sink, enough: () => boolean) {
  const stop = new AbortController()
  await device.connect(stop.signal)
  const wanted = { points: [], records: [machine.buffer] }
  const done = device.follow?.(wanted, sink.deliver, sink.lastSequence, stop.signal)
  await until("all has arrived", enough)
  stop.abort()
  await done
}

for (const kind of kinds) {
  const skip = kind.missing?.() ?? false
  suite(`a connector of type ${kind.type}`, { skip }, () => {
    let rig: Rig
    let machine: Counterpart
    let device: Device

    before(async () => {
      rig = await makeRig()
      machine = kind.make(rig, await freePort())
      rig.sink.know(machine.buffer.fields.map(({ point }) => point))
      device = machine.connector.create(machine.options, rig.host)
    })
    after(async () => {
      await device.close()
      await machine.kill().catch(() => {})
      await rig[Symbol.asyncDispose]()
    })

    test("says what to do when nobody is there", async () => {
      await assert.rejects(device.connect(new AbortController().signal), (problem) => {
        assert(problem instanceof Problem)
        assert.match(problem.code, /connection-refused|config-unreadable/)
        assert.match(problem.message, /^m1\b/)
        assert(problem.hint.length > 20)
        return true
      })
    })

    test("gives up connecting when it is told to", async () => {
      const stop = new AbortController()
      const connecting = device.connect(stop.signal)
      stop.abort()
      await assert.rejects(connecting)
    })

    test("delivers every record once and in order, from the beginning", async () => {
      await machine.shoot(...shotsFrom(1, 700))
      await machine.start()
      await follow(device, machine, rig.sink, () => rig.sink.cycles.length >= 700)
      assert.deepEqual(numbersOf(rig.sink), upTo(700))
      assert.deepEqual(rig.sink.cycles[41]?.values, { a: 42, text: "shot 42" })
      assert.equal(rig.sink.cycles[41]?.end, start + 42_000)
      assert.deepEqual(
        rig.sink.rows.slice(126, 129).map(({ value, quality }) => [value, quality]),
        [
          [43, "good"],
          ["shot 43", "good"],
          [null, "badConfig"],
        ],
      )
      assert.equal(rig.sink.rows.length, 2100)
      assert.equal(rig.sink.doubles, 0)
    })

    test("names a field that the machine has not, and delivers the others", () => {
      const unknown = rig.sink.refused.filter(({ code }) => code === "point-unknown")
      assert(unknown.length > 0)
      assert.match(unknown[0]?.message ?? "", /gone/)
      assert.deepEqual(rig.sink.gaps, [])
    })

    test("goes on after the last durable record when the machine was away, without loss or doubles", async () => {
      await machine.kill()
      await machine.shoot(...shotsFrom(701, 300))
      await assert.rejects(device.connect(new AbortController().signal))
      await machine.start()
      await follow(device, machine, rig.sink, () => rig.sink.cycles.length >= 1000)
      assert.deepEqual(numbersOf(rig.sink), upTo(1000))
      assert.equal(rig.sink.doubles, 0)
      assert.deepEqual(rig.sink.gaps, [])
    })

    test("refuses what is no number, tells its place, and keeps the rest of the record", async () => {
      await machine.kill()
      const at = start + 1001 * 1000
      await machine.shoot({ at, a: "0.5?", text: "odd" }, { at, a: null, text: "empty" })
      await machine.start()
      rig.sink.refused.length = 0
      await follow(device, machine, rig.sink, () => rig.sink.cycles.length >= 1002)
      const [odd, empty] = rig.sink.cycles.slice(-2)
      assert.deepEqual(odd?.values, { text: "odd" })
      assert.deepEqual(empty?.values, { text: "empty" })
      assert.deepEqual(
        rig.sink
          .of("shots/a")
          .slice(-2)
          .map(({ quality }) => quality),
        ["badRefused", "badNoData"],
      )
      const refused = rig.sink.refused.filter(({ code }) => code === "value-refused")
      assert.equal(refused.length, 1)
      assert.match(
        refused[0]?.message ?? "",
        /(1001 a|shots\.csv:1002:a): got "0\.5\?", expected a number/,
      )
    })

    test("waits while its records are not durable, and loses none of them", async () => {
      await machine.kill()
      await machine.shoot(...shotsFrom(1003, 2500))
      await machine.start()
      const gate = Promise.withResolvers<void>()
      rig.sink.gate = gate.promise
      const following = follow(device, machine, rig.sink, () => rig.sink.cycles.length >= 3502)
      await until("a delivery waits", () => rig.sink.waiting > 0)
      const quiet = performance.now() + 300
      await until("nothing more came for a while", () => performance.now() > quiet)
      assert.equal(rig.sink.waiting, 1)
      assert.equal(rig.sink.cycles.length, 1002)
      gate.resolve()
      rig.sink.gate = undefined
      await following
      assert.deepEqual(numbersOf(rig.sink), upTo(3502))
      assert.equal(rig.sink.doubles, 0)
    })

    test("ends at once when it is told to", async () => {
      const stop = new AbortController()
      await device.connect(stop.signal)
      const wanted = { points: [], records: [machine.buffer] }
      const done = device.follow?.(wanted, rig.sink.deliver, rig.sink.lastSequence, stop.signal)
      const begun = performance.now()
      stop.abort()
      await done
      assert(performance.now() - begun < 2000)
    })
  })
}
