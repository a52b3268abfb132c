import assert from "node:assert/strict"
import { test } from "node:test"
import { dayOf, fieldText, instantOf, lastShift, presentShift } from "./spans.ts"

const zone = "Asia/Seoul"
const seoul = (text: string) => Date.parse(`${text}+09:00`)

test("a shift that is over is whole, the one that runs ends now", () => {
  const now = seoul("2026-11-24T15:30:20")
  assert.deepEqual(lastShift("day", now, zone), {
    from: seoul("2026-11-24T06:00:00"),
    to: seoul("2026-11-24T14:00:00"),
  })
  assert.deepEqual(presentShift(now, zone), {
    from: seoul("2026-11-24T14:00:00"),
    to: seoul("2026-11-24T15:30:00"),
  })
  assert.deepEqual(lastShift("night", now, zone), {
    from: seoul("2026-11-23T22:00:00"),
    to: seoul("2026-11-24T06:00:00"),
  })
})

test("a day is the plant's day, also the one on which clocks are set", () => {
  const now = seoul("2026-11-24T15:30:00")
  assert.deepEqual(dayOf(1, now, zone), {
    from: seoul("2026-11-23T00:00:00"),
    to: seoul("2026-11-24T00:00:00"),
  })
  const berlin = Date.parse("2026-10-26T12:00:00Z")
  const { from, to } = dayOf(1, berlin, "Europe/Berlin")
  assert.equal((to - from) / 3_600_000, 25)
})

test("a time goes into its field and comes back", () => {
  const at = seoul("2026-11-24T06:05:00")
  assert.equal(fieldText(at, zone), "2026-11-24T06:05")
  assert.equal(instantOf("2026-11-24T06:05", zone), at)
  assert.equal(instantOf("", zone), undefined)
})
