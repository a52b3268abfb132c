// Whatever happens, every store of samples is the plainest thing that could be: a map of rows.
import assert from "node:assert/strict"
import { after, suite, test } from "node:test"
import fc from "fast-check"
import { quality } from "../model/quality.ts"
import type { Buckets, History, Range } from "./historian.ts"
import {
  a,
  aligned,
  b,
  block,
  bucketsOf,
  closeStores,
  readAll,
  stores,
} from "./testing/contract.ts"

after(closeStores)

for (const [name, open] of Object.entries(stores)) {
  suite(`history: ${name}`, () => {
    test("whatever is appended, in whatever order and however often, reads as a map of its rows", async () => {
      const number = fc.oneof(
        fc.double(),
        fc.constantFrom(Number.NaN, -0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
      )
      const row = fc.tuple(
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: -5, max: 20 }),
        number,
        fc.constantFrom(quality.good, quality.uncertain, quality.bad),
      )
      const append = fc.record({
        rows: fc.array(row, { maxLength: 12 }),
        source: fc.constantFrom(a, b),
        sequence: fc.nat({ max: 20 }),
      })
      const history = await open()
      await fc.assert(
        fc.asyncProperty(fc.array(append, { maxLength: 8 }), async (appends) => {
          await history.forget(1e12)
          await history.append(block([[1, 2e12, 0]], a, 0))
          await history.append(block([[1, 2e12, 0]], b, 0))
          const model = new Map<string, unknown[]>()
          for (const { rows, source, sequence } of appends)
            for (const [i, [tag, at, value, q]] of rows.entries())
              model.set([tag, at, source, sequence + i].join(), [
                tag,
                at,
                value,
                q,
                source,
                sequence + i,
              ])
          await Promise.all(
            appends.map(({ rows, source, sequence }) =>
              history.append(block(rows, source, sequence)),
            ),
          )
          const sorted = [...model.values()].sort((x, y) => {
            for (const i of [0, 1, 4, 5]) {
              if ((x[i] as number) < (y[i] as number)) return -1
              if ((x[i] as number) > (y[i] as number)) return 1
            }
            return 0
          })
          const range = { tags: [1, 2, 3], from: -100, to: 100 }
          assert.deepEqual(await readAll(history, range), sorted)
          await checkDerived(history, range, sorted)
        }),
        { numRuns: 60 },
      )
    })
  })
}

/** Buckets and grid against the plainest way to compute them. */
async function checkDerived(history: History, range: Range, rows: unknown[][]): Promise<void> {
  const samples = rows as [tag: number, at: number, value: number, quality: number][]
  const span = { ...range, from: -3, to: 17 }
  const buckets = await bucketsOf(history, span, 4)
  const grid = await aligned(history, span, { stepMs: 2, holdMs: 5 })
  for (const [t, tag] of range.tags.entries()) {
    const ofTag = samples.filter((s) => s[0] === tag)
    for (let i = 0; i < 4; i++) {
      const inside = ofTag
        .filter(
          ([, at, value, q]) =>
            at >= -3 + i * 5 && at < 2 + i * 5 && q < 128 && !Number.isNaN(value),
        )
        .map((s) => s[2])
      const { count, min, max, mean, last } = buckets[t] as Buckets
      assert.equal(count[i], inside.length)
      if (inside.length === 0) continue
      const sum = inside.reduce((x, y) => x + y, 0)
      assert.deepEqual(
        [min[i], max[i], mean[i], last[i]].map((v) => (v === 0 ? 0 : v)),
        [Math.min(...inside), Math.max(...inside), sum / inside.length, inside.at(-1)].map((v) =>
          v === 0 ? 0 : v,
        ),
      )
    }
    for (const [i, at] of grid.at.entries()) {
      const last = ofTag.findLast((s) => s[1] <= at)
      const known = last !== undefined && last[3] < 128 && at - last[1] <= 5
      assert.ok(Object.is(grid.values[t]?.[i], known ? last[2] : Number.NaN))
    }
  }
}
