import assert from "node:assert/strict"
import { suite, test } from "node:test"
import { fileOf, weekAfter, weekOf, weekOfFile } from "./week.ts"

suite("partitions", () => {
  test("are weeks with the name of their first day, and every time has one", () => {
    const at = Date.UTC(2026, 10, 24, 8)
    assert.equal(fileOf(weekOf(at)), "2026-11-19.db")
    assert.equal(weekOfFile("2026-11-19.db"), Date.UTC(2026, 10, 19))
    for (const time of [at, 0, -1, -0.001, 5e-324, 1e15, -1e15, 1e300, -1e300]) {
      const start = weekOf(time)
      assert.equal(weekOfFile(fileOf(start)), start)
      assert.ok(time < weekAfter(start))
    }
    assert.equal(weekOf(-0.001), -7 * 86_400_000)
    assert.equal(weekAfter(weekOf(1e300)), Infinity)
  })

  test("other files are none", () => {
    for (const name of ["2026-11-20.db", "2026-11-19.db-wal", "catalog.db", "2026-99-19.db"])
      assert.equal(weekOfFile(name), undefined)
  })
})
