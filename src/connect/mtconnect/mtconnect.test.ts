// What an agent says becomes rows, or a problem that says what is wrong.
import assert from "node:assert/strict"
import { suite, test } from "node:test"
import { until } from "../../../test/support/until.ts"
import { Problem } from "../../model/problem.ts"
import type { FoundPoint } from "../connector.ts"
import { mtconnect } from "./mtconnect.ts"
import { has, makeHouse, valuesOf } from "./testing/house.ts"
import { mill } from "./testing/mill.ts"

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
