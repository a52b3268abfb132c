// What a host application makes of the messages of an edge node, over the broker in the house.
import assert from "node:assert/strict"
import { suite, test } from "node:test"
import { until } from "../../../test/support/until.ts"
import type { Metric, PropertySet } from "../../codec/sparkplug-payload.ts"
import { startBroker } from "../broker/testing/house-broker.ts"
import { makeRig } from "../testing/rig.ts"
import { sparkplug } from "./sparkplug.ts"
import { type EdgeMetric, now } from "./testing/edge.ts"
import { connectedHost, edgeOf, hostOf, last, shows, values } from "./testing/host.ts"

const houseOf = () => startBroker({ anonymous: true })

suite("the messages of an edge node", () => {
  test("births and data give values of every type, by name and by alias", async () => {
    await using rig = await makeRig()
    await using house = await houseOf()
    const quality = (code: number): PropertySet =>
      new Map([["Quality", { type: "Int32", value: code }]])
    const told: readonly (EdgeMetric & { row: readonly [unknown, string] })[] = [
      { name: "i8", type: "Int8", value: -128, row: [-128, "good"] },
      { name: "i16", type: "Int16", value: -32768, alias: 7, row: [-32768, "good"] },
      { name: "i32", type: "Int32", value: -(2 ** 31), row: [-(2 ** 31), "good"] },
      { name: "i64", type: "Int64", value: -5, row: [-5, "good"] },
      { name: "u8", type: "UInt8", value: 255, row: [255, "good"] },
      { name: "u16", type: "UInt16", value: 65535, row: [65535, "good"] },
      { name: "u32", type: "UInt32", value: 2 ** 32 - 1, row: [2 ** 32 - 1, "good"] },
      { name: "u64", type: "UInt64", value: 2n ** 64n - 1n, row: [2 ** 64, "uncertain"] },
      { name: "float", type: "Float", value: 0.5, row: [0.5, "good"] },
      { name: "double", type: "Double", value: 0.1, alias: 8, row: [0.1, "good"] },
      { name: "nan", type: "Double", value: Number.NaN, row: [null, "badNoData"] },
      { name: "flag", type: "Boolean", value: true, row: [true, "good"] },
      { name: "string", type: "String", value: "주조", row: ["주조", "good"] },
      { name: "text", type: "Text", value: "a", alias: 9, row: ["a", "good"] },
      { name: "uuid", type: "UUID", value: "u-1", row: ["u-1", "good"] },
      {
        name: "time",
        type: "DateTime",
        value: 1_700_000_000_000,
        row: [1_700_000_000_000, "good"],
      },
      { name: "null", type: "Double", value: null, row: [null, "badNoData"] },
      { name: "bytes", type: "Bytes", value: Uint8Array.of(1), row: [null, "badRefused"] },
      { name: "array", type: "Int16Array", value: [1, 2], row: [null, "badRefused"] },
      {
        name: "set",
        type: "DataSet",
        value: { columns: ["a"], types: ["Int8"], rows: [[1]] },
        row: [null, "badRefused"],
      },
      {
        name: "template",
        type: "Template",
        value: { metrics: [], parameters: [], ref: "t" },
        row: [null, "badRefused"],
      },
      { name: "bad", type: "Double", value: 1, properties: quality(0), row: [1, "bad"] },
      { name: "good", type: "Double", value: 1, properties: quality(192), row: [1, "good"] },
      {
        name: "stale",
        type: "Double",
        value: 1,
        properties: quality(500),
        row: [1, "uncertainLastUsable"],
      },
    ]
    const kinds = { Boolean: "boolean", String: "text", Text: "text", UUID: "text" } as const
    const points = told.map(({ name, type }) =>
      rig.point(name, `m:${name}`, { kind: kinds[type as keyof typeof kinds] ?? "number" }),
    )
    await using edge = await edgeOf(house, { devices: { m: told } })
    await using host = hostOf(rig, house.broker)
    await host.connect()
    host.follow(...points)
    const check = async (count: number) => {
      await until("every value is there", () => rig.sink.rows.length >= count * told.length)
      for (const { name, row } of told) {
        const got = last(rig, name)
        assert.deepEqual([name, got?.value, got?.quality], [name, ...row])
      }
    }
    await check(1)
    for (const { name, value, properties } of told)
      await edge.tell("m", { [name]: value }, properties ? { properties } : {})
    await check(2)
    assert.equal(rig.sink.doubles, 0)
  })

  test("a metric of the node itself has an empty device in its address", async () => {
    await using line = await connectedHost()
    const { rig, edge, host } = line
    host.follow(rig.point("rebirth", ":Node Control/Rebirth", { kind: "boolean" }))
    await until("it is there", shows(rig, "rebirth", false))
    const metric: Metric = { name: "Node Control/Rebirth", type: "Boolean", value: true }
    await edge.send("NDATA", undefined, { metrics: [metric] })
    await until("it changed", shows(rig, "rebirth", true))
  })

  test("a value has the time of its metric, else that of its message; an implausible one the present", async () => {
    await using line = await connectedHost()
    const { rig, edge, host } = line
    host.follow(rig.point("t", "press:Temperature"))
    await until("the birth is there", shows(rig, "t", 20))
    const at = now() - 1000
    await edge.tell("press", { Temperature: 21 }, { timestamp: at })
    await until("its own time", () => last(rig, "t")?.at === at)
    const metric: Metric = { alias: 1, type: "Double", value: 22 }
    await edge.send("DDATA", "press", { timestamp: at + 1, metrics: [metric] })
    await until("the message's time", () => last(rig, "t")?.at === at + 1)
    await edge.tell("press", { Temperature: 23 }, { timestamp: 1000 })
    await until("no time", () => last(rig, "t")?.quality === "uncertainTime")
    assert((last(rig, "t")?.at ?? 0) > at)
  })

  test("values of before stand in a source of their own, at their own time", async () => {
    await using line = await connectedHost()
    const { rig, edge, host } = line
    host.follow(rig.point("t", "press:Temperature"))
    await until("the birth is there", shows(rig, "t", 20))
    const at = now() - 60_000
    await edge.tell("press", { Temperature: 5 }, { timestamp: at, isHistorical: true })
    await edge.tell("press", { Temperature: 21 })
    await until("all is there", () => rig.sink.of("t").length >= 3)
    const rows = rig.sink.of("t").map(({ source, at: time, value }) => {
      const [name] = source.split("@")
      return [name, time === at, value]
    })
    assert.deepEqual(rows.sort(), [
      ["m1/history", true, 5],
      ["m1/live", false, 20],
      ["m1/live", false, 21],
    ])
    assert.equal(rig.sink.doubles, 0)
  })

  test("an address that is none, and a device that is not there, are named; the others go on", async () => {
    await using rig = await makeRig()
    await using house = await houseOf()
    await using _edge = await edgeOf(house)
    await using host = hostOf(rig, house.broker)
    await host.connect()
    host.follow(
      rig.point("wrong", "Temperature"),
      rig.point("off", "oven:Temperature"),
      rig.point("t", "press:Temperature"),
    )
    await until("the good one is there", shows(rig, "t", 20))
    await until("the device is missed", () => last(rig, "off")?.quality === "badNotConnected")
    assert.equal(last(rig, "wrong")?.quality, "badConfig")
    const messages = rig.sink.refused.map(({ code, what }) => `${code}: ${what}`).join("\n")
    assert.match(messages, /point-unknown: got no birth of device "oven" .*; it had press/)
    assert.match(messages, /point-unknown: got an address without device/)
  })
})

suite("messages that are lost or come in another order", () => {
  test("what overtook on the way is put in order, and nothing counts as lost", async () => {
    await using rig = await makeRig()
    await using house = await houseOf()
    await using edge = await edgeOf(house)
    await using host = hostOf(rig, house.broker, { reorder: "5s" })
    await host.connect()
    const end = host.follow(rig.point("t", "press:Temperature"))
    await until("the birth is there", shows(rig, "t", 20))
    const { asked, seq } = edge
    for (const i of [2, 1, 3, 0])
      await edge.send(
        "DDATA",
        "press",
        { metrics: edge.told("press", { Temperature: i }) },
        seq + i,
      )
    await until("all are there", () => values(rig, "t").length === 5)
    assert.deepEqual(values(rig, "t"), [20, 0, 1, 2, 3])
    assert.deepEqual([rig.sink.gaps, edge.asked], [[], asked])
    assert.equal(await Promise.race([end, "follows"]), "follows")
  })

  test("numbers begin anew after 255 without a gap", async () => {
    await using line = await connectedHost()
    const { rig, edge, host } = line
    host.follow(rig.point("t", "press:Temperature"))
    await until("the birth is there", shows(rig, "t", 20))
    const { asked } = edge
    for (let i = 0; i < 600; i++) await edge.tell("press", { Temperature: i })
    await until("the last is there", shows(rig, "t", 599))
    assert.equal(values(rig, "t").length, 601)
    assert.deepEqual([rig.sink.gaps, edge.asked], [[], asked])
  })

  test("what does not come within the window is a gap of its size, and a birth is asked for", async () => {
    await using line = await connectedHost()
    const { rig, edge, host } = line
    host.follow(rig.point("t", "press:Temperature"))
    await until("the birth is there", shows(rig, "t", 20))
    const { asked } = edge
    edge.seq += 3
    await edge.tell("press", { Temperature: 30 })
    await until("it was asked", () => edge.asked > asked)
    await until("the value is there still", shows(rig, "t", 30))
    const [gap] = rig.sink.gaps
    assert.deepEqual([gap?.because, gap?.size], ["message-lost", 3])
    assert((gap?.from ?? 0) <= (gap?.to ?? 0))
    assert.match(String(gap?.source), /^m1\/live@/)
  })

  test("metrics that no birth has told are counted, and a birth is asked for, never more often than allowed", async () => {
    await using rig = await makeRig()
    await using house = await houseOf()
    await using edge = await edgeOf(house)
    await using host = hostOf(rig, house.broker, { "rebirth-min-interval": "1min" })
    await host.connect()
    host.follow(rig.point("t", "press:Temperature"))
    await until("the birth is there", shows(rig, "t", 20))
    const { asked } = edge
    assert.equal(asked, 1)
    const metric: Metric = { alias: 99, type: "Double", value: 1 }
    for (let i = 0; i < 20; i++) await edge.send("DDATA", "press", { metrics: [metric, metric] })
    await edge.send("DDATA", "press", { metrics: [metric] }, 1000)
    await edge.tell("press", { Temperature: 31 })
    await until("the others go on", shows(rig, "t", 31))
    assert.equal(edge.asked, asked)
    const refused = rig.sink.refused.map(({ what }) => what).join()
    assert.match(refused, /got 2 metrics that no birth has told/)
    assert.match(refused, /got number 1000, expected 0 to 255/)
  })

  test("data of a device before its birth asks for one", async () => {
    await using line = await connectedHost()
    const { rig, edge, host } = line
    host.follow(rig.point("t", "press:Temperature"))
    await until("the birth is there", shows(rig, "t", 20))
    const { asked } = edge
    await edge.send("DDATA", "oven", { metrics: [{ name: "x", type: "Int8", value: 1 }] })
    await until("it was asked", () => edge.asked > asked)
  })
})

test("an address alone names the broker, the group and the edge node", () => {
  const options = (url: string) => sparkplug.optionsOf?.(new URL(url))
  assert.deepEqual(options("sparkplug://10.0.0.5:1883/plant/edge%201"), {
    broker: "mqtt://10.0.0.5:1883",
    group: "plant",
    node: "edge 1",
  })
  assert.equal(options("sparkplugs://broker.lan/g/n")?.broker, "mqtts://broker.lan")
  assert.throws(() => options("sparkplug://broker.lan/g"), { code: "option-invalid" })
})
