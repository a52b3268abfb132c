import assert from "node:assert/strict"
import { suite, test } from "node:test"
import fc from "fast-check"
import { Rollup, type Spans } from "../../../codec/rollup.ts"
import { quality } from "../../../model/quality.ts"
import { BucketFold, type FoldColumns } from "../../buckets.ts"
import { DurationFold } from "../../durations.ts"
import type { Buckets } from "../../historian.ts"
import { coarser, hourMs, joinLate, minuteMs, RollFold, SpanFold } from "./roll.ts"

/** Two hours, beginning on an hour. */
const from = 480 * hourMs
const to = from + 2 * hourMs

const row = fc.tuple(
  fc.integer({ min: -3, max: 7_199 }),
  fc.integer({ min: -200, max: 200 }),
  fc.constantFrom(quality.good, quality.good, quality.uncertain, quality.bad),
)

const sortedRows = fc.array(row, { maxLength: 80 }).map((rows) => {
  rows.sort((a, b) => a[0] - b[0])
  return {
    at: new Float64Array(rows.map(([second]) => from + Math.max(0, second) * 1000)),
    value: new Float64Array(rows.map(([, value]) => (value === 200 ? Number.NaN : value / 4))),
    quality: new Uint8Array(rows.map(([, , q]) => q)),
  }
})

function rolled(rows: FoldColumns, stepMs: number, carry: number): [Rollup[], number] {
  const fold = new RollFold(stepMs, from, carry)
  fold.add(rows, 0, rows.at.length)
  fold.holdUntil(to)
  return [[...fold.take(1440)], fold.carry]
}

const columnNames = ["count", "min", "max", "mean", "first", "last", "timeMean", "heldMs"] as const

function sameBuckets(got: Buckets, expected: Buckets): void {
  for (const name of columnNames)
    expected[name].forEach((value, i) => {
      const other = got[name][i] ?? 0
      const near = Math.abs(other - value) <= 1e-9 * Math.max(1, Math.abs(value))
      assert.ok(near || Object.is(other, value), `${name}[${i}] got ${other}, expected ${value}`)
    })
}

suite("summaries that stand in for samples", () => {
  test("whatever came, buckets of minutes and hours answer as from the samples, before and after them too", () => {
    fc.assert(
      fc.property(sortedRows, fc.constantFrom(Number.NaN, 7), (rows, carry) => {
        const [minutes, held] = rolled(rows, minuteMs, carry)
        const hours = coarser(minutes, hourMs)
        for (const [stepMs, kept, bucketMs] of [
          [minuteMs, minutes, minuteMs],
          [minuteMs, minutes, 10 * minuteMs],
          [hourMs, hours ? [hours] : [], hourMs],
        ] as const) {
          const range = { from: from - hourMs, to: to + hourMs }
          const buckets = (range.to - range.from) / bucketMs
          const direct = new BucketFold(1, range, buckets)
          const summed = new BucketFold(1, range, buckets)
          for (const fold of [direct, summed]) fold.carryOn(from - hourMs, carry)
          direct.add(rows, 0, rows.at.length)
          summed.carryOn(from, Number.NaN)
          for (const rollup of kept) summed.addRollup(rollup, stepMs, { from, to })
          summed.carryOn(to, held)
          sameBuckets(summed.result(), direct.result())
        }
      }),
      { numRuns: 300 },
    )
  })

  test("buckets finer than what is kept stay gaps", () => {
    const rows = {
      at: new Float64Array([from]),
      value: new Float64Array([5]),
      quality: new Uint8Array(1),
    }
    const [minutes, held] = rolled(rows, minuteMs, Number.NaN)
    const fold = new BucketFold(1, { from, to }, 7200)
    fold.carryOn(from, Number.NaN)
    for (const rollup of minutes) fold.addRollup(rollup, minuteMs, { from, to })
    fold.carryOn(to, held)
    const { count, heldMs, min } = fold.result()
    assert.ok(count.every((n) => n === 0) && heldMs.every((ms) => ms === 0))
    assert.ok(min.every(Number.isNaN))
  })

  test("durations of states are those of the samples", () => {
    fc.assert(
      fc.property(sortedRows, fc.constantFrom(Number.NaN, 3), (rows, carry) => {
        const spans = new SpanFold(minuteMs, from, carry)
        spans.add(rows, 0, rows.at.length)
        spans.holdUntil(to)
        const minutes = [...spans.take(1440)]
        const hours = new SpanFold(hourMs, from, Number.NaN)
        for (const one of minutes) hours.join(one)
        const tiers: [number, Spans[]][] = [
          [minuteMs, minutes],
          [hourMs, [...hours.take(1440)]],
        ]
        for (const [stepMs, kept] of tiers) {
          const range = { from: from - hourMs, to: to + hourMs }
          const direct = new DurationFold(1, range, 4)
          const summed = new DurationFold(1, range, 4)
          for (const fold of [direct, summed]) fold.carryOn(range.from, carry)
          direct.add(rows, 0, rows.at.length)
          summed.carryOn(from, Number.NaN)
          summed.carryOn(to, spans.carry)
          for (const one of kept) summed.addSpans(one, stepMs, { from, to })
          assert.deepEqual(summed.result(), direct.result())
        }
      }),
      { numRuns: 300 },
    )
  })

  test("late samples join their minute without a change of what held, and make a minute that was empty", () => {
    const [[kept]] = rolled(
      {
        at: new Float64Array([from + 10]),
        value: new Float64Array([5]),
        quality: new Uint8Array(1),
      },
      minuteMs,
      Number.NaN,
    )
    const late = new RollFold(minuteMs, from, Number.NaN)
    const rows = { at: new Float64Array([from, from + 20]), value: new Float64Array([9, 1]) }
    late.add({ ...rows, quality: new Uint8Array(2) }, 0, 2)
    const [extra] = late.take(10)
    assert.ok(kept && extra)
    const both = joinLate(kept, extra)
    const first = [both.count, both.min, both.max, both.sum, both.first, both.last, both.heldMs]
    assert.deepEqual(
      first.map((column) => column[0]),
      [3, 1, 9, 15, 5, 5, 59_990],
    )
    const alone = joinLate(new Rollup(0), extra)
    assert.deepEqual([alone.count[0], alone.first[0], alone.last[0], alone.heldMs[0]], [2, 9, 1, 0])
  })
})
