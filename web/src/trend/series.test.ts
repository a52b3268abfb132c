import assert from "node:assert/strict"
import { test } from "node:test"
import type { TagView } from "../../../src/serve/api.ts"
import { brokenAt, csvCell, csvOf, traceOf } from "./series.ts"

const tag: TagView = {
  path: "a/b",
  equipment: "a",
  name: { en: "B" },
  kind: "number",
  unit: "Cel",
  symbol: "°C",
  decimals: 1,
  staleAfterMs: 1000,
  limits: [],
}

function history(count: readonly number[]) {
  const values = count.map((each, i) => (each > 0 ? i : null))
  const series = {
    path: "a/b",
    count: [...count],
    min: values,
    max: values,
    mean: values,
    last: values,
  }
  return { from: 0, bucketMs: 1000, series: [series] }
}

function lineOf(count: readonly number[]) {
  const view = history(count)
  return traceOf(view, view.series[0] as (typeof view.series)[number], tag).line
}

test("a gap stays a gap", () => {
  assert.deepEqual(lineOf([1, 1, 1, 0, 0, 0, 0, 1, 1]), [0, 1, 2, null, 7, 8])
})

test("buckets finer than the samples make no gaps", () => {
  assert.deepEqual(lineOf([1, 0, 0, 1, 0, 0, 1]), [0, 3, 6])
})

test("a spike stands in the band of its bucket", () => {
  const view = history([5, 5])
  const series = { ...(view.series[0] as (typeof view.series)[number]), max: [0, 90] }
  assert.deepEqual(traceOf(view, series, tag).max, [0, 90])
})

test("a name that looks like a formula is no formula in a table", () => {
  assert.equal(csvCell("=1+1"), "'=1+1")
  assert.equal(csvCell(-3), "-3")
  assert.equal(csvCell('a "b", c'), '"a ""b"", c"')
  assert.equal(csvOf([["온도", 1]]), "\uFEFF온도,1\r\n")
})

test("the line is broken in a gap that is shorter than the tag may be silent", () => {
  const trace = { at: [1000, 2000, 9000], min: [1, 2, 3], max: [1, 2, 3], line: [1, 2, 3] }
  const broken = brokenAt(trace, [{ from: 3000, to: 5000 }])
  assert.deepEqual(broken.at, [1000, 2000, 4000, 9000])
  assert.deepEqual(broken.line, [1, 2, null, 3])
  assert.deepEqual(brokenAt(trace, [{ from: 1500, to: 2500 }]), trace)
})
