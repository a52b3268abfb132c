import assert from "node:assert/strict"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { suite, test } from "node:test"
import fc from "fast-check"
import { quality } from "../../../model/quality.ts"
import type { Buckets, Range } from "../../historian.ts"
import { Bench, type Row, rowsOf, runOf, signal } from "../testing/rows.ts"

const week = 7 * 86_400_000
const row = fc.record({
  // Two partitions and their border.
  at: fc.oneof(
    fc.integer({ min: -30, max: 30 }),
    fc.integer({ min: -30, max: 30 }).map((n) => n / 4),
    fc.constantFrom(-week, week - 1, week, 3 * week),
  ),
  value: fc.oneof(
    fc.integer({ min: -20, max: 20 }).map((n) => n / 10),
    fc.constantFrom(Number.NaN, -0, 1e9),
  ),
  quality: fc.constantFrom(quality.good, quality.good, quality.uncertain, quality.bad),
  origin: fc.nat({ max: 2 }),
  number: fc.nat({ max: 4 }),
})
const step = fc.record({
  tag: fc.integer({ min: 1, max: 2 }),
  rows: fc.array(row, { minLength: 1, maxLength: 12 }),
  to: fc.constantFrom("chunk", "chunk", "open", "both"),
})

function near(got: Buckets, expected: Buckets): void {
  for (const [name, column] of Object.entries(expected)) {
    if (!(column instanceof Float64Array || column instanceof Uint32Array)) continue
    for (const [i, value] of column.entries()) {
      const other = (got[name as "min"] as Float64Array)[i] as number
      const isNear = Math.abs(other - value) <= 1e-9 * Math.max(1, Math.abs(value))
      assert.ok(isNear || Object.is(other, value) || (other === 0 && value === 0), `${name} ${i}`)
    }
  }
}

/** What the chunks say against what a plain store in memory does. */
async function sameAnswers(bench: Bench, range: Range): Promise<void> {
  const { reader, memory } = bench
  for (const tag of range.tags) {
    const { from, to } = range
    const read = await rowsOf(reader.readStored({ tag, from, to }, signal))
    assert.deepEqual(read, await rowsOf(memory.read({ ...range, tags: [tag] }, signal)))
    for (const then of [from, to, Infinity]) {
      const until = { tags: [tag], from: Number.NEGATIVE_INFINITY, to: then }
      const last = (await rowsOf(memory.read(until, signal))).at(-1)
      const found = await reader.before(tag, then, signal)
      assert.deepEqual(found && [found.at, found.value, found.quality], last?.slice(1, 4))
    }
  }
  for (const buckets of [1, 4, 7]) {
    const got = await Array.fromAsync(reader.aggregate(range, buckets, signal))
    const expected = await Array.fromAsync(memory.aggregate(range, buckets, signal))
    for (const [i, one] of expected.entries()) near(got[i] as Buckets, one)
    assert.deepEqual(
      await Array.fromAsync(reader.durations(range, buckets, signal)),
      await Array.fromAsync(memory.durations(range, buckets, signal)),
    )
  }
  for (const between of ["step", "linear"] as const) {
    const options = { holdMs: 9, between }
    const stepMs = (range.to - range.from) / 50
    assert.deepEqual(
      await Array.fromAsync(reader.align(range, stepMs, options, signal)),
      await Array.fromAsync(memory.align(range, stepMs, options, signal)),
    )
  }
}

suite("reading chunks and open runs", () => {
  test("answers as a plain store does, however runs overlap, repeat and cross partitions", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 8 }), async (steps) => {
        const bench = new Bench()
        try {
          await bench.start()
          // Chunks are older than what is not in chunks yet.
          const order = { chunk: 0, both: 1, open: 2 }
          for (const { tag, rows, to } of steps.toSorted((x, y) => order[x.to] - order[y.to])) {
            const run = runOf(tag, rows)
            if (to === "open") await bench.remember(run)
            else await bench.put(run)
            if (to !== "chunk") bench.runs.push(run)
          }
          await sameAnswers(bench, { tags: [1, 2, 3], from: -25, to: 26 })
          await sameAnswers(bench, { tags: [1, 2], from: -2 * week, to: 4 * week })
          let count = 0
          for (const tag of [1, 2]) count += await bench.reader.count(tag)
          assert.equal(count, await bench.memory.count())
          assert.deepEqual(bench.problems, [])
        } finally {
          bench.close()
        }
      }),
      { numRuns: 25 },
    )
  })

  test("a long tag comes in blocks of some thousand rows, and its summaries say what its rows do", async () => {
    const bench = new Bench()
    try {
      await bench.start()
      const rows = (from: number, count: number): Row[] =>
        Array.from({ length: count }, (_, i) => ({
          at: (from + i) * 1000,
          value: Math.round(Math.sin((from + i) / 300) * 100) / 10,
          quality: i % 997 === 0 ? quality.bad : 0,
          number: from + i,
        }))
      for (let from = 0; from < 20_000; from += 1000) await bench.put(runOf(1, rows(from, 1000)))
      // Late, and over one another.
      await bench.put(
        runOf(
          1,
          rows(2500, 3000).filter((_, i) => i % 3 === 0),
        ),
      )
      await bench.put(
        runOf(
          1,
          rows(3000, 1500).filter((_, i) => i % 7 === 0),
        ),
      )
      await sameAnswers(bench, { tags: [1], from: 100_000, to: 19_000_500 })
      assert.equal(await bench.reader.count(1), 20_000)
    } finally {
      bench.close()
    }
  })

  test("a cancelled read throws the reason", async () => {
    const bench = new Bench()
    try {
      const rows = Array.from({ length: 9000 }, (_, i): Row => ({ at: i, value: i, number: i }))
      await bench.put(runOf(1, rows))
      const reason = new Error("looked away")
      const stop = new AbortController()
      await assert.rejects(async () => {
        for await (const _ of bench.reader.readStored({ tag: 1, from: 0, to: 1e6 }, stop.signal))
          stop.abort(reason)
      }, reason)
      await assert.rejects(
        Array.fromAsync(bench.reader.aggregate({ tags: [1], from: 0, to: 10 }, 2, stop.signal)),
        reason,
      )
    } finally {
      bench.close()
    }
  })

  test("a damaged chunk is told of with its place and extent, and the rest is served", async () => {
    const bench = new Bench()
    try {
      const rows = Array.from({ length: 3000 }, (_, i): Row => ({ at: i, value: i % 9, number: i }))
      await bench.put(runOf(1, rows))
      bench.partitions.close()
      const path = join(bench.folder, "1970-01-01.db")
      const database = new DatabaseSync(path)
      const { bytes } = database.prepare("SELECT bytes FROM record WHERE id = 2").get() as {
        bytes: Uint8Array
      }
      bytes[200] = (bytes[200] as number) ^ 1
      database.prepare("UPDATE record SET bytes = ? WHERE id = 2").run(bytes)
      database.close()
      const all = { tag: 1, from: 0, to: 1e6 }
      const read = await rowsOf(bench.reader.readStored(all, signal))
      assert.deepEqual(
        read.map((row) => row[1]),
        rows.map(({ at }) => at).filter((at) => at < 1000 || at >= 2000),
      )
      const [problem] = bench.problems
      assert.equal(problem?.code, "history-corrupt")
      assert.equal(problem?.where, path)
      assert.match(
        problem?.what ?? "",
        /record 2: .*1000 samples of tag 1 from 1970-01-01T00:00:01/,
      )
      const [buckets] = await Array.fromAsync(
        bench.reader.aggregate({ tags: [1], from: 0, to: 3000 }, 6, signal),
      )
      assert.deepEqual([...(buckets?.count ?? [])], [500, 500, 0, 0, 500, 500])
    } finally {
      bench.close()
    }
  })
})
