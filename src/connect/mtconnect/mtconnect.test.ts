// What an agent's buffer keeps comes once and in order, whatever happens on the way.
import assert from "node:assert/strict"
import { suite, test } from "node:test"
import { freePort } from "../../../test/support/free-port.ts"
import { until } from "../../../test/support/until.ts"
import type { SourceId } from "../../model/block.ts"
import { Problem } from "../../model/problem.ts"
import type { Tag } from "../../model/tag.ts"
import type { Device, FoundPoint, Point } from "../connector.ts"
import { parseOptions } from "../options.ts"
import { makeRig, type Rig } from "../testing/rig.ts"
import { mtconnect } from "./mtconnect.ts"
import { type Manners, TestAgent } from "./testing/agent.ts"
import { mill } from "./testing/mill.ts"

interface House extends AsyncDisposable {
  readonly rig: Rig
  readonly agent: () => TestAgent
  /** A new run of Moru: a device that remembers nothing. */
  device(options?: Readonly<Record<string, unknown>>): Device
  startAgent(manners?: Manners): Promise<TestAgent>
  stopAgent(): Promise<void>
  points(given: Readonly<Record<string, string>>, tag?: Partial<Tag>): Point[]
  /** Follows while the work goes on, and asks for the last durable row as the supervisor does. */
  follow(device: Device, points: readonly Point[], work: () => Promise<unknown>): Promise<void>
}

async function makeHouse(): Promise<House> {
  const rig = await makeRig()
  const port = await freePort()
  let agent: TestAgent | undefined
  const stopAgent = async () => {
    await agent?.[Symbol.asyncDispose]()
    agent = undefined
  }
  return {
    rig,
    agent: () => {
      assert(agent)
      return agent
    },
    device: (given = {}) => {
      const options = { agent: `http://127.0.0.1:${port}`, interval: "20ms", heartbeat: "200ms" }
      return mtconnect.create(parseOptions(mtconnect, { ...options, ...given }, "test"), rig.host)
    },
    startAgent: async (manners = {}) => {
      agent = new TestAgent(mill, rig.host.clock, manners)
      await agent.listen(port)
      return agent
    },
    stopAgent,
    points: (given, tag) => {
      const points = Object.entries(given).map(([name, address]) => rig.point(name, address, tag))
      rig.sink.know(points)
      return points
    },
    follow: async (device, points, work) => {
      const stop = new AbortController()
      await device.connect(stop.signal)
      const resumeFrom = async (source: SourceId) =>
        Math.floor(((await rig.sink.lastRow(source)) + 1) / Math.max(1, points.length))
      const wanted = { points, records: [] }
      const done = device.follow?.(wanted, rig.sink.deliver, resumeFrom, stop.signal)
      try {
        await Promise.race([work(), done?.then(() => assert(stop.signal.aborted, "it ended"))])
      } finally {
        stop.abort()
        await done?.catch(() => {})
        await device.close()
      }
    },
    [Symbol.asyncDispose]: async () => {
      await stopAgent()
      await rig[Symbol.asyncDispose]()
    },
  }
}

const valuesOf = (rig: Rig, name: string) => rig.sink.of(name).map(({ value }) => value)
const has = (rig: Rig, name: string, value: unknown) => () =>
  rig.sink.of(name).some((row) => row.value === value)

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

suite("conditions", () => {
  const at = Date.UTC(2026, 10, 24, 8)
  const condition = (
    level: "normal" | "warning" | "fault" | "unavailable",
    nativeCode?: string,
    value = "",
  ) => ({
    dataItemId: "system",
    value,
    at,
    condition: { level, ...(nativeCode !== undefined && { nativeCode }) },
  })

  test("say the worst level, and the codes and texts of all that is active", async () => {
    await using house = await makeHouse()
    const { rig } = house
    const agent = await house.startAgent()
    const points = house.points(
      { level: "system", code: "system/code", text: "system/text" },
      { kind: "text" },
    )
    await house.follow(house.device(), points, async () => {
      await until("it is not available", () => rig.sink.of("level").length > 0)
      agent.tell(condition("normal"), condition("warning", "W1", "oil low"))
      agent.tell(condition("fault", "F2", "door open"), condition("normal", "W1"))
      agent.tell(condition("normal"))
      await until("it is normal again", () => rig.sink.of("level").length === 6)
    })
    const said = rig.sink.of("level").map((row, i) => {
      const text = (name: string) => rig.sink.of(name)[i]?.value
      return [row.value, row.quality, text("code"), text("text")]
    })
    assert.deepEqual(said, [
      ["unavailable", "badNoData", null, null],
      ["normal", "good", "", ""],
      ["warning", "good", "W1", "oil low"],
      ["fault", "good", "W1; F2", "oil low; door open"],
      ["fault", "good", "F2", "door open"],
      ["normal", "good", "", ""],
    ])
  })

  test("that were active at the restart of Moru are known afterwards", async () => {
    await using house = await makeHouse()
    const { rig } = house
    const agent = await house.startAgent()
    const points = house.points({ level: "system", code: "system/code" }, { kind: "text" })
    agent.tell(condition("fault", "F1"))
    const isAt = (code: string) => () => rig.sink.of("code").at(-1)?.value === code
    await house.follow(house.device(), points, () => until("F1 is there", isAt("F1")))
    agent.tell(condition("warning", "W2"))
    await house.follow(house.device(), points, () => until("W2 is there", isAt("F1; W2")))
    await house.follow(house.device(), points, async () => {
      await until("they stand", () => rig.sink.of("code").length === 3)
      agent.tell(condition("normal", "F1"))
      await until("F1 is over", isAt("W2"))
    })
    assert.deepEqual(valuesOf(rig, "level"), ["fault", "fault", "fault", "warning"])
  })
})

suite("values of an agent", () => {
  test("are numbers, words, places in space, or nothing", async () => {
    await using house = await makeHouse()
    const { rig } = house
    const agent = await house.startAgent()
    agent.tell({ dataItemId: "avail", value: "AVAILABLE" }, { dataItemId: "xpos", value: "fast" })
    agent.tell({ dataItemId: "at3", value: "1.5 -2 3e1" }, { dataItemId: "parts", value: "17" })
    const points = [
      ...house.points({ x: "xpos", y: "at3/y", parts: "parts", rpm: "speed", vib: "vib" }),
      ...house.points({ power: "power", is: "avail" }, { kind: "boolean" }),
      ...house.points({ word: "avail" }, { kind: "text" }),
      ...house.points({ w: "at3/w", part: "system/oops", typo: "xpoz", deep: "asset/T1/Colour" }),
    ]
    await house.follow(house.device({ device: "mill-uuid-1" }), points, () =>
      until(
        "all are there",
        () => rig.sink.of("typo").length > 0 && rig.sink.of("word").length > 0,
      ),
    )
    const got = points.map(({ tag }) => {
      const name = tag.path.split("/").at(-1) ?? ""
      const row = rig.sink.of(name)[0]
      return [name, row?.value, row?.quality]
    })
    assert.deepEqual(got, [
      ["x", null, "badRefused"],
      ["y", -2, "good"],
      ["parts", 17, "good"],
      ["rpm", null, "badNoData"],
      ["vib", null, "badConfig"],
      ["power", null, "badNoData"],
      ["is", true, "good"],
      ["word", "AVAILABLE", "good"],
      ["w", null, "badConfig"],
      ["part", null, "badConfig"],
      ["typo", null, "badConfig"],
      ["deep", null, "badConfig"],
    ])
    const says = rig.sink.refused.map(({ message }) => message).join("\n")
    assert.match(says, /"fast", expected a number/)
    assert.match(says, /representation TIME_SERIES/)
    assert.match(says, /did you mean "xpos"/)
  })

  test("include the life of cutting tools", async () => {
    await using house = await makeHouse()
    const { rig } = house
    const agent = await house.startAgent()
    const at = Date.UTC(2026, 10, 24, 8)
    const tool = (minutes: number, when: number) => ({
      type: "CuttingTool",
      assetId: "T12",
      at: when,
      deviceUuid: mill.uuid,
      tool: {
        status: ["USED"],
        life: [{ type: "MINUTES", countDirection: "UP", value: minutes, limit: 120 } as const],
      },
    })
    agent.assets = [tool(41.5, at)]
    const points = [
      ...house.points({
        life: "asset/T12/ToolLife.MINUTES",
        limit: "asset/T12/ToolLife.MINUTES.limit",
      }),
      ...house.points({ status: "asset/T12/CutterStatus" }, { kind: "text" }),
      ...house.points({ other: "asset/T13/ToolLife.WEAR" }),
    ]
    await house.follow(house.device({ assets: "100ms" }), points, async () => {
      await until("the tool is there", has(rig, "life", 41.5))
      agent.assets = [tool(42, at + 60_000)]
      await until("it is older", has(rig, "life", 42))
    })
    const rows = ["life", "limit", "status", "other"].map((name) =>
      rig.sink.of(name).map((row) => [row.value, row.quality]),
    )
    assert.deepEqual(rows, [
      [
        [41.5, "good"],
        [42, "good"],
      ],
      [
        [120, "good"],
        [120, "good"],
      ],
      [
        ["USED", "good"],
        ["USED", "good"],
      ],
      [[null, "badNoData"]],
    ])
    assert.deepEqual(
      rig.sink.of("life").map((row) => row.at - at),
      [0, 60_000],
    )
  })

  test("are found by browsing, with unit, range and present value", async () => {
    await using house = await makeHouse()
    const agent = await house.startAgent()
    agent.tell({ dataItemId: "xpos", value: "12.5" })
    const device = house.device()
    await device.connect(new AbortController().signal)
    const found: FoundPoint[] = []
    for await (const point of device.browse?.(new AbortController().signal) ?? []) found.push(point)
    await device.close()
    assert.deepEqual(
      found.map(({ address }) => address),
      [
        "avail",
        "xpos",
        "speed",
        "system",
        "system/code",
        "system/text",
        "power",
        "program",
        "parts",
        "at3/x",
        "at3/y",
        "at3/z",
      ],
    )
    assert.deepEqual(found[1], {
      address: "xpos",
      name: "Xact",
      within: ["mill-1", "base", "X"],
      description: "POSITION ACTUAL",
      kind: "number",
      unit: "mm",
      range: [-10, 500],
      writable: false,
      value: 12.5,
    })
  })
})

suite("an agent that cannot be followed", () => {
  test("says so: an unknown machine, another server, an address without one", async () => {
    await using house = await makeHouse()
    await house.startAgent()
    const connect = (options: Readonly<Record<string, unknown>>) =>
      house.device(options).connect(new AbortController().signal)
    const says = (code: string, what: RegExp) => (problem: unknown) => {
      assert(problem instanceof Problem)
      assert.equal(problem.code, code)
      assert.match(problem.message, what)
      return true
    }
    await assert.rejects(connect({ device: "lathe" }), says("option-invalid", /"lathe"/))
    house.agent().babble()
    await assert.rejects(connect({}), says("protocol-error", /expected an MTConnect document/))
  })

  test("is reached by an address of its own scheme", () => {
    const options = (text: string) => mtconnect.optionsOf?.(new URL(text))
    assert.deepEqual(options("mtconnect://10.0.0.5/mill-1?interval=1s"), {
      agent: "http://10.0.0.5:5000",
      device: "mill-1",
      interval: "1s",
    })
    assert.deepEqual(options("mtconnects://[::1]:8443"), { agent: "https://[::1]:8443" })
  })
})
