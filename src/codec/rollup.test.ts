import assert from "node:assert/strict"
import { suite, test } from "node:test"
import fc from "fast-check"
import { DamagedChunk } from "./chunk.ts"
import {
  decodeRollup,
  decodeSpans,
  encodeRollup,
  encodeSpans,
  maxRollupRows,
  Rollup,
  Spans,
} from "./rollup.ts"

const doubles = (rows: number) => fc.array(fc.double(), { minLength: rows, maxLength: rows })

function rollupOf(columns: readonly (readonly number[])[]): Rollup {
  const rollup = new Rollup(columns[0]?.length ?? 0)
  Object.values(rollup).forEach((column: Float64Array, i) => {
    column.set(columns[i] ?? [])
  })
  return rollup
}

suite("summaries as bytes", () => {
  test("every bit of every column comes back", () => {
    const columns = fc
      .integer({ min: 1, max: 60 })
      .chain((rows) => fc.tuple(...Array.from({ length: 9 }, () => doubles(rows))))
    fc.assert(
      fc.property(columns, (given) => {
        const rollup = rollupOf(given)
        assert.deepEqual(decodeRollup(encodeRollup(rollup)), rollup)
        const spans = new Spans(rollup.rows)
        spans.from.set(rollup.from)
        spans.value.set(rollup.min)
        spans.ms.set(rollup.heldMs)
        assert.deepEqual(decodeSpans(encodeSpans(spans)), spans)
      }),
      { numRuns: 200 },
    )
  })

  test("a full one of the worst values fits", () => {
    const noise = new Float64Array(
      new BigUint64Array(maxRollupRows).map(
        (_, i) => (BigInt(i + 1) * 0x9e3779b97f4a7c15n) & 0x7fefffffffffffffn,
      ).buffer,
    )
    const rollup = rollupOf(Array.from({ length: 9 }, () => [...noise]))
    assert.deepEqual(decodeRollup(encodeRollup(rollup)), rollup)
    assert.throws(() => encodeRollup(new Rollup(maxRollupRows + 1)), RangeError)
    assert.throws(() => encodeRollup(new Rollup(0)), RangeError)
  })

  test("a day of minutes of a slow value takes little", () => {
    const rows = Array.from({ length: 1440 }, (_, i) => i)
    const at = rows.map((i) => 1.7e12 + i * 60_000)
    const wave = rows.map((i) => Math.round(2000 + 300 * Math.sin(i / 100)) / 10)
    const sixty = rows.map(() => 60)
    const sum = wave.map((v) => Number((v * 60).toPrecision(12)))
    const integral = wave.map((v) => Number((v * 60_000).toPrecision(12)))
    const held = rows.map(() => 60_000)
    const bytes = encodeRollup(
      rollupOf([at, sixty, wave, wave, sum, wave, wave, integral, held]),
    ).length
    assert.ok(bytes / 1440 < 8, `${bytes / 1440} bytes a minute`)
  })

  test("a wrong bit anywhere, an end too early or another kind is damage", () => {
    const bytes = encodeRollup(rollupOf(Array.from({ length: 9 }, (_, i) => [i, 2.5, 1e300])))
    for (let i = 0; i < bytes.length * 8; i++) {
      const wrong = bytes.slice()
      wrong[i >> 3] = (wrong[i >> 3] ?? 0) ^ (1 << (i & 7))
      assert.throws(() => decodeRollup(wrong), DamagedChunk)
    }
    for (let end = 0; end < bytes.length; end++)
      assert.throws(() => decodeRollup(bytes.subarray(0, end)), DamagedChunk)
    assert.throws(() => decodeSpans(bytes), DamagedChunk)
  })
})
