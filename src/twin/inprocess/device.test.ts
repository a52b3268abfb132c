import assert from "node:assert/strict"
import { afterEach, beforeEach, suite, test } from "node:test"
import type { RecordBuffer } from "../../connect/connector.ts"
import { makeRig, type Rig } from "../../connect/testing/rig.ts"
import { SimulatedClock } from "../../kernel/clock/simulated.ts"
import { BlockWriter, type SourceId } from "../../model/block.ts"
import type { Cycle } from "../../model/cycle.ts"
import { Problem } from "../../model/problem.ts"
import { InProcessDevice, type InProcessOptions } from "./device.ts"

const start = 1_772_409_600_000
const hourMs = 3_600_000

suite("a machine as a device in the same process", () => {
  let rig: Rig
  let clock: SimulatedClock
  let shots: RecordBuffer
  let stop: AbortController

  beforeEach(async () => {
    rig = await makeRig("dc-1")
    clock = new SimulatedClock(start)
    stop = new AbortController()
    const fields = { Upper1: "number", Mould: "text", Gone: "number" } as const
    shots = rig.buffer("shot", "nsu=urn:moru:dcm-350;s=Shots", fields)
  })

  afterEach(async () => {
    stop.abort()
    await clock.advance(hourMs)
    await rig[Symbol.asyncDispose]()
  })

  const device = (options: Partial<InProcessOptions> = {}) =>
    new InProcessDevice({ seed: 5, periodMs: 10_000, ...options }, { ...rig.host, clock })

  const upper1 = () => rig.point("upper-1", "nsu=urn:moru:dcm-350;s=Die.Upper1")
  const flowSet = () => rig.point("flow-set", "nsu=urn:moru:dcm-350;s=Coolant.FlowSet")

  function follow(machine: InProcessDevice, resumeFrom = async (_: SourceId) => 0) {
    const wanted = { points: [upper1(), flowSet()], records: [shots] }
    rig.sink.know([...wanted.points, ...shots.fields.map(({ point }) => point)])
    return machine.follow(wanted, rig.sink.deliver, resumeFrom, stop.signal)
  }

  /** Mean of the last half of an hour's shots. */
  function upper1Of(cycles: readonly Cycle[]): number {
    const last = cycles.slice(-15).map(({ values }) => Number(values.Upper1))
    return last.reduce((sum, value) => sum + value, 0) / last.length
  }

  test("delivers live values in plant time, and every shot once as a cycle", async () => {
    const machine = device({ historyShots: 30 })
    follow(machine)
    await clock.advance(hourMs)
    assert.equal(rig.sink.of("upper-1").length, 361)
    assert.equal(rig.sink.of("upper-1").at(-1)?.at, start + hourMs)
    const numbers = rig.sink.cycles.map(({ sequence }) => sequence)
    assert.ok(numbers.length > 55)
    assert.deepEqual(
      numbers,
      Array.from({ length: numbers.length }, (_, i) => i + 1),
    )
    assert.equal(rig.sink.cycles[0]?.values.Mould, "8722")
    assert.equal(rig.sink.doubles, 0)
  })

  test("a field that the machine has not spoils only itself", async () => {
    follow(device())
    await clock.advance(hourMs)
    assert.ok(rig.sink.of("shot/Gone").every(({ quality }) => quality === "badConfig"))
    assert.ok(rig.sink.of("shot/Upper1").every(({ quality }) => quality === "good"))
    assert.ok(rig.sink.of("shot/Gone").length > 20)
  })

  test("goes on after the last durable shot", async () => {
    follow(device({ historyShots: 30 }), async () => 20)
    await clock.advance(hourMs)
    assert.equal(rig.sink.cycles[0]?.sequence, 21)
  })

  test("a written set point is read back and cools the die", async () => {
    const [left, cooled] = [device({ historyShots: 60 }), device({ historyShots: 60 })]
    await cooled.write(flowSet(), 50)
    follow(left)
    await clock.advance(hourMs)
    const without = upper1Of(rig.sink.cycles.splice(0))
    stop.abort()
    stop = new AbortController()
    follow(cooled)
    await clock.advance(0)
    const gain = without - upper1Of(rig.sink.cycles)
    assert.ok(gain > 10 && gain < 20, `${gain}`)
    assert.equal(rig.sink.of("flow-set").at(-1)?.value, 50)
  })

  test("a suppressed write is read back and changes nothing else", async () => {
    const [left, placebo] = [device(), device({ writes: "suppress" })]
    await placebo.write(flowSet(), 50)
    await clock.advance(hourMs)
    const read = async (machine: InProcessDevice) => {
      const rows = new BlockWriter()
      await machine.read([upper1(), flowSet()], rows)
      return [...rows.take({ source: "x@1" as SourceId, sequence: 0, received: 0 }).value]
    }
    const [[upper, set], [upperPlacebo, setPlacebo]] = [await read(left), await read(placebo)]
    assert.equal(upperPlacebo, upper)
    assert.deepEqual([set, setPlacebo], [40, 50])
  })

  test("refuses what the machine's own controller refuses, suppressed or not", async () => {
    for (const writes of ["carry-out", "suppress"] as const)
      await assert.rejects(device({ writes }).write(flowSet(), 95), (thrown) => {
        assert.ok(thrown instanceof Problem)
        assert.equal(thrown.code, "write-failed")
        assert.match(thrown.message, /Coolant.FlowSet: got out-of-range/)
        return true
      })
  })

  test("a cut line ends the following, and afterwards no shot is missing", async () => {
    const machine = device()
    const following = follow(machine, rig.sink.lastSequence)
    const ended = assert.rejects(following, /connection-lost|the line is cut/)
    await clock.advance(hourMs)
    machine.isLost = true
    await clock.advance(hourMs)
    await ended
    await assert.rejects(machine.connect(), /the line is cut/)
    machine.isLost = false
    await machine.connect()
    follow(machine, rig.sink.lastSequence)
    await clock.advance(hourMs)
    const numbers = rig.sink.cycles.map(({ sequence }) => sequence)
    assert.ok(numbers.length > 80)
    assert.deepEqual(
      numbers,
      Array.from({ length: numbers.length }, (_, i) => i + 1),
    )
  })
})
