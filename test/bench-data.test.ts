import assert from "node:assert/strict"
import { suite, test } from "node:test"
import { makeSet, type SampleColumns, type Series, setNames } from "../bench/data/sets.ts"

function columns(length: number): SampleColumns {
  return {
    at: new Float64Array(length),
    value: new Float64Array(length),
    quality: new Uint8Array(length),
  }
}

function taken(series: Series | undefined, steps: readonly number[]): SampleColumns {
  const all = columns(steps.reduce((sum, n) => sum + n, 0))
  let from = 0
  for (const step of steps) {
    series?.fill(all, from, from + step)
    from += step
  }
  return all
}

suite("the data of all benches", () => {
  test("is the same however it is asked for, and another from another seed", () => {
    for (const name of setNames) {
      const whole = taken(makeSet(name, { tags: 10 })[7], [300])
      assert.deepEqual(taken(makeSet(name, { tags: 20 })[7], [1, 99, 200]), whole)
      assert.notDeepEqual(taken(makeSet(name, { seed: 2 })[7], [300]), whole)
    }
  })

  test("mixes 60 % walks, 20 % counters and 20 % states", () => {
    const share = (kind: string) => makeSet("mixed").filter((s) => s.kind === kind).length
    assert.deepEqual(["walk", "counter", "state"].map(share), [600, 200, 200])
  })

  test("gives each decimal walk a twin of 32-bit floats", () => {
    const { value } = taken(makeSet("decimals")[4], [500])
    const twin = taken(makeSet("floats")[4], [500]).value
    assert.deepEqual(twin, value.map(Math.fround))
    assert.notDeepEqual(twin, value)
  })

  test("keeps times ascending, whole, and near their second", () => {
    const { at } = taken(makeSet("mixed")[3], [1000])
    assert.ok(at.every((t, i) => Number.isInteger(t) && (i === 0 || t > (at[i - 1] ?? t))))
    assert.ok(at.every((t, i) => Math.abs(t - (at[0] ?? 0) - i * 1000) <= 4))
  })
})
