import assert from "node:assert/strict"
import { suite, test } from "node:test"
import type { Level } from "../model/equipment.ts"
import { Problem } from "../model/problem.ts"
import type { FoundPoint } from "./connector.ts"
import { newEquipmentPatch, tagsFrom } from "./new-equipment.ts"
import { suggestTags } from "./suggest.ts"

const base = {
  ...{ device: "d1", connector: "opcua", options: { endpoint: "x" } },
  ...{ path: "press-1", levels: new Map<string, Level>(), tags: {} },
}

/** Paths of a patch with their levels. */
function levelsIn(patch: object, within = ""): string[] {
  const { equipment = {}, contains = equipment } = patch as {
    equipment?: object
    contains?: object
  }
  return Object.entries(contains).flatMap(([name, of]) => [
    `${within}${name} ${of.level ?? "there"}`,
    ...levelsIn(of, `${within}${name}/`),
  ])
}

suite("a machine that is added to a plant", () => {
  test("stands at the top as a unit with its device", () => {
    assert.deepEqual(newEquipmentPatch(base), {
      devices: { d1: { connector: "opcua", options: { endpoint: "x" } } },
      equipment: { "press-1": { level: "unit", name: "Press 1", device: "d1" } },
    })
  })

  test("gets the levels above it that are missing, from the top", () => {
    const levels = (path: string, known: readonly (readonly [string, Level])[] = []) =>
      levelsIn(newEquipmentPatch({ ...base, path, levels: new Map(known) }))
    assert.deepEqual(levels("a/b/p"), ["a site", "a/b area", "a/b/p unit"])
    assert.deepEqual(levels("a/b/p", [["a", "site"]]), ["a there", "a/b area", "a/b/p unit"])
    assert.deepEqual(levels("a/b/p", [["a", "area"]]), ["a there", "a/b line", "a/b/p unit"])
    assert.throws(() => levels("a/b/c/d/e/p"), /got 5 new levels above a unit, expected at most 4/)
    assert.throws(
      () => levels("a", [["a", "site"]]),
      (thrown) => {
        return thrown instanceof Problem && thrown.code === "config-duplicate"
      },
    )
  })

  test("of a type with its place at the device, and the addresses that differ", () => {
    const byName = [{ tag: "oil", address: "s=Oil" }]
    const type = { type: "acme/press", at: "M1", byName, level: "unit" as const }
    const { equipment } = newEquipmentPatch({ ...base, type })
    assert.deepEqual(equipment?.["press-1"], {
      ...{ level: "unit", name: "Press 1", type: "acme/press", device: { name: "d1", at: "M1" } },
      tags: { oil: { address: { opcua: "s=Oil" } } },
    })
  })

  test("values of the same name say to people in which folder they stand", () => {
    const points = ["Zone 1", "Zone 2"].map((zone) => ({
      ...{ name: "Temp", address: zone, within: ["Oven", zone], kind: "text", writable: false },
    })) as FoundPoint[]
    const tags = Object.entries(tagsFrom(points, suggestTags(points), "opcua"))
    assert.deepEqual(
      tags.map(([tag, { name }]) => [tag, name]),
      [
        ["zone-1-temp", "Zone 1 Temp"],
        ["zone-2-temp", "Zone 2 Temp"],
      ],
    )
  })

  test("takes over what is sure of the values that were found", () => {
    const shared = { writable: false, kind: "number" } as const
    const points = [
      { ...shared, name: "Temp", address: "a", range: [0, 100] as const },
      { ...shared, name: "압력", address: "b", value: 1.5 },
      { ...shared, name: "X", address: "c", value: 1.25 },
      { ...shared, name: "Word", address: "d", kind: "text" as const },
      { ...shared, name: "Load", address: "e" },
    ]
    assert.deepEqual(tagsFrom(points, suggestTags(points), "opcua"), {
      temp: { name: "Temp", unit: "Cel", range: [0, 100], decimals: 1, address: { opcua: "a" } },
      pressure: { name: "압력", unit: "bar", decimals: 1, address: { opcua: "b" } },
      x: { name: "X", unit: "1", address: { opcua: "c" } },
      word: { name: "Word", kind: "text", unit: "1", address: { opcua: "d" } },
      load: { name: "Load", unit: "%", decimals: 1, address: { opcua: "e" } },
    })
  })
})
