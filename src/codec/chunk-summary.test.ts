import assert from "node:assert/strict"
import { suite, test } from "node:test"
import { quality } from "../model/quality.ts"
import { summarize } from "./chunk-summary.ts"

function summaryOf(rows: readonly (readonly [at: number, value: number, quality?: number])[]) {
  return summarize({
    at: Float64Array.from(rows, ([at]) => at),
    value: Float64Array.from(rows, ([, value]) => value),
    quality: Uint8Array.from(rows, ([, , q = quality.good]) => q),
  })
}

suite("a chunk's summary", () => {
  test("holds each usable value until the next row", () => {
    const { bad, uncertain } = quality
    const found = summaryOf([
      [100, 5, bad],
      [110, 2],
      [130, 4, uncertain],
      [140, 9, bad],
      [160, 3],
    ])
    assert.deepEqual(found, {
      count: 5,
      from: 100,
      to: 160,
      usable: 3,
      min: 2,
      max: 4,
      sum: 9,
      first: 2,
      firstAt: 110,
      last: 3,
      lastAt: 160,
      integral: 2 * 20 + 4 * 10,
      heldMs: 30,
    })
  })

  test("counts NaN as no number and infinity as one", () => {
    const found = summaryOf([
      [0, Number.NaN],
      [1, Infinity],
      [2, -1],
    ])
    assert.deepEqual([found.usable, found.min, found.max, found.first], [2, -1, Infinity, Infinity])
  })

  test("has no figures where nothing is usable", () => {
    const found = summaryOf([
      [7, Number.NaN],
      [9, 1, quality.bad],
    ])
    const { count, from, to, usable, sum, integral, heldMs, ...figures } = found
    assert.deepEqual([count, from, to, usable, sum, integral, heldMs], [2, 7, 9, 0, 0, 0, 0])
    assert.deepEqual(
      Object.values(figures),
      Array.from({ length: 6 }, () => Number.NaN),
    )
  })
})
