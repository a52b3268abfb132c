// Whatever happens, every store of samples is the plainest thing that could be: a map of rows.
import assert from "node:assert/strict"
import { after, suite, test } from "node:test"
import fc from "fast-check"
import { quality } from "../model/quality.ts"
import type { Buckets, Durations, History, Range } from "./historian.ts"
import {
  a,
  aligned,
  b,
  block,
  bucketsOf,
  closeStores,
  readAll,
  signal,
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

type Sample = [tag: number, at: number, value: number, quality: number]

/** Buckets, durations and grids against the plainest way to compute them. */
async function checkDerived(history: History, range: Range, rows: unknown[][]): Promise<void> {
  const samples = rows as Sample[]
  const span = { ...range, from: -3, to: 17 }
  const buckets = await bucketsOf(history, span, 4)
  const durations = await Array.fromAsync(history.durations(span, 4, signal))
  const grid = await aligned(history, span, { stepMs: 2, holdMs: 5 })
  const lines = await aligned(history, span, { stepMs: 0.5, holdMs: 5, between: "linear" })
  for (const [t, tag] of range.tags.entries()) {
    const ofTag = samples.filter((s) => s[0] === tag)
    for (let i = 0; i < 4; i++) {
      checkBucket(buckets[t] as Buckets, ofTag, i)
      checkHeld(buckets[t] as Buckets, durations[t] as Durations, { ofTag, i })
    }
    for (const [i, at] of grid.at.entries()) {
      const last = ofTag.findLast((s) => s[1] <= at)
      const known = last !== undefined && isKnown(last) && at - last[1] <= 5
      assert.ok(Object.is(grid.values[t]?.[i], known ? last[2] : Number.NaN))
    }
    for (const [i, at] of lines.at.entries())
      assert.ok(Object.is(lines.values[t]?.[i], onLine(ofTag, at)))
  }
}

function isKnown([, , value, q]: Sample): boolean {
  return q < 128 && !Number.isNaN(value)
}

function onLine(ofTag: readonly Sample[], at: number): number {
  const before = ofTag.findLast((s) => s[1] <= at)
  const next = ofTag.find((s) => s[1] > at)
  if (!before || !isKnown(before)) return Number.NaN
  if (before[1] === at) return before[2]
  if (!next || !isKnown(next) || next[1] - before[1] > 5) return Number.NaN
  return before[2] + (next[2] - before[2]) * ((at - before[1]) / (next[1] - before[1]))
}

/** Sums may be added up in another order. */
function assertNear(actual: number | undefined, parts: readonly number[], divisor: number): void {
  const whole = parts.reduce((x, y) => x + Math.abs(y), 0)
  if (!Number.isFinite(whole) || whole > 1e305) return
  const expected = parts.reduce((x, y) => x + y, 0) / divisor
  assert.ok(Math.abs((actual ?? Number.NaN) - expected) <= (whole / divisor) * 1e-12)
}

function checkBucket(buckets: Buckets, ofTag: readonly Sample[], i: number): void {
  const inside = ofTag
    .filter((s) => s[1] >= -3 + i * 5 && s[1] < 2 + i * 5 && isKnown(s))
    .map((s) => s[2])
  const { count, min, max, mean, first, last } = buckets
  assert.equal(count[i], inside.length)
  if (inside.length === 0) return
  assert.deepEqual(
    [min[i], max[i], first[i], last[i]].map((v) => (v === 0 ? 0 : v)),
    [Math.min(...inside), Math.max(...inside), inside[0], inside.at(-1)].map((v) =>
      v === 0 ? 0 : v,
    ),
  )
  assertNear(mean[i], inside, inside.length)
}

/** All times are whole, so that each millisecond has one value. */
function checkHeld(
  { heldMs, timeMean }: Buckets,
  { values, ms, unknownMs }: Durations,
  { ofTag, i }: { ofTag: readonly Sample[]; i: number },
): void {
  const held: number[] = []
  for (let at = -3 + i * 5; at < 2 + i * 5; at++) {
    const last = ofTag.findLast((s) => s[1] <= at)
    if (last && isKnown(last)) held.push(last[2])
  }
  assert.equal(heldMs[i], held.length)
  assert.equal(unknownMs[i], 5 - held.length)
  for (const [v, value] of values.entries())
    assert.equal(ms[v]?.[i], held.filter((one) => one === value).length)
  if (held.length > 0) assertNear(timeMean[i], held, held.length)
}
