import assert from "node:assert/strict"
import { suite, test } from "node:test"
import type { FoundPoint } from "./connector.ts"
import { suggestTags } from "./suggest.ts"
import { tagNameOf } from "./tag-name.ts"

function found(name: string, given: Partial<FoundPoint> = {}): FoundPoint {
  return { address: `ns=2;s=${name}`, name, kind: "number", writable: false, ...given }
}

suite("names of machines' values as names in paths", () => {
  for (const [name, expected] of [
    ["Temperature", "temperature"],
    ["DieUpper1", "die-upper-1"],
    ["Zone_02.Actual Temp [°C]", "zone-02-actual-temp"],
    ["PLCState", "plc-state"],
    ["kWh", "kwh"],
    ["T1", "t1"],
    ["Öl-Druck", "ol-druck"],
    ["냉각수 유량", "coolant-flow"],
    ["상형온도1", "upper-die-temperature-1"],
    ["전력량", "energy"],
    ["현재값", "actual"],
    ["주조기", "jujogi"],
    ["3호기 압력", "3-hogi-pressure"],
    ["設定値", "value"],
    ["", "value"],
    ["--", "value"],
    ["x".repeat(100), "x".repeat(60)],
  ] as const)
    test(`"${name.slice(0, 30)}" becomes ${expected.slice(0, 30)}`, () => {
      assert.equal(tagNameOf(name), expected)
      assert.match(tagNameOf(name), /^[a-z0-9][a-z0-9_-]*$/)
    })

  test("what has the same name in two folders gets the folders' names, and a number at last", () => {
    const points = [
      found("Temp", { within: ["Plant", "Zone1"] }),
      found("Temp", { within: ["Plant", "Zone2"] }),
      found("Speed", { within: ["Plant"] }),
      found("Speed", { within: ["Plant"] }),
    ]
    assert.deepEqual(
      suggestTags(points).map(({ tag }) => tag),
      ["zone-1-temp", "zone-2-temp", "plant-speed", "plant-speed-2"],
    )
  })
})

suite("units, ranges and digits that are suggested", () => {
  const unit = (name: string, given?: Partial<FoundPoint>) => {
    const [one] = suggestTags([found(name, given)])
    return one?.unit && [one.unit.value, one.unit.confidence]
  }

  test("what the machine says goes before what its name says", () => {
    assert.deepEqual(unit("Temperature", { unit: "K" }), ["K", 1])
    assert.deepEqual(unit("Temperature", { unit: "furlong" }), ["Cel", 0.8])
    const [one] = suggestTags([found("Pressure", { range: [0, 250] })])
    assert.deepEqual(one?.range, {
      ...{ value: [0, 250], confidence: 1, because: "the machine says its range" },
    })
  })

  test("a unit that is written into the name is taken", () => {
    assert.deepEqual(unit("Oil pressure [MPa]"), ["MPa", 0.9])
    assert.deepEqual(unit("oil_pressure_kgf/cm2"), ["kgf/cm2", 0.9])
    assert.deepEqual(unit("유압(MPa)"), ["MPa", 0.9])
    assert.deepEqual(unit("spindle_rpm"), ["/min", 0.9])
    assert.deepEqual(unit("meter kWh"), ["kW.h", 0.9])
    assert.deepEqual(unit("limit_min"), undefined)
  })

  test("words in English and Korean say what is most usual", () => {
    assert.deepEqual(unit("DieTemperature1"), ["Cel", 0.8])
    assert.deepEqual(unit("용탕 온도"), ["Cel", 0.8])
    assert.deepEqual(unit("모터 전류"), ["A", 0.8])
    assert.deepEqual(unit("전력량"), ["kW.h", 0.8])
    assert.deepEqual(unit("주축 회전수"), ["/min", 0.8])
    assert.deepEqual(unit("CycleTime"), ["s", 0.7])
    assert.deepEqual(unit("압력"), ["bar", 0.5])
    assert.deepEqual(unit("V17", { description: "Cooling flow" }), ["L/min", 0.48])
    assert.deepEqual(unit("Actual", { within: ["Furnace", "Temperature"] }), ["Cel", 0.48])
    assert.equal(unit("X17"), undefined)
    assert.equal(unit("Template"), undefined)
  })

  test("digits follow the unit, else the value as 32 bits hold it", () => {
    const digits = (name: string, value: number) =>
      suggestTags([found(name, { value })])[0]?.decimals?.value
    assert.equal(digits("Temperature", 21.456), 1)
    assert.equal(digits("X17", Math.fround(0.25)), 2)
    assert.equal(digits("X17", Math.fround(21.7)), 1)
    assert.equal(digits("X17", 42), 0)
    assert.equal(digits("X17", Math.PI), 3)
    assert.equal(digits("X17", Number.NaN), undefined)
  })

  test("texts and truths get a name only", () => {
    assert.deepEqual(suggestTags([found("Temperature", { kind: "text" })]), [
      { tag: "temperature" },
    ])
  })
})
