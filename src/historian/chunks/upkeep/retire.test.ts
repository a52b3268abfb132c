import assert from "node:assert/strict"
import { mkdtempSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { afterEach, beforeEach, suite, test } from "node:test"
import { nodeDisk } from "../../../kernel/disk/node.ts"
import { nodeFiles } from "../../../kernel/files/node.ts"
import { silentLog } from "../../../kernel/log.ts"
import { BlockWriter, sourceId } from "../../../model/block.ts"
import type { Path } from "../../../model/path.ts"
import type { RetentionRule } from "../../../model/plant.ts"
import { quality } from "../../../model/quality.ts"
import type { TagId } from "../../../model/tag.ts"
import type { Interval } from "../../forget.ts"
import type { Buckets, Durations } from "../../historian.ts"
import { type ChunkHistory, openChunkHistory } from "../history.ts"
import { inspectChunks } from "./inspect.ts"
import type { KnownTag } from "./plan.ts"
import { type Retired, retire, type Shelves } from "./retire.ts"
import { hourMs, minuteMs } from "./roll.ts"

const dayMs = 24 * hourMs
const weekMs = 7 * dayMs
/** A Thursday, on which a partition begins. */
const start = 2900 * weekMs
const weeks = 3
const signal = new AbortController().signal

const tags: readonly KnownTag[] = [
  { id: 1, path: "site/press/temperature" as Path, kind: "number" },
  { id: 2, path: "site/press/running" as Path, kind: "boolean" },
  { id: 3, path: "site/press/program" as Path, kind: "text" },
  { id: 4, path: "site/press/kept" as Path, kind: "number" },
]

let folder: string
let history: ChunkHistory
let sequence = 0

async function begin(): Promise<void> {
  history = await openChunkHistory({ folder, log: silentLog, disk: nodeDisk })
}

async function append(rows: readonly (readonly [TagId, number, number, number?])[]) {
  const writer = new BlockWriter()
  for (const [tag, at, value, q = quality.good] of rows) writer.add(tag, at, value, q)
  const source = sourceId({ name: "press", epoch: "1" })
  const block = writer.take({ source, sequence, received: start })
  sequence += rows.length
  await history.append(block, [])
  await history.shelves().seal()
}

/** Every seven minutes a temperature, sometimes a bad one; a switch and a program that change now and then. */
async function fill(): Promise<void> {
  const rows: [TagId, number, number, number?][] = []
  let n = 0
  for (let at = start + 10_000; at < start + weeks * weekMs; at += 7 * minuteMs) {
    n++
    const q = n % 50 === 0 ? quality.bad : quality.good
    rows.push([1, at, 200 + Math.round(100 * Math.sin(n / 40)) / 10, q], [4, at, n])
    if (n % 30 === 0) rows.push([2, at + 500, (n / 30) % 2])
    if (n % 45 === 0) rows.push([3, at + 700, 1 + ((n / 45) % 3)])
  }
  await append(rows)
}

/** Two days and more that take room. */
function noise(): [TagId, number, number][] {
  return Array.from({ length: 200_000 }, (_, i) => [1, start + i * 1000 + 1, Math.sin(i) * 1e9])
}

const never = Number.POSITIVE_INFINITY
const rule = (ages: Partial<RetentionRule>): readonly RetentionRule[] => [
  { tags: "site/press/kept", rawMs: never, minutesMs: never, hoursMs: never },
  { tags: "**", rawMs: weekMs, minutesMs: never, hoursMs: never, ...ages },
]

function run(
  retention: readonly RetentionRule[],
  evidence: Readonly<Record<number, readonly Interval[]>> = {},
  shelves: Shelves = history.shelves(),
): Promise<Retired> {
  const now = start + weeks * weekMs + hourMs
  const tag = (id: TagId) => tags.find((one) => one.id === id)
  return retire(shelves, { retention, now, tag, evidence: ({ id }) => evidence[id] ?? [] }, signal)
}

const range = { from: start - hourMs, to: start + weeks * weekMs + hourMs }

async function bucketsOf(tag: TagId, stepMs: number): Promise<Buckets> {
  const buckets = (range.to - range.from) / stepMs
  for await (const one of history.aggregate({ ...range, tags: [tag] }, buckets, signal)) return one
  throw new Error("no buckets")
}

async function durationsOf(tag: TagId): Promise<Durations> {
  const buckets = (range.to - range.from) / (2 * hourMs)
  for await (const one of history.durations({ ...range, tags: [tag] }, buckets, signal)) return one
  throw new Error("no durations")
}

function sameBuckets(got: Buckets, expected: Buckets): void {
  const names = ["count", "min", "max", "mean", "first", "last", "timeMean", "heldMs"] as const
  for (const name of names)
    expected[name].forEach((value, i) => {
      const other = got[name][i] ?? 0
      const isNear = Math.abs(other - value) <= 1e-9 * Math.max(1, Math.abs(value))
      assert.ok(isNear || Object.is(other, value), `${name}[${i}]: ${other}, expected ${value}`)
    })
}

function sameDurations(got: Durations, expected: Durations): void {
  assert.deepEqual(got.values, expected.values)
  for (const [v, ms] of [...expected.ms, expected.unknownMs].entries())
    ms.forEach((value, i) => {
      const other = [...got.ms, got.unknownMs][v]?.[i] ?? 0
      assert.ok(Math.abs(other - value) < 1e-3, `${v}[${i}]: ${other}, expected ${value}`)
    })
}

async function samplesOf(tag: TagId): Promise<number[]> {
  const at: number[] = []
  for await (const block of history.read({ ...range, tags: [tag] }, signal)) at.push(...block.at)
  return at
}

const filesIn = () => readdirSync(join(folder, "history")).filter((name) => /^\d.*\.db$/.test(name))

suite("retention", () => {
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "moru-retire-"))
    sequence = 0
    await begin()
    await fill()
  })

  afterEach(async () => {
    await history.close()
    rmSync(folder, { recursive: true, force: true })
  })

  test("samples of past weeks become minutes that answer as they did, after a start too; what is kept is whole", async () => {
    const before = await Promise.all([1, 4].flatMap((tag) => [bucketsOf(tag, hourMs)]))
    const fine = await bucketsOf(1, 10 * minuteMs)
    const states = [await durationsOf(2), await durationsOf(3)]
    const kept = await samplesOf(4)
    const done = await run(rule({}))
    // Of three weeks the last ended less than a week ago.
    assert.deepEqual(done.partitions, [start, start + weekMs])
    assert.ok(done.samples > 2 * (weekMs / (7 * minuteMs)))
    assert.equal(done.tags, 3)
    const left = await samplesOf(1)
    assert.ok(left.length > 0 && left.every((at) => at >= start + 2 * weekMs))
    for (let starts = 0; starts < 2; starts++) {
      sameBuckets(await bucketsOf(1, hourMs), before[0] as Buckets)
      sameBuckets(await bucketsOf(4, hourMs), before[1] as Buckets)
      sameBuckets(await bucketsOf(1, 10 * minuteMs), fine)
      sameDurations(await durationsOf(2), states[0] as Durations)
      sameDurations(await durationsOf(3), states[1] as Durations)
      assert.deepEqual(await samplesOf(4), kept)
      await history.close()
      await begin()
    }
    const seen = await inspectChunks({ folder, files: nodeFiles }, signal)
    assert.deepEqual(seen.faults, [])
    assert.ok(seen.summaries > 2 * 7 * 24 * 60)
    assert.deepEqual((await run(rule({}))).samples, 0, "nothing goes twice")
  })

  test("minutes become hours, and buckets finer than these are gaps", async () => {
    const before = await bucketsOf(1, hourMs)
    await run(rule({ minutesMs: weekMs }))
    sameBuckets(await bucketsOf(1, hourMs), before)
    const fine = await bucketsOf(1, 10 * minuteMs)
    const retired = fine.count.subarray(6, 6 * 24 * 13)
    assert.ok(retired.every((count) => count === 0))
    assert.ok(fine.min.subarray(6, 6 * 24 * 13).every(Number.isNaN))
    await run(rule({ minutesMs: weekMs, hoursMs: weekMs }))
    const gone = await bucketsOf(1, hourMs)
    assert.ok(gone.count.subarray(0, 14 * 24).every((count) => count === 0))
  })

  test("minutes kept for some weeks become hours later, as if they had at once", async () => {
    const before = await bucketsOf(1, 2 * hourMs)
    await run(rule({}))
    await run(rule({ minutesMs: weekMs }))
    sameBuckets(await bucketsOf(1, 2 * hourMs), before)
    assert.ok((await bucketsOf(1, minuteMs)).count.subarray(60, 60 * 24 * 13).every((n) => n === 0))
  })

  test("weeks of which nothing is kept go with their files", async () => {
    assert.equal(filesIn().length, 3)
    const [kept, all] = rule({ minutesMs: weekMs, hoursMs: weekMs })
    assert.ok(kept && all)
    await run([{ ...all }])
    assert.deepEqual(filesIn().length, 1)
    assert.deepEqual((await samplesOf(4)).length, (await samplesOf(1)).length)
  })

  test("samples that are evidence stay, to the whole hour, and nothing counts twice", async () => {
    const before = await bucketsOf(1, hourMs)
    const window = { from: start + 50 * hourMs + 1234, to: start + 51 * hourMs + 5678 }
    const all = await samplesOf(1)
    await run(rule({}), { 1: [window] })
    const left = (await samplesOf(1)).filter((at) => at < start + weekMs)
    const expected = all.filter((at) => at >= start + 50 * hourMs && at < start + 52 * hourMs)
    assert.deepEqual(left, expected)
    sameBuckets(await bucketsOf(1, hourMs), before)
    await run(rule({ minutesMs: weekMs, hoursMs: weekMs }), { 1: [window] })
    assert.deepEqual(
      (await samplesOf(1)).filter((at) => at < start + weekMs),
      expected,
    )
  })

  test("a sample that comes for a week that is summaries already joins them", async () => {
    await run(rule({}))
    const at = start + 30 * hourMs
    const hour = async () => {
      const buckets = await bucketsOf(1, hourMs)
      const i = (at - range.from) / hourMs
      return [buckets.count[i], buckets.max[i], buckets.heldMs[i]]
    }
    const [count, , held] = await hour()
    await append([[1, at + 1000, 999]])
    const done = await run(rule({}))
    assert.equal(done.samples, 1)
    assert.deepEqual(await hour(), [Number(count) + 1, 999, held])
    assert.deepEqual(
      (await samplesOf(1)).filter((one) => one < start + weekMs),
      [],
    )
    assert.equal((await run(rule({}))).samples, 0)
  })

  test("a crash before the samples are gone is taken up, and none counts twice", async () => {
    const before = await bucketsOf(1, hourMs)
    const shelves: Shelves = {
      ...history.shelves(),
      forgetTags: async () => {
        throw new Error("killed")
      },
    }
    await assert.rejects(run(rule({}), {}, shelves), /killed/)
    sameBuckets(await bucketsOf(1, hourMs), before)
    await history.close()
    await begin()
    sameBuckets(await bucketsOf(1, hourMs), before)
    await run(rule({}))
    sameBuckets(await bucketsOf(1, hourMs), before)
    assert.ok((await samplesOf(1)).every((at) => at >= start + 2 * weekMs))
  })

  test("a partition that cannot give room back lets its samples go all the same", async () => {
    await append(noise())
    await history.close()
    const database = new DatabaseSync(join(folder, "history", filesIn()[0] ?? ""))
    database.exec("PRAGMA auto_vacuum = NONE; VACUUM")
    database.close()
    await begin()
    await run(rule({}))
    assert.ok((await samplesOf(1)).every((at) => at >= start + 2 * weekMs))
  })

  test("room of samples that went is given back, though others of their week stay", async () => {
    await append(noise())
    const file = join(folder, "history", filesIn()[0] ?? "")
    const bytes = async () => (await nodeFiles.look(file))?.bytes ?? 0
    const full = await bytes()
    await run(rule({}))
    await history.shelves().seal()
    assert.ok((await bytes()) < full / 4, `${await bytes()} of ${full}`)
  })
})
