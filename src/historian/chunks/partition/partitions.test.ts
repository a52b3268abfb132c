import assert from "node:assert/strict"
import { readdirSync } from "node:fs"
import { suite, test } from "node:test"
import { nodeDisk } from "../../../kernel/disk/node.ts"
import { Bench, type Row, rowsOf, runOf, signal } from "../testing/rows.ts"
import { Partitions } from "./partitions.ts"

const week = 7 * 86_400_000
const rowsAt = (from: number, count: number): Row[] =>
  Array.from({ length: count }, (_, i) => ({ at: from + i, value: i, number: i }))

async function withBench(work: (bench: Bench) => Promise<void>): Promise<void> {
  const bench = new Bench()
  try {
    await bench.start()
    await work(bench)
  } finally {
    bench.close()
  }
}

async function timesIn(bench: Bench, tag: number): Promise<unknown[]> {
  const all = { tag, from: Number.NEGATIVE_INFINITY, to: Infinity }
  return (await rowsOf(bench.reader.readStored(all, signal))).map((row) => row[1])
}

suite("partitions of chunks", () => {
  test("a run is cut at the border of weeks and into chunks of about a thousand rows", () =>
    withBench(async (bench) => {
      const starts = bench.partitions.put([runOf(1, rowsAt(week - 1500, 3000))])
      assert.deepEqual(starts, [0, week])
      const counts = (start: number) =>
        bench.partitions
          .file(start)
          .placesOf(1)
          .map(({ count }) => count)
      assert.deepEqual(
        [counts(0), counts(week)],
        [
          [750, 750],
          [750, 750],
        ],
      )
      const oneTime = Array.from(
        { length: 3000 },
        (_, i): Row => ({ at: i < 900 ? 0 : 1, value: 0, number: i }),
      )
      bench.partitions.put([runOf(2, oneTime)])
      assert.deepEqual(
        bench.partitions
          .file(0)
          .placesOf(2)
          .map(({ count }) => count),
        [3000],
      )
    }))

  test("what is committed and checkpointed is there for who opens the folder next", () =>
    withBench(async (bench) => {
      await bench.put(runOf(1, rowsAt(0, 10)))
      assert.ok(bench.partitions.checkpoint())
      const next = new Partitions({ folder: bench.folder, disk: nodeDisk })
      assert.deepEqual(next.starts, [0])
      assert.equal(next.file(0).placesOf(1).length, 1)
      next.close()
    }))

  test("says which rows of a run no chunk holds yet", () =>
    withBench(async (bench) => {
      await bench.put(runOf(1, rowsAt(0, 100)))
      await bench.put(runOf(1, [{ at: 7, value: 70, number: 7 }]))
      const run = runOf(1, [
        { at: 5, value: 5, number: 5 },
        { at: 6, value: 6, number: 60 },
        { at: 7, value: 7, number: 7 },
        { at: 8, value: 8, quality: 64, number: 8 },
        { at: 9, value: 9, origin: 1, number: 9 },
        { at: 99, value: 99, number: 99 },
        { at: week, value: 1, number: 100 },
      ])
      assert.deepEqual([...(bench.partitions.withoutHeld(run)?.at ?? [])], [6, 7, 8, 9, week])
      assert.equal(bench.partitions.withoutHeld(runOf(1, rowsAt(10, 0))), undefined)
      assert.equal(bench.partitions.withoutHeld(runOf(1, rowsAt(0, 7))), undefined)
    }))

  test("forgets by rows, keeps what is kept, and lets an empty file go", () =>
    withBench(async (bench) => {
      for (const tag of [1, 2])
        for (const from of [0, week]) await bench.put(runOf(tag, rowsAt(from, 2500)))
      const keep = [{ tags: [1], from: 1000, to: 1003 }]
      for (const _ of bench.partitions.forget(week + 2498, { keep }));
      const left = [week + 2498, week + 2499]
      assert.deepEqual(await timesIn(bench, 1), [1000, 1001, 1002, ...left])
      assert.deepEqual(await timesIn(bench, 2), left)
      assert.equal(bench.partitions.removeEmpty(0), false)
      for (const _ of bench.partitions.forget(week, { tags: [1] }));
      bench.views.drop(0)
      assert.ok(bench.partitions.removeEmpty(0))
      assert.deepEqual(bench.partitions.starts, [week])
      assert.ok(!readdirSync(bench.folder).some((name) => name.startsWith("1970-01-01")))
      assert.deepEqual(await timesIn(bench, 1), left)
    }))

  test("more partitions than are held open are all there", () =>
    withBench(async (bench) => {
      const times = Array.from({ length: 30 }, (_, i) => i * week)
      for (const at of times) await bench.put(runOf(1, [{ at, value: 1, number: at }]))
      assert.deepEqual(await timesIn(bench, 1), times)
      assert.ok(bench.partitions.checkpoint())
      const last = await bench.reader.before(1, 5 * week, signal)
      assert.equal(last?.at, 4 * week)
    }))
})
