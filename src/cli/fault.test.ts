import assert from "node:assert/strict"
import { join } from "node:path"
import { after, before, beforeEach, suite, test } from "node:test"
import { PlantFolder } from "../../test/support/plant-folder.ts"
import { Problem } from "../model/problem.ts"
import { ControlPort } from "../twin/machines/control.ts"
import type { FaultOrder } from "../twin/twin.ts"
import { type FaultOptions, faultCommand } from "./fault.ts"

const plant = join(import.meta.dirname, "..", "..", "examples", "one-machine")
const equipment = "hwaseong/casting/line-1/dc-1"

suite("moru fault", () => {
  const orders: FaultOrder[] = []
  const control = new ControlPort(async (order) => {
    if (order.fault === "frozen-sensor")
      throw new Problem("request-invalid", "machine dc-1", "has no sensor that could freeze")
    orders.push(order)
  })
  let port = 0
  let options: FaultOptions

  before(async () => {
    port = await control.open(0)
    const env = { MORU_DC1_CONTROL_PORT: String(port) }
    options = { equipment, severity: 1, off: false, plant, env }
  })

  beforeEach(() => {
    orders.length = 0
  })

  after(() => control.close())

  const problem = (code: string, what: RegExp) => (thrown: unknown) => {
    assert.ok(thrown instanceof Problem)
    assert.equal(thrown.code, code)
    assert.match(thrown.message, what)
    return true
  }

  test("reaches the machine behind an equipment by the plant's files", async () => {
    const done = await faultCommand("cooling-clog", { ...options, severity: 0.7 })
    assert.equal(done, `cooling-clog at ${equipment} injected, severity 0.7`)
    assert.deepEqual(orders, [{ fault: "cooling-clog", state: "on", severity: 0.7 }])
  })

  test("takes the last name of an equipment for its path", async () => {
    await faultCommand("hydraulic-leak", { ...options, equipment: "dc-1" })
    assert.equal(orders[0]?.fault, "hydraulic-leak")
  })

  test("ends a fault", async () => {
    const done = await faultCommand("cooling-clog", { ...options, off: true })
    assert.equal(done, `cooling-clog at ${equipment} ended`)
    assert.deepEqual(orders, [{ fault: "cooling-clog", state: "off" }])
  })

  test("reaches a machine by its own name", async () => {
    const { equipment: _, ...without } = options
    const done = await faultCommand("counter-reset", { ...without, machine: "dc-1" })
    assert.equal(done, "counter-reset at dc-1 injected, severity 1")
    await assert.rejects(
      faultCommand("counter-reset", { ...without, machine: "dc1" }),
      problem("option-invalid", /machine: got "dc1" \(did you mean "dc-1"\?\)/),
    )
  })

  test("knows the machine by its port where its device has another name", async () => {
    const folder = await PlantFolder.open()
    await folder.edit("plant.yaml", "device: dc-1", "device: caster")
    await folder.edit("devices.yaml", "  dc-1:\n    connector", "  caster:\n    connector")
    await faultCommand("cooling-clog", { ...options, plant: folder.path })
    assert.equal(orders.length, 1)
    await folder.remove()
  })

  test("reaches a machine by its control port alone", async () => {
    const { equipment: _, ...without } = options
    await faultCommand("cooling-clog", { ...without, plant: "nowhere", control: port })
    assert.equal(orders.length, 1)
  })

  test("names the faults there are, and the one that was probably meant", async () => {
    const wrong = faultCommand("coolingclog", options)
    const what =
      /got "coolingclog" \(did you mean "cooling-clog"\?\), expected one of cooling-clog, /
    await assert.rejects(wrong, problem("option-invalid", what))
  })

  test("names the equipment that was probably meant", async () => {
    const wrong = faultCommand("cooling-clog", {
      ...options,
      equipment: "hwaseong/casting/line-1/dc-2",
    })
    await assert.rejects(
      wrong,
      problem("option-invalid", /did you mean "hwaseong\/casting\/line-1\/dc-1"/),
    )
  })

  test("finds the only machine that stands beneath an equipment", async () => {
    await faultCommand("cooling-clog", { ...options, equipment: "casting" })
    assert.equal(orders.length, 1)
  })

  test("names the machines where several stand beneath an equipment", async () => {
    const whole = join(plant, "..", "die-casting")
    await assert.rejects(
      faultCommand("cooling-clog", { ...options, plant: whole, equipment: "casting" }),
      problem("not-found", /several .*: dc-1, dc-2, dc-3; name one with --machine NAME/),
    )
  })

  test("asks for an equipment where none is named", async () => {
    const { equipment: _, ...without } = options
    const what = /got none, expected it or --machine NAME or --control PORT/
    await assert.rejects(faultCommand("cooling-clog", without), problem("option-invalid", what))
  })

  test("says that the plant cannot be read", async () => {
    const wrong = faultCommand("cooling-clog", { ...options, plant: join(plant, "nowhere") })
    await assert.rejects(wrong, problem("config-unreadable", /nowhere/))
  })

  test("passes on what the machine says", async () => {
    await assert.rejects(
      faultCommand("frozen-sensor", options),
      problem("request-invalid", /has no sensor that could freeze/),
    )
  })

  test("says that no machine answers", async () => {
    const closed = new ControlPort(async () => {})
    const control = await closed.open(0)
    closed.close()
    await assert.rejects(
      faultCommand("cooling-clog", { ...options, control }),
      problem("connection-refused", new RegExp(`control port ${control}: no machine answers`)),
    )
  })
})
