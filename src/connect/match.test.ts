import assert from "node:assert/strict"
import { suite, test } from "node:test"
import type { EquipmentTypeFile } from "../kernel/plant-file.ts"
import type { FoundPoint } from "./connector.ts"
import { matchTypes } from "./match.ts"

function type(addresses: Readonly<Record<string, string>>, ring?: string): EquipmentTypeFile {
  const tags = Object.fromEntries(
    Object.entries(addresses).map(([name, opcua]) => [
      name,
      { name, kind: "number", unit: "Cel", address: { opcua } },
    ]),
  )
  const records = ring ? { shot: { address: { opcua: ring }, fields: {} } } : {}
  return {
    moru: "equipment-type",
    maker: "acme",
    model: "m",
    name: "M",
    level: "unit",
    tags,
    records,
  } as unknown as EquipmentTypeFile
}

const found = (address: string, given: Partial<FoundPoint> = {}): FoundPoint => ({
  ...{ address, name: address.replace(/.*[=.]/, ""), kind: "number", writable: false },
  ...given,
})

suite("types of equipment for a machine that was browsed", () => {
  test("the type whose addresses are all there is sure, the others come behind or not at all", () => {
    const types = new Map([
      ["acme/half", type({ a: "s=A", gone: "s=Gone" })],
      ["acme/whole", type({ a: "s=A", b: "s=B" })],
      ["acme/other", type({ x: "s=X", y: "s=Y" })],
      ["acme/modbus", { ...type({}), tags: {} }],
    ])
    const matches = matchTypes([found("s=A"), found("s=B"), found("s=C")], types, "opcua")
    assert.deepEqual(
      matches.map(({ type: name, confidence }) => [name, confidence]),
      [
        ["acme/whole", 1],
        ["acme/half", 0.5],
      ],
    )
    assert.deepEqual(matches[0], {
      ...{ type: "acme/whole", confidence: 1, exact: ["a", "b"], byName: [], missing: [] },
      extra: 1,
    })
    assert.deepEqual(matches[1]?.missing, ["gone"])
  })

  test("a connector that the type has no address for matches nothing", () => {
    const types = new Map([["acme/m", type({ a: "s=A" })]])
    assert.deepEqual(matchTypes([found("s=A")], types, "modbus"), [])
  })

  test("the same name at another address counts half and tells the address, in the same unit only", () => {
    const types = new Map([
      ["acme/m", type({ "oil-temperature": "ns=2;s=Oil.Temperature", b: "s=B" })],
    ])
    const [match] = matchTypes(
      [found("ns=7;i=12", { name: "OilTemperature" }), found("s=B")],
      types,
      "opcua",
    )
    assert.equal(match?.confidence, 0.75)
    assert.deepEqual(match?.byName, [{ tag: "oil-temperature", address: "ns=7;i=12" }])
    const within = found("ns=7;i=13", { name: "Temperature", within: ["Root", "Oil"] })
    assert.equal(matchTypes([within, found("s=B")], types, "opcua")[0]?.byName.length, 1)
    const wrong = found("ns=7;i=12", { name: "OilTemperature", unit: "bar" })
    assert.equal(matchTypes([wrong, found("s=B")], types, "opcua")[0]?.confidence, 0.5)
    const two = [within, found("ns=7;i=12", { name: "OilTemperature" }), found("s=B")]
    assert.deepEqual(matchTypes(two, types, "opcua")[0]?.byName, [])
  })

  test("where several of a kind stand at one machine, each is found with its place", () => {
    const types = new Map([["acme/meter", type({ a: "s=Line.{at}.A", b: "s=Line.{at}.B" })]])
    const points = ["Line.M1.A", "Line.M1.B", "Line.M2.A", "Other.M3.A"].map((id) =>
      found(`s=${id}`),
    )
    assert.deepEqual(
      matchTypes(points, types, "opcua").map(({ at, confidence }) => [at, confidence]),
      [
        ["M1", 1],
        ["M2", 0.5],
      ],
    )
  })

  test("a place may stand several times in an address, but must be the same", () => {
    const types = new Map([["acme/meter", type({ a: "s={at}/{at}.A" })]])
    const points = [found("s=M1/M1.A"), found("s=M1/M2.A")]
    assert.deepEqual(
      matchTypes(points, types, "opcua").map(({ at }) => at),
      ["M1"],
    )
  })

  test("a buffer of records is known by what stands beneath it", () => {
    const types = new Map([["acme/m", type({ a: "s=A" }, "s=Shots")]])
    const [match] = matchTypes([found("s=A"), found("s=Shots.Capacity")], types, "opcua")
    assert.equal(match?.confidence, 1)
    assert.equal(match?.extra, 0)
    const [without] = matchTypes([found("s=A"), found("s=ShotsMade")], types, "opcua")
    assert.deepEqual(without?.missing, ["shot"])
  })
})
