import assert from "node:assert/strict"
import { suite, test } from "node:test"
import fc from "fast-check"
import type { Path } from "../model/path.ts"
import { type DeciderConfig, type DeviceConfig, keepAll, type Plant } from "../model/plant.ts"
import type { Tag } from "../model/tag.ts"
import { comparePlants, holdWaiting } from "./plant-change.ts"

const press = "site/press" as Path
const path = (name: string) => `${press}/${name}` as Path

function tag(name: string, more: Partial<Tag> = {}): Tag {
  return {
    path: path(name),
    equipment: press,
    kind: "number",
    unit: "bar",
    name: { en: name },
    decimals: 1,
    staleAfterMs: 1000,
    limits: [],
    ...more,
  }
}

const interlock = { tag: path("state"), is: "=", value: 1, withinMs: 1000 } as const
const writable = { min: 0, max: 10, maxStep: 1, minIntervalMs: 0, interlocks: [interlock] }
const point = (name: string, address = name) => ({ tag: path(name), address })

const device: DeviceConfig = {
  name: "d1",
  connector: "opcua",
  options: { endpoint: "a", password: "hunter2" },
  points: [point("state"), point("pressure"), point("set")],
  records: [],
}

const decider: DeciderConfig = {
  name: "cool",
  kind: "cooling",
  equipment: press,
  options: { step: 1 },
  policy: "approve",
}

const plant: Plant = {
  name: { en: "Plant" },
  timezone: "Asia/Seoul",
  equipment: [{ path: press, level: "unit", name: { en: "Press" } }],
  tags: [tag("state", { unit: "1" }), tag("pressure"), tag("set", { writable })],
  devices: [device],
  cycles: [],
  states: [],
  analysers: [],
  deciders: [decider],
  network: { allow: [], deny: [] },
  storage: keepAll,
  machines: [],
}

function classes(after: Plant): string[] {
  return comparePlants(plant, after).map((c) => `${c.class} ${c.subject} ${c.what}`)
}

const withDevice = (more: Partial<DeviceConfig>): Plant => ({
  ...plant,
  devices: [{ ...device, ...more }],
})
const withDecider = (more: Partial<DeciderConfig>): Plant => ({
  ...plant,
  deciders: [{ ...decider, ...more }],
})
const withTags = (...tags: Tag[]): Plant => ({ ...plant, tags })
const [state, pressure, set] = [
  tag("state", { unit: "1" }),
  tag("pressure"),
  tag("set", { writable }),
]

suite("what a change of the plant bears on", () => {
  test("nothing changed, nothing said", () => {
    assert.deepEqual(classes(structuredClone(plant)), [])
  })

  test("names, limits and bands are safe", () => {
    const changed = tag("pressure", { name: { en: "Oil" }, normal: [1, 2] })
    assert.deepEqual(classes(withTags(state, changed, set)), [
      "safe site/press/pressure name: en pressure -> Oil",
      "safe site/press/pressure normal: none -> [1,2]",
    ])
  })

  test("the address of a set point, and of what its interlock looks at, waits", () => {
    assert.deepEqual(
      classes(
        withDevice({ points: [point("state", "x"), point("pressure", "y"), point("set", "z")] }),
      ),
      [
        "waits site/press/state address: state of d1 -> x of d1",
        "safe site/press/pressure address: pressure of d1 -> y of d1",
        "waits site/press/set address: set of d1 -> z of d1",
      ],
    )
  })

  test("another password waits and is not said", () => {
    assert.deepEqual(classes(withDevice({ options: { endpoint: "a", password: "secret" } })), [
      "waits d1 connection: password",
    ])
  })

  test("a policy waits, and so does a new decider that acts by itself", () => {
    assert.deepEqual(classes(withDecider({ policy: "automatic" })), [
      "waits cool (cooling on site/press) policy: approve -> automatic",
    ])
    const other = withDecider({ kind: "hold", policy: "automatic" })
    assert.ok(classes(other).includes("waits cool (hold on site/press) policy: none -> automatic"))
    assert.equal(holdWaiting(plant, other).deciders[0]?.policy, "approve")
  })

  test("the options of a decider are safe and only named", () => {
    assert.deepEqual(classes(withDecider({ options: { step: 2 } })), [
      "safe cool (cooling on site/press) options: step",
    ])
  })

  test("what retention would let go waits, and a larger budget does not", () => {
    const rule = { tags: "**", rawMs: 90 * 86_400_000, minutesMs: Infinity, hoursMs: Infinity }
    const other = { ...plant, storage: { budget: { bytes: 1e9 }, retention: [rule] } }
    assert.deepEqual(classes(other), [
      "safe storage budget: share 0.8 -> none, bytes none -> 1000000000",
      "waits storage retention:  -> ** 90 d, for good, for good",
    ])
    assert.deepEqual(holdWaiting(plant, other).storage, { budget: { bytes: 1e9 }, retention: [] })
  })

  test("unit and kind of a known tag are refused", () => {
    assert.deepEqual(classes(withTags(state, tag("pressure", { unit: "MPa" }), set)), [
      "refused site/press/pressure unit: bar -> MPa",
    ])
  })

  test("a set point in another unit is not written by the old bounds", () => {
    const other = withTags(state, pressure, tag("set", { unit: "MPa", writable }))
    const held = holdWaiting(plant, other)
    assert.equal(held.tags.find((t) => t.path === path("set"))?.writable, undefined)
  })

  test("whatever changes, what is held has nothing that waits", () => {
    const change = fc.record({
      max: fc.constantFrom(10, 20),
      loose: fc.boolean(),
      writable: fc.boolean(),
      newSet: fc.boolean(),
      addresses: fc.array(fc.constantFrom("state", "pressure", "set", "x"), {
        minLength: 3,
        maxLength: 3,
      }),
      connector: fc.constantFrom("opcua", "modbus"),
      endpoint: fc.constantFrom("a", "b"),
      deviceName: fc.constantFrom("d1", "d2"),
      policy: fc.constantFrom("advise", "approve", "automatic"),
      kind: fc.constantFrom("cooling", "hold"),
    })
    fc.assert(
      fc.property(change, (c) => {
        const bounds = { ...writable, max: c.max, interlocks: c.loose ? [] : [interlock] }
        const tags = [state, pressure, tag("set", c.writable ? { writable: bounds } : {})]
        const [a = "", b = "", s = ""] = c.addresses
        const after: Plant = {
          ...plant,
          tags: c.newSet ? [...tags, tag("new", { writable })] : tags,
          devices: [
            {
              ...device,
              name: c.deviceName,
              connector: c.connector,
              options: { endpoint: c.endpoint },
              points: [point("state", a), point("pressure", b), point("set", s)],
            },
          ],
          deciders: [{ ...decider, kind: c.kind, policy: c.policy } as DeciderConfig],
        }
        const held = holdWaiting(plant, after)
        assert.deepEqual(
          comparePlants(plant, held).filter((x) => x.class === "waits"),
          [],
        )
        assert.deepEqual(holdWaiting(after, after), after)
      }),
      { numRuns: 500 },
    )
  })
})
