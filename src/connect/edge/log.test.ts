import assert from "node:assert/strict"
import { suite, test } from "node:test"
import { MemoryRegistry } from "../../../test/support/memory-store.ts"
import { decodeParcel, type LogEntry, type ParcelHead, type TagRun } from "../../codec/delivery.ts"
import type { Disk } from "../../kernel/disk.ts"
import { silentLog } from "../../kernel/log.ts"
import { seededRandom } from "../../kernel/random.ts"
import { CrashingDisk } from "../../kernel/testing/crashing-disk.ts"
import { BlockWriter, sourceId } from "../../model/block.ts"
import { cycleId } from "../../model/cycle.ts"
import type { Path } from "../../model/path.ts"
import { quality } from "../../model/quality.ts"
import { type EdgeLog, openEdgeLog } from "./log.ts"

const source = sourceId({ name: "dc-1/live", epoch: "1" })
const start = Date.UTC(2026, 0, 1)
const registry = new MemoryRegistry()
const tag = registry.tagId("hall/dc-1/temperature" as Path, "number")
const random = seededRandom(3)

function open(disk: Disk, budgetBytes = 1e9, parcelRows = 600): Promise<EdgeLog> {
  const newEpoch = () => "epoch"
  return openEdgeLog({
    disk,
    folder: "log",
    budgetBytes,
    parcelRows,
    registry,
    log: silentLog,
    newEpoch,
  })
}

/** A row each second, noise that packs badly, so that little time fills a small budget. */
function entry(second: number): LogEntry {
  const rows = new BlockWriter(1)
  rows.add(tag, start + second * 1000, random.next(), quality.good)
  return { block: rows.take({ source, sequence: second, received: start }), cycles: [], gaps: [] }
}

async function drained(log: EdgeLog) {
  const heads: ParcelHead[] = []
  const runs: TagRun[] = []
  while (
    await log.sendLate(async ({ bytes }) => {
      const parcel = decodeParcel(bytes)
      heads.push(parcel.head)
      runs.push(...parcel.runs)
    })
  );
  return { heads, runs }
}

suite("the log of an edge", () => {
  test("what was appended and not confirmed is there after a power cut", async () => {
    const disk = new CrashingDisk()
    const log = await open(disk)
    for (let second = 0; second < 700; second++) await log.append(entry(second))
    disk.crash(random)
    const again = await open(disk)
    const { heads, runs } = await drained(again)
    assert.equal(
      runs.reduce((sum, { at }) => sum + at.length, 0),
      700,
    )
    assert.deepEqual([heads[0]?.first, again.lastRow(source)], [1, 699])
    for (const [i, { first }] of heads.slice(1).entries())
      assert.equal(first, (heads[i]?.last ?? 0) + 1)
  })

  test("a place that a device goes on from is kept when all is confirmed", async () => {
    const disk = new CrashingDisk()
    const log = await open(disk)
    const cycle = { id: cycleId(source, 41), equipment: "hall/dc-1" as Path, source, sequence: 41 }
    await log.append({ ...entry(7), cycles: [{ ...cycle, start, end: start, values: {} }] })
    await log.seal()
    await drained(log)
    await log.close()
    const again = await open(disk)
    assert.deepEqual([again.lastRow(source), again.lastSequence(source)], [7, 41])
    assert.equal(again.hasLate, false)
    await again.append(entry(8))
    await again.sendLive(async ({ first, entries }) => {
      assert.equal(entries.length, 1)
      assert.ok(first > 1, "numbers count on")
    })
  })

  test("what is not confirmed stays, whatever goes wrong while it is sent", async () => {
    const log = await open(new CrashingDisk())
    await log.append(entry(0))
    const lost = new Error("the line is cut")
    await assert.rejects(
      log.sendLive(() => Promise.reject(lost)),
      lost,
    )
    assert.equal(log.waitingRows, 1)
    await log.seal()
    await assert.rejects(
      log.sendLate(() => Promise.reject(lost)),
      lost,
    )
    assert.equal((await drained(log)).runs.length, 1)
  })

  test("a full budget keeps each minute's lowest, highest and last sample, and says how many are missing", async () => {
    const seconds = 20_000
    const log = await open(new CrashingDisk(), 60_000)
    const given = new Map<number, number>()
    for (let second = 0; second < seconds; second++) {
      const one = entry(second)
      given.set(start + second * 1000, one.block?.value[0] ?? 0)
      await log.append(one)
    }
    await log.seal()
    assert.ok(log.state.bytes <= 60_000 + 20_000, `${log.state.bytes} bytes`)
    const lost = log.state.lost
    assert.ok(lost > 10_000, `${lost} lost`)
    const { heads, runs } = await drained(log)
    const rows = runs.reduce((sum, { at }) => sum + at.length, 0)
    assert.equal(rows + lost, seconds)
    const missing = heads.flatMap(({ gaps }) => gaps).reduce((sum, { size = 0 }) => sum + size, 0)
    assert.equal(missing, lost)
    for (const [i, { isSummary }] of heads.entries())
      assert.equal(
        isSummary,
        i < heads.filter((head) => head.isSummary).length,
        "summaries are oldest",
      )
    const thin = runs.filter((_, i) => runs[i]?.quality[0] === quality.uncertain)
    assert.ok(thin.length > 0)
    for (const { at, value } of thin)
      for (const [i, time] of at.entries())
        assert.equal(value[i], given.get(time), "a sample as it was measured")
    const first = Array.from(thin[0]?.value.slice(0, 3) ?? [])
    const minute = Array.from({ length: 60 }, (_, i) => given.get(start + i * 1000) ?? 0)
    assert.ok(first.includes(Math.min(...minute)) && first.includes(Math.max(...minute)))
  })

  test("where summaries do not fit either, the gaps that are told grow by them", async () => {
    const seconds = 60_000
    const log = await open(new CrashingDisk(), 40_000)
    for (let second = 0; second < seconds; second++) await log.append(entry(second))
    // The second takes the gaps that the first made room with.
    await log.seal()
    await log.seal()
    const { heads, runs } = await drained(log)
    const rows = runs.reduce((sum, { at }) => sum + at.length, 0)
    const gaps = heads.flatMap((head) => head.gaps)
    const missing = gaps.reduce((sum, { size = 0 }) => sum + size, 0)
    assert.equal(rows + missing, seconds)
    assert.ok(gaps.every(({ because, gone }) => because === "overflow" && gone))
    assert.equal(new Set(gaps.map(({ id }) => id)).size, gaps.length)
  })

  test("a disk without room refuses the entry and takes the next", async () => {
    let isFull = false
    const disk = new CrashingDisk()
    const full: Disk = {
      open: (path) => {
        const file = disk.open(path)
        return {
          get bytes() {
            return file.bytes
          },
          append: (parts) => {
            if (isFull) throw Object.assign(new Error("no space left"), { code: "ENOSPC" })
            file.append(parts)
          },
          read: (into, at) => file.read(into, at),
          truncate: (bytes) => file.truncate(bytes),
          sync: () => file.sync(),
          close: () => file.close(),
        }
      },
      list: (folder) => disk.list(folder),
      makeFolder: () => {},
      remove: (path) => disk.remove(path),
      syncFolder: (folder) => disk.syncFolder(folder),
      freeBytes: () => 0,
    }
    const log = await open(full)
    isFull = true
    await assert.rejects(log.append(entry(0)), { code: "storage-full" })
    isFull = false
    await log.append(entry(1))
    assert.equal(log.waitingRows, 1)
  })
})
