// One contract, every store of samples. A new one adds a line to `stores`.
import assert from "node:assert/strict"
import { after, suite, test } from "node:test"
import { cycleId } from "../model/cycle.ts"
import type { Path } from "../model/path.ts"
import { quality } from "../model/quality.ts"
import { digestOf } from "./digest.ts"
import {
  a,
  aligned,
  b,
  block,
  bucketsOf,
  closeStores,
  cycle,
  everything,
  line,
  type Row,
  readAll,
  signal,
  stores,
} from "./testing/contract.ts"

after(closeStores)

for (const [name, open] of Object.entries(stores)) {
  suite(`history: ${name}`, () => {
    test("gives back what was put, tag after tag, in order of time, the end left out", async () => {
      const history = await open()
      await history.append(
        block([
          [2, 20, 1],
          [1, 30, 2],
          [1, 10, 3],
          [3, 5, 4],
        ]),
      )
      assert.deepEqual(await readAll(history, { tags: [2, 1], from: 10, to: 30 }), [
        [2, 20, 1, 0, a, 0],
        [1, 10, 3, 0, a, 2],
      ])
      assert.deepEqual(await readAll(history, { tags: [9], from: 0, to: 100 }), [])
    })

    test("every number stays what it was: NaN, minus zero, infinities, extremes, fractions of ms", async () => {
      const history = await open()
      const numbers = [
        Number.NaN,
        -0,
        0,
        Number.POSITIVE_INFINITY,
        Number.NEGATIVE_INFINITY,
        Number.MAX_VALUE,
        Number.MIN_VALUE,
        0.1,
        2 ** 53,
        -1,
      ]
      const rows = numbers.map((value, i): Row => [1, 1.7e12 + i / 8, value, i * 25])
      await history.append(block(rows))
      assert.deepEqual(
        (await readAll(history)).map((row) => row.slice(1, 4)),
        rows.map((row) => row.slice(1)),
      )
    })

    test("the same row again replaces; other rows of the same time stay apart", async () => {
      const history = await open()
      await history.append(
        block([
          [1, 10, 1],
          [1, 10, 2],
        ]),
      )
      await history.append(block([[1, 10, 3]], b, 0))
      await history.append(block([[1, 10, 9, quality.uncertain]], a, 1))
      assert.deepEqual(await readAll(history), [
        [1, 10, 1, 0, a, 0],
        [1, 10, 9, 64, a, 1],
        [1, 10, 3, 0, b, 0],
      ])
      assert.equal(await history.count(), 3)
    })

    test("late samples stand in their place", async () => {
      const history = await open()
      await history.append(block([[1, 30, 3]], a, 0))
      await history.append(
        block(
          [
            [1, 10, 1],
            [1, 40, 4],
            [1, 20, 2],
          ],
          a,
          1,
        ),
      )
      assert.deepEqual(
        (await readAll(history)).map((row) => row[2]),
        [1, 2, 3, 4],
      )
      const [buckets] = await bucketsOf(history, { tags: [1], from: 0, to: 50 }, 1)
      assert.deepEqual([buckets?.first[0], buckets?.last[0]], [1, 4])
    })

    test("an append is whole or not there: rows and cycles together", async () => {
      const history = await open()
      const bad = block([
        [1, 10, 1],
        [1, Number.NaN, 2],
      ])
      const results = await Promise.allSettled([
        history.append(block([[1, 1, 1]]), [cycle(1)]),
        history.append(bad, [cycle(2)]),
        history.append(block([[1, 20, 1]], a, 50), [cycle(Number.NaN)]),
        history.append(block([[1, 2, 2]], a, 1), [cycle(3)]),
      ])
      assert.deepEqual(
        results.map((r) => r.status),
        ["fulfilled", "rejected", "rejected", "fulfilled"],
      )
      assert.equal(await history.count(), 2)
      const cycles = await history.cycles.read({ from: 0, to: 1e6 })
      assert.deepEqual(
        cycles.map((c) => c.sequence),
        [1, 3],
      )
      assert.equal(await history.cycles.lastRow(a), 1)
    })

    test("a cycle comes back as it was; delivered again it is there once", async () => {
      const history = await open()
      const whole = cycle(7, {
        tool: "M-12",
        product: "p",
        order: "o",
        lot: "l",
        verdict: "bad",
        values: { speed: 1.25, name: "금형", nothing: Number.NaN, zero: -0, far: -Infinity },
      })
      await history.append(block([]), [cycle(7, { verdict: "good" }), cycle(8)])
      await history.append(block([]), [whole])
      assert.deepEqual(await history.cycles.read({ from: 0, to: 800 }), [whole])
      assert.equal(await history.cycles.count({ from: 0, to: 1e6 }), 2)
    })

    test("cycles are read by equipment and by the time of their end, oldest or newest first", async () => {
      const history = await open()
      const other = "line/dc-2" as Path
      const ends = [300, 100, 200, 200, 400]
      await history.append(
        block([]),
        ends.map((end, i) => cycle(i + 1, { end, equipment: i === 4 ? other : line })),
      )
      await history.append(block([]), [cycle(1, { source: b, end: 200 })])
      const read = async (range: object) =>
        (await history.cycles.read({ from: 0, to: 1000, ...range })).map((c) => c.id)
      const id = cycleId
      assert.deepEqual(await read({}), [id(a, 2), id(a, 3), id(a, 4), id(b, 1), id(a, 1), id(a, 5)])
      assert.deepEqual(await read({ limit: 2, newestFirst: true }), [id(a, 5), id(a, 1)])
      assert.deepEqual(await read({ equipment: other }), [id(a, 5)])
      assert.deepEqual(await read({ from: 200, to: 300 }), [id(a, 3), id(a, 4), id(b, 1)])
      assert.equal(await history.cycles.count({ equipment: line, from: 150, to: 1000 }), 4)
      assert.equal(await history.cycles.count({ from: 0, to: 1000, limit: 2 }), 2)
    })

    test("more cycles than a page are read once each, both ways", async () => {
      const history = await open()
      const cycles = Array.from({ length: 2500 }, (_, i) => cycle(i + 1, { end: i >> 2 }))
      await history.append(block([]), cycles)
      const range = { from: 0, to: 1e6 }
      const oldest = await history.cycles.read(range)
      assert.deepEqual(
        oldest.map((c) => c.sequence),
        cycles.map((c) => c.sequence),
      )
      const newest = await history.cycles.read({ ...range, newestFirst: true, limit: 2300 })
      assert.deepEqual(newest, oldest.toReversed().slice(0, 2300))
    })

    test("a source is resumed after its last record and its last row", async () => {
      const history = await open()
      assert.equal(await history.cycles.lastSequence(a), 0)
      assert.equal(await history.cycles.lastRow(a), -1)
      await history.append(
        block(
          [
            [1, 1, 1],
            [1, 2, 1],
          ],
          a,
          40,
        ),
        [cycle(12), cycle(11)],
      )
      await history.append(block([[1, 3, 1]], a, 3))
      assert.equal(await history.cycles.lastSequence(a), 12)
      assert.equal(await history.cycles.lastRow(a), 41)
      await history.append(block([]), [cycle(5, { source: b })])
      assert.equal(await history.cycles.lastSequence(b), 5)
      assert.equal(await history.cycles.lastRow(b), -1)
    })

    test("the latest of a tag is its newest by time, whatever came last", async () => {
      const history = await open()
      await history.append(
        block([
          [1, 10, 1],
          [2, 7, Number.NaN, quality.bad],
        ]),
      )
      await history.append(
        block(
          [
            [1, 10, 2],
            [1, 5, 3],
          ],
          a,
          9,
        ),
      )
      assert.deepEqual(await history.latest([2, 3, 1]), [
        { at: 7, value: Number.NaN, quality: quality.bad },
        undefined,
        { at: 10, value: 2, quality: 0 },
      ])
    })

    test("long grids and long reads come in blocks of bounded size, in order", async () => {
      const history = await open()
      const rows = Array.from({ length: 10_000 }, (_, i): Row => [1, i >> 1, i])
      await history.append(block(rows))
      const read = await readAll(history)
      assert.deepEqual(
        read.map((row) => row[2]),
        rows.map((row) => row[2]),
      )
      const grid = await aligned(
        history,
        { tags: [1], from: 0, to: 5000 },
        { stepMs: 0.5, holdMs: 2 },
      )
      assert.equal(grid.at.length, 10_000)
      assert.deepEqual(
        grid.values[0],
        rows.map((_, i) => (i >> 1) * 2 + 1),
      )
    })

    test("forgetting spares what the ledger keeps as evidence, cycles and the place to resume", async () => {
      const history = await open()
      const rows = Array.from({ length: 100 }, (_, i): Row => [1 + (i % 2), i, i])
      await history.append(block(rows), [cycle(1)])
      await history.forget(80, [
        { tags: [1], from: 10, to: 15 },
        { tags: [1, 2], from: 13, to: 21 },
        { tags: [2], from: 75, to: 90 },
      ])
      const left = (await readAll(history)).map(([tag, at]) => [tag, at])
      const kept = rows
        .map(([tag, at]) => [tag, at] as const)
        .filter(([tag, at]) => {
          if (at >= 80) return true
          if (tag === 1) return at >= 10 && at < 21
          return (at >= 13 && at < 21) || at >= 75
        })
        .sort(([tagA, atA], [tagB, atB]) => tagA - tagB || atA - atB)
      assert.deepEqual(left, kept)
      assert.equal(await history.cycles.lastSequence(a), 1)
      assert.equal(await history.cycles.lastRow(a), 99)
      await history.forget(1e9)
      assert.equal(await history.count(), 0)
    })

    test("forgetting many rows of one instant ends", async () => {
      const history = await open()
      const rows = Array.from({ length: 9000 }, (_, i): Row => [1, i < 8500 ? 7 : 8, i])
      await history.append(block(rows))
      await history.forget(8)
      assert.equal(await history.count(), 500)
    })

    test("a cancelled read throws the reason and the history goes on", async () => {
      const history = await open()
      await history.append(block(Array.from({ length: 20_000 }, (_, i): Row => [1, i, i])))
      const stop = new AbortController()
      const reason = new Error("looked away")
      let blocks = 0
      await assert.rejects(async () => {
        for await (const _ of history.read(everything, stop.signal)) {
          blocks += 1
          stop.abort(reason)
        }
      }, reason)
      assert.equal(blocks, 1)
      const gone = AbortSignal.abort(reason)
      await assert.rejects(Array.fromAsync(history.aggregate(everything, 5, gone)), reason)
      await assert.rejects(
        Array.fromAsync(history.align({ ...everything, from: 0, to: 9 }, 1, { holdMs: 1 }, gone)),
        reason,
      )
      for await (const block of history.read(everything, signal)) {
        assert.ok(block.length > 0)
        break
      }
      assert.equal(await history.count(), 20_000)
    })

    test("evidence read again has the same digest, a changed sample another", async () => {
      const history = await open()
      const rows = Array.from({ length: 6000 }, (_, i): Row => [1, i, i === 7 ? Number.NaN : i])
      await history.append(block(rows))
      const digest = () => digestOf(history.read({ tags: [1], from: 0, to: 6000 }, signal))
      const before = await digest()
      assert.match(before, /^[0-9a-f]{64}$/)
      assert.equal(before, await digestOf([block(rows.slice(0, 10)), block(rows.slice(10))]))
      await history.append(block([[1, 20, 20.5]], a, 20))
      assert.notEqual(await digest(), before)
    })
  })
}
