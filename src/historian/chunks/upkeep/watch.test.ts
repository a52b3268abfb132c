import assert from "node:assert/strict"
import { execFileSync } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, suite, test } from "node:test"
import { until } from "../../../../test/support/until.ts"
import { SystemClock } from "../../../kernel/clock/system.ts"
import { nodeDisk } from "../../../kernel/disk/node.ts"
import { nodeFiles } from "../../../kernel/files/node.ts"
import { silentLog } from "../../../kernel/log.ts"
import { Metrics } from "../../../kernel/metrics.ts"
import type { StorageConfig } from "../../../model/plant.ts"
import { Problem } from "../../../model/problem.ts"
import { openStore, type SqliteStore } from "../../../store/sqlite/store.ts"
import { type Retirement, StorageWatch } from "./watch.ts"

const clock = new SystemClock()
const megabyte = 1_000_000

let folder: string
let store: SqliteStore
let metrics: Metrics
let watch: StorageWatch | undefined

/** What retention lets go is one file. */
const retirement: Retirement = {
  retire: async () => {
    const path = join(folder, "history", "2020-01-02.db")
    if (!(await nodeFiles.look(path))) return 0
    await nodeFiles.remove(path)
    return 5
  },
  tiers: async () => ({ raw: 3, minutes: 2, hours: 1, oldestSample: 7 }),
}

async function begin(config: StorageConfig, at = folder): Promise<StorageWatch> {
  folder = at
  store = await openStore({ folder, node: "plant", clock, files: nodeFiles, log: silentLog })
  metrics = new Metrics()
  watch = new StorageWatch({
    ...{ folder, config, retirement, disk: nodeDisk, files: nodeFiles, store, clock, metrics },
    log: silentLog,
  })
  await watch.start()
  return watch
}

function put(name: string, bytes: number): void {
  mkdirSync(join(folder, "history"), { recursive: true })
  writeFileSync(join(folder, "history", name), new Uint8Array(bytes).fill(7))
}

const kinds = async () => (await store.ledger.list({ limit: 10 })).map(({ kind }) => kind)

const budget = (megabytes: number): StorageConfig => ({
  budget: { bytes: megabytes * megabyte },
  retention: [],
})

suite("the watch over storage", () => {
  const made: string[] = []
  let unmount: string | undefined

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "moru-storage-"))
    made.push(folder)
  })

  afterEach(async () => {
    await watch?.stop()
    await store.close()
    if (unmount !== undefined) execFileSync("umount", [unmount])
    unmount = undefined
    for (const each of made.splice(0)) rmSync(each, { recursive: true, force: true })
  })

  test("at the budget samples are refused and it is told; with room they are taken again, by themselves", async () => {
    const it = await begin(budget(60))
    it.admit()
    const ballast = join(folder, "history", "ballast")
    assert.equal(statSync(ballast).size, 1_200_000)
    put("2026-01-01.db", 61 * megabyte)
    await it.look()
    assert.throws(
      () => it.admit(),
      (thrown) =>
        thrown instanceof Problem &&
        thrown.code === "storage-full" &&
        thrown.retry &&
        /61\.\d MB of 60\.0 MB used/.test(thrown.what),
    )
    assert.equal(it.health().state, "degraded")
    assert.throws(() => statSync(ballast), /ENOENT/)
    assert.equal(statSync(join(folder, "history", "2026-01-01.db")).size, 61 * megabyte)
    assert.deepEqual(await kinds(), ["storage.full"])
    assert.equal(metrics.get("moru_storage_full"), 1)
    assert.equal(metrics.get("moru_storage_refused_total"), 1)
    put("2026-01-01.db", 59 * megabyte)
    await it.look()
    assert.throws(() => it.admit(), /storage/, "a little below is not room enough")
    put("2026-01-01.db", 40 * megabyte)
    await it.look()
    it.admit()
    assert.equal(it.health().state, "running")
    assert.deepEqual(await kinds(), ["storage.recovered", "storage.full"])
    await it.look()
    assert.equal(statSync(ballast).size, 1_200_000)
  })

  test("near the budget what retention lets go goes first, and nothing else", async () => {
    const it = await begin(budget(60))
    put("2020-01-02.db", 20 * megabyte)
    put("2026-01-01.db", 36 * megabyte)
    await it.look()
    await until("the old week is gone", async () => (await it.report()).usedBytes < 40 * megabyte)
    it.admit()
    const report = await it.report()
    assert.equal(report.state, "good")
    assert.equal(report.kinds.samples, 36 * megabyte)
    assert.equal(report.budgetBytes, 60 * megabyte)
    assert.deepEqual(report.tiers, { raw: 3, minutes: 2, hours: 1 })
    assert.equal(report.oldestSample, 7)
    assert.deepEqual(await kinds(), [])
  })

  test("a larger budget in the plant's files ends the refusal", async () => {
    const it = await begin(budget(60))
    put("2026-01-01.db", 61 * megabyte)
    await it.look()
    assert.equal((await it.report()).state, "full")
    it.update(budget(100))
    await it.look()
    it.admit()
  })

  test("a disk that is full, though the budget is not, refuses and recovers", async (t) => {
    if (process.getuid?.() !== 0) return t.skip("needs root to mount a small disk")
    const disk = mkdtempSync(join(tmpdir(), "moru-small-disk-"))
    made.push(disk)
    try {
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=40m", "tmpfs", disk], { stdio: "pipe" })
    } catch (thrown) {
      return t.skip(`no small disk can be mounted here: ${thrown}`)
    }
    unmount = disk
    const it = await begin({ budget: { share: 0.8 }, retention: [] }, join(disk, "data"))
    writeFileSync(join(disk, "stranger"), new Uint8Array(10 * megabyte))
    await it.look()
    const { budgetBytes } = await it.report()
    assert.ok(budgetBytes > 23 * megabyte && budgetBytes < 27 * megabyte, `${budgetBytes}`)
    it.update(budget(500))
    assert.throws(() => put("2026-01-01.db", 60 * megabyte), /ENOSPC/)
    await it.look()
    assert.throws(() => it.admit(), /storage/)
    // The ballast gave room for it.
    assert.deepEqual(await kinds(), ["storage.full"])
    rmSync(join(folder, "history", "2026-01-01.db"))
    await it.look()
    it.admit()
    assert.deepEqual(await kinds(), ["storage.recovered", "storage.full"])
  })
})
