import assert from "node:assert/strict"
import { test } from "node:test"
import fc from "fast-check"
import { instantIn, wallTimeIn } from "./zone.ts"

const wall = (year: number, month: number, day: number, hour = 0, minute = 0, second = 0) => ({
  year,
  month,
  day,
  hour,
  minute,
  second,
})

test("a Korean wall clock is nine hours ahead of UTC", () => {
  assert.equal(instantIn("Asia/Seoul", wall(2019, 1, 2, 16, 45, 8)), Date.UTC(2019, 0, 2, 7, 45, 8))
})

test("daylight saving: a skipped hour takes the offset before it, a doubled one its first passing", () => {
  assert.equal(instantIn("Europe/Berlin", wall(2024, 3, 31, 2, 30)), Date.UTC(2024, 2, 31, 1, 30))
  assert.equal(instantIn("Europe/Berlin", wall(2024, 10, 27, 2, 30)), Date.UTC(2024, 9, 27, 0, 30))
  assert.equal(instantIn("Europe/Berlin", wall(2024, 3, 31, 3, 30)), Date.UTC(2024, 2, 31, 1, 30))
})

test("what is no date has no instant", () => {
  assert.equal(instantIn("UTC", wall(2023, 2, 29)), undefined)
  assert.equal(instantIn("UTC", wall(2023, 13, 1)), undefined)
  assert.equal(instantIn("UTC", wall(2023, 1, 1, 24)), undefined)
})

test("an instant read from the wall and put back is the same", () => {
  const zones = fc.constantFrom("Asia/Seoul", "UTC", "Asia/Kathmandu", "America/St_Johns")
  const times = fc.integer({ min: Date.UTC(1988, 11), max: Date.UTC(2060, 0) })
  fc.assert(
    fc.property(zones, times, (zone, at) => {
      const back = instantIn(zone, wallTimeIn(zone, at))
      const twice = back !== undefined && Math.abs(back - at) % 3_600_000 === 0
      assert(zone === "America/St_Johns" ? twice : Math.abs((back ?? 0) - at) < 0.01)
    }),
  )
})
