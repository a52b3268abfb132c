import assert from "node:assert/strict"
import { suite, test } from "node:test"
import fc from "fast-check"
import {
  DamagedChunk,
  encodeRecord,
  type RecordKey,
  readRecordHead,
  rowsOf,
} from "./chunk-record.ts"
import { decodeRows, encodeRows, type RowColumns } from "./chunk-rows.ts"
import { summarize } from "./chunk-summary.ts"

function columns(
  rows: readonly (readonly [at: number, value: number, quality: number])[],
): RowColumns {
  return {
    at: Float64Array.from(rows, ([at]) => at),
    value: Float64Array.from(rows, ([, value]) => value),
    quality: Uint8Array.from(rows, ([, , quality]) => quality),
    origin: new Uint32Array(rows.length).fill(7),
    number: Float64Array.from(rows, (_, i) => i * 50),
  }
}

const keyOf = (tag: number, { at }: RowColumns): RecordKey => ({
  tag,
  from: at[0] as number,
  to: at.at(-1) as number,
  count: at.length,
})

suite("a chunk's record", () => {
  test("says its summary and age without being unpacked, and keeps the rows", () => {
    const value = fc.oneof(
      fc.integer({ min: -9999, max: 9999 }).map((n) => n / 100),
      fc.double(),
      fc.constantFrom(Number.NaN, -0, Infinity, 1e300),
    )
    const row = fc.tuple(fc.nat({ max: 5000 }), value, fc.constantFrom(0, 0, 64, 128))
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 40 }), fc.maxSafeNat(), (some, age) => {
        const rows = columns(
          some.toSorted((a, b) => a[0] - b[0]).map(([at, v, q]) => [at / 8, v, q]),
        )
        const bytes = encodeRecord(3, age, rows)
        const last = some.length - 1
        assert.deepEqual(readRecordHead(bytes, keyOf(3, rows)), {
          age,
          summary: summarize(rows),
          holds: (rows.quality[last] as number) < 128 && !Number.isNaN(rows.value[last]),
        })
        const into = columns(some)
        decodeRows(rowsOf(bytes), into)
        assert.deepEqual(into, rows)
      }),
      { numRuns: 500 },
    )
  })

  test("a bad row of the last instant ends what holds", () => {
    const rows = columns([
      [1, 5, 0],
      [1, 5, 128],
    ])
    assert.equal(readRecordHead(encodeRecord(1, 1, rows), keyOf(1, rows)).holds, false)
  })

  test("takes some thirty bytes more than its rows", () => {
    const rows = columns(
      Array.from({ length: 1000 }, (_, i) => [1.7e12 + i * 1000, (i % 70) / 10, 0]),
    )
    assert.ok(encodeRecord(1, 99_999, rows).length - encodeRows(rows).length < 34)
  })

  test("another key, a changed byte or a missing one of its head is found", () => {
    const rows = columns(Array.from({ length: 50 }, (_, i) => [i, Math.sqrt(i), i === 9 ? 128 : 0]))
    const bytes = encodeRecord(3, 12, rows)
    const key = keyOf(3, rows)
    const headBytes = 5 + (bytes[4] as number)
    for (let i = 0; i < headBytes; i++) {
      assert.throws(() => readRecordHead(bytes.subarray(0, i), key), DamagedChunk)
      const damaged = bytes.slice()
      damaged[i] = (damaged[i] as number) ^ 4
      assert.throws(() => readRecordHead(damaged, key), DamagedChunk)
    }
    for (const other of [{ tag: 4 }, { from: -1 }, { to: 50 }, { count: 51 }])
      assert.throws(() => readRecordHead(bytes, { ...key, ...other }), DamagedChunk)
  })
})
