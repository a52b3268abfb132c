import assert from "node:assert/strict"
import { afterEach, beforeEach, suite, test } from "node:test"
import { until } from "../../test/support/until.ts"
import { SimulatedClock } from "../kernel/clock/simulated.ts"
import { nodeFiles } from "../kernel/files/node.ts"
import { silentLog } from "../kernel/log.ts"
import { Problem } from "../model/problem.ts"
import { ControlPort } from "../twin/machines/control.ts"
import type { FaultOrder } from "../twin/twin.ts"
import { FaultPlayer, readFaults } from "./faults.ts"

const minuteMs = 60_000
const plant = {
  machines: [
    { name: "dc-1", kind: "die-casting", options: { "control-port": 0 } },
    { name: "htf-1", kind: "furnace", options: { "control-port": 0 } },
    { name: "dc-2", kind: "die-casting", options: {} },
  ],
}

function read(text: string) {
  const files = { ...nodeFiles, read: async () => new TextEncoder().encode(text) }
  return readFaults("bad-day.yaml", { plant, files })
}

suite("a schedule of faults", () => {
  test("is played in the order of time, each fault to its end", async () => {
    const { orders, problems } = await read(`
moru: faults
faults:
  - { at: 10min, machine: htf-1, fault: furnace-zone-failure }
  - { at: 5min, machine: dc-1, fault: cooling-clog, severity: 0.7, for: 20min }
`)
    assert.deepEqual(problems, [])
    const clog = { fault: "cooling-clog" } as const
    assert.deepEqual(orders, [
      { afterMs: 5 * minuteMs, machine: "dc-1", order: { ...clog, state: "on", severity: 0.7 } },
      {
        afterMs: 10 * minuteMs,
        machine: "htf-1",
        order: { fault: "furnace-zone-failure", state: "on", severity: 1 },
      },
      { afterMs: 25 * minuteMs, machine: "dc-1", order: { ...clog, state: "off" } },
    ])
  })

  test("names everything that is wrong with its place and what is expected", async () => {
    const { orders, problems } = await read(`moru: faults
faults:
  - { at: soon, machine: dc-1, fault: cooling-clog }
  - { at: 1min, machine: dc1, fault: cooling-clog }
  - { at: 1min, machine: htf-1, fault: cooling-clog }
  - { at: 1min, machine: dc-2, fault: cooling-clog }
  - { at: 1min, machine: dc-1, fault: coolingclog }
  - { at: 1min, machine: dc-1, fault: cooling-clog, severity: 3 }
  - { at: 1min, machine: dc-1, fault: cooling-clog, fro: 2min }
`)
    assert.deepEqual(orders, [])
    const said = problems.map(({ where, what }) => `${where} ${what}`)
    const expected = [
      /^bad-day.yaml:3:11 .*"soon".*expected a length of time such as/,
      /^bad-day.yaml:4:26 machine, got "dc1" \(did you mean "dc-1"\?\), expected one of dc-1, htf-1/,
      /^bad-day.yaml:5:40 fault, got "cooling-clog" for a furnace, expected one of furnace-zone-/,
      /^bad-day.yaml:6:26 machine, got "dc-2", expected one whose options have a control-port/,
      /^bad-day.yaml:7:39 .*"coolingclog".*cooling-clog/,
      /^bad-day.yaml:8:63 .*3.*1/,
      /^bad-day.yaml:9:53 .*fro.*for/,
    ]
    for (const pattern of expected)
      assert.ok(
        said.some((one) => pattern.test(one)),
        `${pattern} in\n${said.join("\n")}`,
      )
    assert.equal(said.length, expected.length)
    assert.ok(problems.every(({ hint }) => hint.length > 0))
  })

  test("that is no file, no YAML or no schedule is a problem", async () => {
    const missing = await readFaults("nowhere.yaml", { plant, files: nodeFiles })
    assert.equal(missing.problems[0]?.code, "config-unreadable")
    assert.equal((await read("faults: [")).problems[0]?.code, "config-syntax")
    assert.ok((await read("moru: plant\nfaults: []")).problems.length > 0)
  })
})

suite("the player of a schedule", () => {
  const heard: [machine: string, at: number, order: FaultOrder][] = []
  let clock: SimulatedClock
  let ports: Map<string, number>
  let controls: ControlPort[]

  beforeEach(async () => {
    heard.length = 0
    clock = new SimulatedClock(1000)
    ports = new Map()
    controls = []
    for (const machine of ["dc-1", "htf-1"]) {
      const control = new ControlPort(async (order) => {
        heard.push([machine, clock.now(), order])
        if (order.severity === 0.5) throw new Problem("request-invalid", machine, "not so much")
      })
      controls.push(control)
      ports.set(machine, await control.open(0))
    }
  })

  afterEach(() => {
    for (const control of controls) control.close()
  })

  const timed = (minutes: number, machine: string, severity: number) => ({
    ...{ afterMs: minutes * minuteMs, machine },
    order: { fault: "cooling-clog", state: "on", severity } as const,
  })

  test("gives each order at its time, and goes on after one that a machine refuses", async () => {
    const player = new FaultPlayer({
      orders: [timed(1, "dc-1", 0.5), timed(2, "gone", 1), timed(3, "htf-1", 1)],
      ...{ control: (name) => ports.get(name), clock, log: silentLog },
    })
    await player.start()
    await clock.advance(minuteMs - 1)
    assert.equal(heard.length, 0)
    await clock.advance(1)
    await until("the first order is given and refused", () => player.health().state === "degraded")
    const goesOn = async () => {
      await clock.advance(minuteMs)
      return heard.length === 2
    }
    await until("the other order is given", goesOn)
    assert.deepEqual(
      heard.map(([machine, , { severity }]) => [machine, severity]),
      [
        ["dc-1", 0.5],
        ["htf-1", 1],
      ],
    )
    assert.equal(heard[0]?.[1], 1000 + minuteMs)
    assert.ok((heard[1]?.[1] ?? 0) >= 1000 + 3 * minuteMs)
    await player.stop()
  })

  test("gives none after it was stopped", async () => {
    const player = new FaultPlayer({
      orders: [timed(1, "dc-1", 1)],
      ...{ control: (name) => ports.get(name), clock, log: silentLog },
    })
    await player.start()
    await player.stop()
    await clock.advance(2 * minuteMs)
    assert.equal(heard.length, 0)
  })
})
