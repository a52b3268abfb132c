// What an agent's buffer keeps comes once and in order, whatever happens on the way.
import assert from "node:assert/strict"
import { suite, test } from "node:test"
import { until } from "../../../test/support/until.ts"
import type { TestAgent } from "./testing/agent.ts"
import { has, makeHouse, valuesOf } from "./testing/house.ts"

function tellPositions(agent: TestAgent, from: number, to: number): void {
  for (let i = from; i <= to; i++) agent.tell({ dataItemId: "xpos", value: String(i) })
}

suite("an agent's buffer", () => {
  for (const streams of [true, false])
    test(`comes once and in order over restarts of Moru, ${streams ? "streamed" : "polled"}`, async () => {
      await using house = await makeHouse()
      const { rig } = house
      const manners = streams ? {} : { streams: false as const }
      const agent = await house.startAgent(manners)
      const points = house.points({ x: "Xact", rpm: "speed" })
      agent.tell({ dataItemId: "speed", value: "1200" })
      for (let run = 0; run < 3; run++) {
        tellPositions(agent, run * 100 + 1, run * 100 + 50)
        await house.follow(house.device({ count: 7 }), points, async () => {
          tellPositions(agent, run * 100 + 51, run * 100 + 60)
          const last = run * 100 + 60
          await until(`position ${last} is there`, has(rig, "x", last))
        })
      }
      const first = valuesOf(rig, "x")[0]
      assert(typeof first === "number" && first >= 50, "begins with the present value")
      const expected = [0, 1, 2].flatMap((run) =>
        Array.from({ length: 60 }, (_, i) => run * 100 + i + 1),
      )
      assert.deepEqual(
        valuesOf(rig, "x"),
        expected.filter((value) => value >= first),
      )
      assert.deepEqual([rig.sink.doubles, rig.sink.gaps], [0, []])
      const speeds = rig.sink.of("rpm")
      assert.deepEqual(
        speeds.map(({ value }) => value),
        [1200, 1200, 1200],
        "after each start the value that did not change stands again",
      )
      assert(new Set(speeds.map(({ at }) => at)).size === 3)
    })

  test("that ran over is a gap with its size, and what is left comes", async () => {
    await using house = await makeHouse()
    const { rig } = house
    const agent = await house.startAgent({ bufferSize: 50 })
    const points = house.points({ x: "xpos", rpm: "speed" })
    await house.follow(house.device(), points, async () => {
      tellPositions(agent, 1, 3)
      await until("the third is there", has(rig, "x", 3))
    })
    const next = agent.nextSequence
    agent.tell({ dataItemId: "speed", value: "900" })
    tellPositions(agent, 4, 100)
    const device = house.device()
    await house.follow(device, points, () => until("the last is there", has(rig, "x", 100)))
    const lost = agent.nextSequence - 50 - next
    assert.deepEqual(
      rig.sink.gaps.map(({ because, size }) => [because, size]),
      [["buffer-overrun", lost]],
    )
    const xs = valuesOf(rig, "x").filter((v) => typeof v === "number" && v > 3)
    assert.deepEqual(
      xs,
      Array.from({ length: 50 }, (_, i) => 51 + i),
    )
    assert(has(rig, "rpm", 900)(), "the newest value is known although its change was overwritten")
    assert.equal(rig.sink.doubles, 0)
  })

  test("that runs over in the middle of a stream is a gap too", async () => {
    await using house = await makeHouse()
    const { rig } = house
    const agent = await house.startAgent({ bufferSize: 30 })
    const points = house.points({ x: "xpos" })
    await house.follow(house.device(), points, async () => {
      tellPositions(agent, 1, 1)
      await until("the first is there", has(rig, "x", 1))
      const many = Array.from({ length: 70 }, (_, i) => ({ dataItemId: "xpos", value: `${i + 2}` }))
      agent.tell(...many)
      await until("the newest is there", has(rig, "x", 71))
      tellPositions(agent, 72, 72)
      await until("the stream goes on", has(rig, "x", 72))
    })
    assert.deepEqual(
      rig.sink.gaps.map(({ because, size }) => [because, size]),
      [["buffer-overrun", 40]],
    )
    const numbers = valuesOf(rig, "x").filter((value) => value !== null)
    assert.deepEqual(numbers, [1, ...Array.from({ length: 31 }, (_, i) => 42 + i)])
  })

  test("of an agent that started anew begins with its present values", async () => {
    await using house = await makeHouse()
    const { rig } = house
    const points = house.points({ x: "xpos" })
    const device = house.device()
    for (const [instanceId, value] of [
      ["1", 20],
      ["2", 21],
      ["3", 22],
    ] as const) {
      const agent = await house.startAgent({ instanceId })
      tellPositions(agent, value, value)
      await house.follow(device, points, () => until(`${value} is there`, has(rig, "x", value)))
      await house.stopAgent()
    }
    assert.equal(rig.sink.doubles, 0)
    const gaps = rig.sink.gaps.map(({ because, from, to }) => [because, from <= to])
    assert.deepEqual(gaps, [
      ["restart", true],
      ["restart", true],
    ])
  })

  test("counted back under the same instanceId is a new count", async () => {
    await using house = await makeHouse()
    const { rig } = house
    const points = house.points({ x: "xpos" })
    await house.startAgent({ instanceId: "7", first: 1000 })
    const device = house.device()
    await house.follow(device, points, () =>
      until("a row is there", () => rig.sink.of("x").length > 0),
    )
    await house.stopAgent()
    const agent = await house.startAgent({ instanceId: "7" })
    tellPositions(agent, 5, 5)
    await house.follow(device, points, () => until("5 is there", has(rig, "x", 5)))
    assert.equal(rig.sink.gaps[0]?.because, "restart")
    assert.equal(rig.sink.doubles, 0)
    const sources = new Set(rig.sink.of("x").map(({ source }) => source))
    assert.equal(sources.size, 2)
  })
})
