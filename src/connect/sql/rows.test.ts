import assert from "node:assert/strict"
import { test } from "node:test"
import fc from "fast-check"
import { parseOptions } from "../options.ts"
import type { Place } from "./memory.ts"
import { newRows } from "./rows.ts"
import { sql } from "./sql.ts"
import { login } from "./testing/server.ts"

const optionsOf = (rows: number) =>
  parseOptions(
    sql,
    {
      ...{ database: "mysql", host: "erp", ...login, rows },
      ...{ query: "SELECT w, n FROM t WHERE w > ? ORDER BY w", watermark: "w" },
    },
    "test",
  )

const start: Place = { epoch: "e", watermark: -1, seen: [], next: 1 }

/** Reads a table to its end, as a database would give it: rows of one watermark in any order. */
function readAll(
  table: readonly { w: number; n: number }[],
  of: { limit: number; isInclusive: boolean; turn: number; place?: Place },
) {
  let place = of.place ?? start
  const got: unknown[] = []
  for (let step = 0; step < 1000; step++) {
    const { watermark } = place
    const rows = table
      .filter(({ w }) => w > Number(watermark) || (of.isInclusive && w === watermark))
      .toSorted((a, b) => a.w - b.w || ((a.n * of.turn) % 17) - ((b.n * of.turn) % 17))
      .slice(0, of.limit)
      .map(({ w, n }) => [w, n])
    const fetched = { columns: ["w", "n"], rows, isUtc: [false, false] }
    const found = newRows(fetched, { place, options: optionsOf(of.limit), where: "m1" })
    got.push(...found.rows.map(([, n]) => n))
    place = found.after
    if (!found.hasMore) return { got, place }
  }
  throw new Error("it never comes to an end")
}

test("every row of any table comes once, however many share a watermark", () => {
  const table = fc.array(fc.nat(12), { maxLength: 60 })
  fc.assert(
    fc.property(table, fc.boolean(), fc.integer({ min: 1, max: 16 }), (ws, isInclusive, turn) => {
      const rows = ws.map((w, n) => ({ w, n }))
      const most = Math.max(0, ...rows.map(({ w }) => rows.filter((r) => r.w === w).length))
      const { got, place } = readAll(rows, { limit: most + 1, isInclusive, turn })
      const all = rows.map(({ n }) => n)
      assert.deepEqual(got.toSorted(), all.toSorted())
      assert.equal(place.next, rows.length + 1)
      assert.deepEqual(readAll(rows, { limit: most + 1, isInclusive, turn: 3, place }).got, [])
    }),
    { seed: 5, numRuns: 300 },
  )
})

test("a reading that more rows share than it may hold says what to change", () => {
  const rows = Array.from({ length: 5 }, (_, n) => ({ w: 1, n }))
  for (const isInclusive of [true, false])
    assert.throws(() => readAll(rows, { limit: 3, isInclusive, turn: 1 }), {
      code: "option-invalid",
      message: /option "rows": got 3, expected more than rows share the watermark "1"/,
    })
})

test("an order that goes back, and a watermark that is none, are the query's fault", () => {
  const read = (...marks: (string | number | null)[]) => {
    const rows = marks.map((mark) => [mark])
    const fetched = { columns: ["w"], rows, isUtc: [false] }
    return newRows(fetched, { place: start, options: optionsOf(100), where: "m1" }).rows.length
  }
  assert.equal(read("9007199254740993", "9007199254740994", "10000000000000000000"), 3)
  assert.equal(read("2026-01-05 08:00:00+00", "2026-01-05 08:00:00.5+00"), 2)
  assert.equal(read("b", "A", "가"), 3, "the order of texts is the database's own")
  assert.throws(() => read("9007199254740994", "9007199254740993"), /expected ORDER BY w/)
  assert.throws(() => read("2026-01-05 08:00:01", "2026-01-05 08:00:00"), /expected ORDER BY w/)
  assert.throws(() => read(2, 1), /expected ORDER BY w/)
  assert.throws(() => read(1, null), /got null, expected a number or a time/)
})
