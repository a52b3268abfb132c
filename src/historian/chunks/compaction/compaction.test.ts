import assert from "node:assert/strict"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { suite, test } from "node:test"
import fc from "fast-check"
import { Bench, type Row, rowsOf, runOf, signal } from "../testing/rows.ts"
import { Compaction } from "./compaction.ts"

const week = 7 * 86_400_000
const all = { from: Number.NEGATIVE_INFINITY, to: Infinity }

const rowsAt = (from: number, count: number, value = 1): Row[] =>
  Array.from({ length: count }, (_, i) => ({ at: from + i, value, number: from + i }))

async function sameRows(bench: Bench, tags: readonly number[]): Promise<void> {
  for (const tag of tags)
    assert.deepEqual(
      await rowsOf(bench.reader.readStored({ ...all, tag }, signal)),
      await rowsOf(bench.memory.read({ ...all, tags: [tag] }, signal)),
    )
}

function sizes(bench: Bench, tag: number, start = 0): number[] {
  return bench.partitions
    .file(start)
    .placesOf(tag)
    .map(({ count }) => count)
}

function compactAll(bench: Bench): void {
  const compaction = new Compaction(bench.partitions)
  let steps = 0
  while (compaction.step()) assert.ok(++steps < 100_000)
}

suite("compaction", () => {
  test("makes full chunks of small and overlapping ones, without the rows that were replaced", async () => {
    const bench = new Bench()
    try {
      await bench.start()
      for (let from = 0; from < 2000; from += 100) await bench.put(runOf(1, rowsAt(from, 100)))
      await bench.put(runOf(1, rowsAt(3000, 1000)))
      await bench.put(runOf(1, rowsAt(3400, 1200, 2)))
      await bench.put(runOf(1, rowsAt(9000, 1000)))
      compactAll(bench)
      assert.deepEqual(sizes(bench, 1), [1000, 1000, 1000, 600, 1000])
      await sameRows(bench, [1])
      assert.equal(await bench.reader.count(1), 4600)
      const { lastId } = bench.partitions.file(0)
      compactAll(bench)
      assert.equal(bench.partitions.file(0).lastId, lastId, "nothing is left to do")
    } finally {
      bench.close()
    }
  })

  test("lays the chunks of a tag together once a partition is past", async () => {
    const bench = new Bench()
    try {
      await bench.start()
      for (let from = 0; from < 8000; from += 1000)
        for (const tag of [1, 2, 3]) await bench.put(runOf(tag, rowsAt(from, 1000)))
      const ids = (tag: number) =>
        bench.partitions
          .file(0)
          .placesOf(tag)
          .map(({ id }) => id)
      compactAll(bench)
      assert.deepEqual(ids(2), [2, 5, 8, 11, 14, 17, 20, 23], "it is still written")
      await bench.put(runOf(1, rowsAt(week, 10)))
      compactAll(bench)
      for (const tag of [1, 2, 3]) {
        const first = ids(tag)[0] as number
        assert.deepEqual(
          ids(tag),
          Array.from({ length: 8 }, (_, i) => first + i),
        )
      }
      await sameRows(bench, [1, 2, 3])
      const { arranged, lastId } = bench.partitions.file(0)
      assert.equal(arranged, lastId)
    } finally {
      bench.close()
    }
  })

  test("changes no row, wherever between runs it works and is broken off", async () => {
    const row = fc.record({
      at: fc.oneof(fc.nat({ max: 40 }), fc.constantFrom(week, week + 1)),
      value: fc.nat({ max: 9 }),
      origin: fc.nat({ max: 1 }),
      number: fc.nat({ max: 3 }),
    })
    const run = fc.record({
      tag: fc.integer({ min: 1, max: 2 }),
      rows: fc.array(row, { minLength: 1, maxLength: 10 }),
      steps: fc.nat({ max: 6 }),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(run, { maxLength: 12 }), async (runs) => {
        const bench = new Bench()
        try {
          await bench.start()
          let compaction = new Compaction(bench.partitions)
          for (const { tag, rows, steps } of runs) {
            await bench.put(runOf(tag, rows))
            for (let i = 0; i < steps; i++) compaction.step()
            if (steps === 6) compaction = new Compaction(bench.partitions)
          }
          await sameRows(bench, [1, 2])
          compactAll(bench)
          await sameRows(bench, [1, 2])
          for (const tag of [1, 2]) assert.ok(sizes(bench, tag).length <= 1)
        } finally {
          bench.close()
        }
      }),
      { numRuns: 25 },
    )
  })

  test("and forgetting do not spoil each other's work, step by step in turn", async () => {
    const bench = new Bench()
    try {
      await bench.start()
      for (let from = 0; from < 30_000; from += 100)
        for (const tag of [1, 2]) await bench.put(runOf(tag, rowsAt(from, 100)))
      await bench.put(runOf(1, rowsAt(week, 10)))
      const compaction = new Compaction(bench.partitions)
      const keep = [{ tags: [2], from: 5000, to: 7050 }]
      for (const _ of bench.partitions.forget(20_050, { keep }))
        for (let i = 0; i < 7; i++) compaction.step()
      while (compaction.step());
      await bench.memory.forget(20_050, keep)
      await sameRows(bench, [1, 2])
    } finally {
      bench.close()
    }
  })

  test("leaves a damaged chunk and its neighbours as they are, and a partition that went away alone", async () => {
    const bench = new Bench()
    try {
      for (const from of [0, 100, 200]) await bench.put(runOf(1, rowsAt(from, 100)))
      bench.partitions.close()
      const database = new DatabaseSync(join(bench.folder, "1970-01-01.db"))
      database.exec("UPDATE record SET bytes = zeroblob(90) WHERE id = 2")
      database.close()
      compactAll(bench)
      assert.deepEqual(sizes(bench, 1), [100, 100, 100])
      const compaction = new Compaction(bench.partitions)
      await bench.put(runOf(1, rowsAt(week, 10)))
      assert.ok(compaction.step())
      for (const _ of bench.partitions.forget(week, {}));
      assert.ok(bench.partitions.removeEmpty(0))
      while (compaction.step());
      assert.deepEqual(bench.partitions.starts, [week])
    } finally {
      bench.close()
    }
  })
})
