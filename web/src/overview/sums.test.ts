import assert from "node:assert/strict"
import { test } from "node:test"
import { sumUp } from "./sums.ts"

const row = {
  path: "a",
  cycles: 0,
  bad: 0,
  trial: 0,
  runningMs: 0,
  stoppedMs: 0,
  unknownMs: 0,
  states: [],
}

test("trial shots are neither good nor bad", () => {
  const sums = sumUp([{ ...row, cycles: 10, bad: 2, trial: 2 }])
  assert.equal(sums.good, 6)
  assert.equal(sums.defects, 0.25)
})

test("the mean cycle time weighs each machine by its cycles", () => {
  const sums = sumUp([
    { ...row, cycles: 30, cycleSeconds: 80 },
    { ...row, cycles: 10, cycleSeconds: 100 },
    row,
  ])
  assert.equal(sums.cycleSeconds, 85)
})

test("what is not known is not a zero", () => {
  const sums = sumUp([{ ...row, unknownMs: 1000 }])
  assert.equal(sums.defects, undefined)
  assert.equal(sums.cycleSeconds, undefined)
  assert.equal(sums.running, undefined)
})
