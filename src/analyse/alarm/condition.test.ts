import assert from "node:assert/strict"
import { test } from "node:test"
import { quality } from "../../model/quality.ts"
import type { Limit } from "../../model/tag.ts"
import { type Condition, firstCondition, onSample, onTime } from "./condition.ts"

const high: Limit = {
  side: "high",
  at: 235,
  priority: 2,
  onDelayMs: 10_000,
  offDelayMs: 20_000,
  deadband: 4,
  suppressedIn: [],
}

/** Lines `seconds value` or `seconds bad` or `seconds silence`; gives the seconds at which it turned on or off. */
function play(limit: Limit, lines: readonly string[]): string {
  let condition: Condition = firstCondition
  const turns: string[] = []
  for (const line of lines) {
    const [seconds = "", what = ""] = line.split(" ")
    const at = Number(seconds) * 1000
    const before = condition.active
    if (what === "silence") condition = onTime(condition, at, limit)
    else {
      const bad = what === "bad"
      const sample = {
        at,
        value: bad ? 0 : Number(what),
        quality: bad ? quality.bad : quality.good,
      }
      condition = onSample(condition, sample, limit)
    }
    if (condition.active !== before) turns.push(`${seconds} ${condition.active ? "on" : "off"}`)
  }
  return turns.join(", ")
}

test("a value beyond its limit raises only after the on-delay", () => {
  assert.equal(play(high, ["0 230", "5 236", "10 237", "14 238", "15 236"]), "15 on")
})

test("a value that comes back within the delay raises nothing", () => {
  assert.equal(play(high, ["0 236", "9 234", "10 236", "19 236", "20 236"]), "20 on")
})

test("the limit itself is not beyond it", () => {
  assert.equal(play(high, ["0 235", "60 235"]), "")
})

test("a value that stands silent beyond the limit raises by the plant's clock", () => {
  assert.equal(play(high, ["0 236", "9 silence", "10 silence"]), "10 on")
})

test("within the deadband an alarm does not return", () => {
  const lines = ["0 240", "10 240", "20 233", "60 232", "61 231", "80 231", "81 231"]
  assert.equal(play(high, lines), "10 on, 81 off")
})

test("a return that is broken by the deadband begins anew", () => {
  assert.equal(
    play(high, ["0 240", "10 240", "20 230", "30 233", "40 230", "59 230", "60 230"]),
    "10 on, 60 off",
  )
})

test("a bad sample neither raises nor clears, and no delay elapses while nothing is known", () => {
  assert.equal(play(high, ["0 236", "5 bad", "20 silence", "30 236", "39 236", "40 236"]), "40 on")
  assert.equal(play(high, ["0 240", "10 240", "20 bad", "300 silence"]), "10 on")
})

test("a low limit is met from above", () => {
  const low: Limit = { ...high, side: "low", at: 160, onDelayMs: 0, offDelayMs: 0 }
  assert.equal(play(low, ["0 161", "1 160", "2 159", "3 163", "4 164"]), "2 on, 4 off")
})

test("a late sample of an older time changes nothing", () => {
  assert.equal(play(high, ["10 230", "0 300", "20 230", "21 silence"]), "")
})
