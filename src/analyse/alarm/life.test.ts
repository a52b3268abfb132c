import assert from "node:assert/strict"
import { test } from "node:test"
import fc from "fast-check"
import type { AlarmState } from "../alarm.ts"
import { type Life, type LifeEvent, normalLife, stepLife } from "./life.ts"

const events: Readonly<Record<string, LifeEvent>> = {
  beyond: { kind: "beyond", at: 50, value: 300 },
  within: { kind: "within", at: 60 },
  acknowledge: { kind: "acknowledge", at: 70, by: "p1" },
  shelve: { kind: "shelve", until: 1000, reason: "sensor is exchanged" },
  unshelve: { kind: "unshelve", at: 80 },
  suppress: { kind: "suppress" },
  unsuppress: { kind: "unsuppress", at: 90 },
  "take-out": { kind: "take-out", reason: "no sensor in this mould" },
  "put-back": { kind: "put-back", at: 95 },
}

const lives: Readonly<Record<string, Life>> = {
  normal: normalLife,
  unacknowledged: { state: "unacknowledged", active: true, byDesign: false, raisedAt: 1, value: 9 },
  acknowledged: { state: "acknowledged", active: true, byDesign: false, raisedAt: 1, value: 9 },
  returned: { state: "returned", active: false, byDesign: false, raisedAt: 1, value: 9 },
  "shelved, active": {
    state: "shelved",
    active: true,
    byDesign: false,
    shelvedUntil: 99,
    value: 9,
  },
  "shelved, quiet": { state: "shelved", active: false, byDesign: false, shelvedUntil: 99 },
  "suppressed, active": { state: "suppressed", active: true, byDesign: true, value: 9 },
  "suppressed, quiet": { state: "suppressed", active: false, byDesign: true },
  "out, active": { state: "out-of-service", active: true, byDesign: false, value: 9 },
  "out, quiet": { state: "out-of-service", active: false, byDesign: false },
}

// Every state and every event: the next state and what the ledger is told. A missing event changes no state.
const table: Readonly<
  Record<string, Readonly<Record<string, readonly [AlarmState, ...string[]]>>>
> = {
  normal: {
    beyond: ["unacknowledged", "raised"],
    shelve: ["shelved", "shelved"],
    suppress: ["suppressed", "suppressed"],
    "take-out": ["out-of-service", "out-of-service"],
  },
  unacknowledged: {
    within: ["returned", "returned"],
    acknowledge: ["acknowledged", "acknowledged"],
    shelve: ["shelved", "shelved"],
    suppress: ["suppressed", "suppressed"],
    "take-out": ["out-of-service", "out-of-service"],
  },
  acknowledged: {
    within: ["normal", "returned"],
    shelve: ["shelved", "shelved"],
    suppress: ["suppressed", "suppressed"],
    "take-out": ["out-of-service", "out-of-service"],
  },
  returned: {
    beyond: ["unacknowledged", "raised"],
    acknowledge: ["normal", "acknowledged"],
    shelve: ["shelved", "shelved"],
    suppress: ["suppressed", "suppressed"],
    "take-out": ["out-of-service", "out-of-service"],
  },
  "shelved, active": {
    shelve: ["shelved", "shelved"],
    unshelve: ["unacknowledged", "unshelved", "raised"],
    "take-out": ["out-of-service", "out-of-service"],
  },
  "shelved, quiet": {
    shelve: ["shelved", "shelved"],
    unshelve: ["normal", "unshelved"],
    "take-out": ["out-of-service", "out-of-service"],
  },
  "suppressed, active": {
    shelve: ["shelved", "shelved"],
    unsuppress: ["unacknowledged", "unsuppressed", "raised"],
    "take-out": ["out-of-service", "out-of-service"],
  },
  "suppressed, quiet": {
    shelve: ["shelved", "shelved"],
    unsuppress: ["normal", "unsuppressed"],
    "take-out": ["out-of-service", "out-of-service"],
  },
  "out, active": { "put-back": ["unacknowledged", "in-service", "raised"] },
  "out, quiet": { "put-back": ["normal", "in-service"] },
}

for (const [from, life] of Object.entries(lives))
  for (const [name, event] of Object.entries(events)) {
    const [state, ...records] = table[from]?.[name] ?? [life.state]
    test(`an alarm that is ${from}: ${name} makes it ${state}`, () => {
      const step = stepLife(life, event)
      assert.equal(step.life.state, state)
      assert.deepEqual(
        step.records,
        records.map((record) => `alarm.${record}`),
      )
    })
  }

test("an alarm that was raised and returned on the shelf is normal when it comes back", () => {
  let life = stepLife(normalLife, { kind: "shelve", until: 100, reason: "maintenance" }).life
  life = stepLife(life, { kind: "beyond", at: 10, value: 9 }).life
  life = stepLife(life, { kind: "within", at: 20 }).life
  assert.equal(stepLife(life, { kind: "unshelve", at: 30 }).life.state, "normal")
})

test("what is suppressed by design while it is shelved stays suppressed when it comes back", () => {
  let life = stepLife(normalLife, { kind: "shelve", until: 100, reason: "maintenance" }).life
  life = stepLife(life, { kind: "suppress" }).life
  life = stepLife(life, { kind: "unshelve", at: 30 }).life
  assert.equal(life.state, "suppressed")
  assert.equal(stepLife(life, { kind: "unsuppress", at: 40 }).life.state, "normal")
})

test("a new raising forgets who acknowledged the last one", () => {
  let life = stepLife(normalLife, { kind: "beyond", at: 1, value: 9 }).life
  life = stepLife(life, { kind: "acknowledge", at: 2, by: "p1" }).life
  life = stepLife(life, { kind: "within", at: 3 }).life
  life = stepLife(life, { kind: "beyond", at: 4, value: 9 }).life
  assert.equal(life.acknowledgedBy, undefined)
  assert.equal(life.raisedAt, 4)
})

test("whatever happens, a raised alarm is beyond its limit and a hidden one never tells of a raising", () => {
  const event = fc.constantFrom(...Object.values(events))
  fc.assert(
    fc.property(fc.array(event, { maxLength: 40 }), (happened) => {
      let life = normalLife
      for (const one of happened) {
        const step = stepLife(life, one)
        const hidden = ["shelved", "suppressed", "out-of-service"].includes(step.life.state)
        if (hidden) assert.ok(!step.records.includes("alarm.raised"))
        const shown = step.life.state === "unacknowledged" || step.life.state === "acknowledged"
        if (shown) assert.ok(step.life.active)
        if (step.life.state === "normal") assert.ok(!step.life.active)
        life = step.life
      }
    }),
  )
})
