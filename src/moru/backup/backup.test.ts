import assert from "node:assert/strict"
import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, suite, test } from "node:test"
import { type ChunkHistory, openChunkHistory } from "../../historian/chunks/history.ts"
import { SystemClock } from "../../kernel/clock/system.ts"
import { nodeDisk } from "../../kernel/disk/node.ts"
import { nodeFiles } from "../../kernel/files/node.ts"
import { silentLog } from "../../kernel/log.ts"
import { BlockWriter, sourceId } from "../../model/block.ts"
import type { Path } from "../../model/path.ts"
import { quality } from "../../model/quality.ts"
import { openStore, type SqliteStore } from "../../store/sqlite/store.ts"
import { asTar, fromFolder, fromTar, openEarlier, writeFolder } from "./folder.ts"
import { type BackupPart, type BackupSource, makeBackup } from "./make.ts"
import { restoreBackup } from "./restore.ts"
import { verifyBackup } from "./verify.ts"

const clock = new SystemClock()
const { signal } = new AbortController()
const disk = nodeDisk
const files = nodeFiles
const weekMs = 7 * 86_400_000
const start = 2900 * weekMs
const press = sourceId({ name: "press", epoch: "1" })

let root: string
let data: string
let store: SqliteStore
let history: ChunkHistory
let sequence: number
let tag: number

async function open(folder = data): Promise<void> {
  store = await openStore({ folder, node: "plant", clock, files, log: silentLog })
  tag = store.registry.tagId("site/press/force" as Path, "number")
  await store.registry.flush()
  history = await openChunkHistory({ folder, log: silentLog, disk })
}

async function close(): Promise<void> {
  await history.close()
  await store.close()
}

async function append(from: number, rows: number, source = press): Promise<void> {
  const writer = new BlockWriter()
  for (let i = 0; i < rows; i++) writer.add(tag, from + i * 1000, i % 100, quality.good)
  const block = writer.take({ source, sequence, received: from })
  sequence += rows
  await history.append(block, [])
}

const source = (more: Partial<BackupSource> = {}): BackupSource => ({
  ...{ dataFolder: data, files, now: () => clock.now(), version: "0.0.0", have: new Set() },
  ...more,
})

const backUp = (to: string, more?: Partial<BackupSource>) =>
  writeFolder(makeBackup(source(more), signal), to, { files })

async function rowsIn(folder: string): Promise<number[]> {
  const opened = await openChunkHistory({ folder, log: silentLog, disk })
  const at: number[] = []
  const range = { tags: [tag], from: 0, to: 1e15 }
  for await (const block of opened.read(range, signal)) at.push(...block.at)
  await opened.close()
  return at
}

suite("a backup", () => {
  beforeEach(async () => {
    root = mkdtempSync(join(tmpdir(), "moru-backup-"))
    data = join(root, "data")
    sequence = 0
    await open()
    await append(start, 3000)
    await append(start + weekMs, 3000)
    await history.shelves().seal()
    await append(start + 2 * weekMs, 500)
    await store.commit({
      records: [{ kind: "gap.opened", subject: "press", by: "part:connect", causes: [], body: {} }],
    })
  })

  afterEach(async () => {
    await close()
    rmSync(root, { recursive: true, force: true })
  })

  test("made while samples come holds all that were acknowledged before, whole", async () => {
    const stop = new AbortController()
    const coming = (async () => {
      for (let n = 0; !stop.signal.aborted; n++)
        await append(
          start + 2 * weekMs + 1_000_000 + n * 1000,
          1,
          sourceId({ name: `late-${n}`, epoch: "1" }),
        )
    })()
    const folder = join(root, "backup")
    const manifest = await backUp(folder)
    stop.abort()
    await coming
    assert.equal(manifest.counts.samples, 6000)
    assert.ok(manifest.until.samples <= clock.now())
    const seen = await verifyBackup(folder, { files, disk }, signal)
    assert.deepEqual(seen.faults, [])
    assert.equal(seen.records, 1)
    assert.equal(statSync(join(folder, "store.db")).mode & 0o077, 0)
    assert.deepEqual(
      readdirSync(data).filter((name) => name.startsWith("backup")),
      [],
    )
    const restored = join(root, "restored")
    await restoreBackup({ parts: fromFolder(folder, files), dataFolder: restored, files })
    const at = await rowsIn(restored)
    assert.ok(at.length >= 6500)
    assert.deepEqual(
      at.slice(6000, 6500),
      Array.from({ length: 500 }, (_, i) => start + 2 * weekMs + i * 1000),
    )
    const again = await openChunkHistory({ folder: restored, log: silentLog })
    // What was not in the backup may be sent again.
    assert.ok((await again.cycles.lastRow(press)) <= 6499)
    await again.close()
  })

  test("as one file is the same, and a cut or changed one is told", async () => {
    const bytes = Buffer.concat(await Array.fromAsync(asTar(makeBackup(source(), signal))))
    const pieces = async function* (of: Buffer) {
      for (let i = 0; i < of.length; i += 100_000) yield of.subarray(i, i + 100_000)
    }
    const folder = join(root, "unpacked")
    await writeFolder(fromTar(pieces(bytes), "file"), folder, { files })
    assert.deepEqual((await verifyBackup(folder, { files, disk }, signal)).faults, [])
    const wrong = Buffer.from(bytes)
    const at = wrong.indexOf("SQLite format 3") + 5000
    wrong[at] = (wrong[at] ?? 0) ^ 1
    const restore = (of: Buffer) =>
      restoreBackup({ parts: fromTar(pieces(of), "file"), dataFolder: join(root, "r"), files })
    await assert.rejects(restore(wrong), { code: "backup-damaged" })
    await assert.rejects(restore(bytes.subarray(0, bytes.length - 2000)), {
      code: "backup-damaged",
    })
    assert.deepEqual(readdirSync(root).sort(), ["data", "unpacked"])
  })

  test("every change of its files is found", async () => {
    const folder = join(root, "backup")
    await backUp(folder)
    const whole = await verifyBackup(folder, { files, disk }, signal)
    assert.deepEqual(whole.faults, [])
    for (const { path } of whole.manifest.files) {
      const before = readFileSync(join(folder, path))
      const changed = Buffer.from(before)
      if (changed.length > 0) changed[changed.length >> 1] = (changed[changed.length >> 1] ?? 0) ^ 4
      writeFileSync(join(folder, path), changed.length > 0 ? changed : "x")
      const { faults } = await verifyBackup(folder, { files, disk }, signal)
      assert.ok(
        faults.some((fault) => fault.startsWith(path)),
        `${path}: ${faults}`,
      )
      writeFileSync(join(folder, path), before)
    }
    rmSync(join(folder, "store.db"))
    const { faults } = await verifyBackup(folder, { files, disk }, signal)
    assert.ok(faults.some((fault) => /store\.db: got no such file/.test(fault)))
    rmSync(join(folder, "manifest.json"))
    await assert.rejects(verifyBackup(folder, { files, disk }, signal), { code: "not-found" })
  })

  test("after an earlier one takes what did not change from it", async () => {
    const first = join(root, "first")
    await backUp(first)
    await append(start + weekMs + 5_000_000, 10)
    await history.shelves().seal()
    const earlier = await openEarlier(first, files)
    const sent: string[] = []
    const second = join(root, "second")
    const parts = makeBackup(source({ have: new Set(earlier.files.keys()) }), signal)
    const noted = async function* (): AsyncGenerator<BackupPart> {
      for await (const part of parts) {
        sent.push(part.path)
        yield part
      }
    }
    await writeFolder(noted(), second, { files, since: earlier })
    const weeks = readdirSync(join(second, "history")).filter((name) => /^\d/.test(name))
    assert.equal(weeks.length, 3)
    const [unchanged, changed] = weeks
    assert.ok(!sent.includes(`history/${unchanged}`))
    assert.ok(sent.includes(`history/${changed}`))
    rmSync(first, { recursive: true })
    assert.deepEqual((await verifyBackup(second, { files, disk }, signal)).faults, [])
  })

  test("is put only into an empty folder, with the plant's files where they are wanted", async () => {
    const plant = join(root, "plant")
    await files.write(join(plant, "plant.yaml"), "moru: plant\n")
    await files.write(join(plant, "equipment/acme/press.yaml"), "moru: equipment-type\n")
    const folder = join(root, "backup")
    await backUp(folder, {
      plant: { name: "Plant", folder: plant, files: ["plant.yaml", "equipment/acme/press.yaml"] },
    })
    const request = {
      dataFolder: join(root, "restored"),
      plantFolder: join(root, "new-plant"),
      files,
    }
    const restore = () => restoreBackup({ ...request, parts: fromFolder(folder, files) })
    const taken = { ...request, parts: fromFolder(folder, files), dataFolder: data }
    await assert.rejects(restoreBackup(taken), { code: "option-invalid" })
    await restore()
    assert.equal(readFileSync(join(root, "new-plant/plant.yaml"), "utf8"), "moru: plant\n")
    assert.ok(!readdirSync(request.dataFolder).includes("plant"))
    await assert.rejects(restore(), { code: "option-invalid" })
  })

  test("that names a file outside of its folder is refused", async () => {
    const folder = join(root, "backup")
    await backUp(folder)
    const path = join(folder, "manifest.json")
    writeFileSync(path, readFileSync(path, "utf8").replace("store.db", "../store.db"))
    await assert.rejects(verifyBackup(folder, { files, disk }, signal), { code: "backup-damaged" })
    appendFileSync(path, "x")
    await assert.rejects(verifyBackup(folder, { files, disk }, signal), { code: "backup-damaged" })
  })
})
