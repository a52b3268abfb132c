import assert from "node:assert/strict"
import { test } from "node:test"
import { liveStepMs, quickSpan, zoomed } from "./range.ts"

test("zooming keeps the place under the pointer where it is", () => {
  assert.deepEqual(zoomed({ from: 0, to: 100_000 }, 25_000, 0.5), { from: 12_500, to: 62_500 })
})

test("zooming in ends at five seconds", () => {
  const { from, to } = zoomed({ from: 0, to: 6000 }, 3000, 0.1)
  assert.equal(to - from, 5000)
})

test("today begins at midnight of the plant, not of the browser", () => {
  const now = Date.UTC(2026, 10, 22, 5, 39, 12)
  assert.equal(quickSpan("today", now, "Asia/Seoul").from, Date.UTC(2026, 10, 21, 15))
})

test("a faster plant's window moves on more often, but never more than once a second", () => {
  assert.equal(liveStepMs(8 * 3_600_000, 1), 30_000)
  assert.equal(liveStepMs(8 * 3_600_000, 60), 1200)
  assert.equal(liveStepMs(600_000, 60), 1000)
})
