import assert from "node:assert/strict"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { after, suite, test } from "node:test"
import { silentLog } from "../../kernel/log.ts"
import { type Block, sourceId } from "../../model/block.ts"
import { Problem } from "../../model/problem.ts"
import { openHistory } from "./history.ts"

const root = mkdtempSync(join(tmpdir(), "moru-history-"))
after(() => rmSync(root, { recursive: true, force: true }))

const source = sourceId({ name: "dc-1", epoch: "a" })
const everything = { tags: [1], from: -1e15, to: 1e15 }
const { signal } = new AbortController()
const newFolder = () => mkdtempSync(join(root, "h-"))
const open = (folder: string) => openHistory({ folder, log: silentLog })

function block(length: number, sequence = 0): Block {
  return {
    source,
    sequence,
    received: 0,
    length,
    tag: new Uint32Array(length).fill(1),
    at: Float64Array.from({ length }, (_, i) => sequence + i),
    value: new Float64Array(length).fill(1),
    quality: new Uint8Array(length),
  }
}

const problem = (code: string) => (thrown: unknown) =>
  thrown instanceof Problem && thrown.code === code

suite("history in a file", () => {
  test("is there after a restart, with its sources", async () => {
    const folder = newFolder()
    const first = await open(folder)
    await first.append(block(10))
    await first.close()
    const again = await open(folder)
    await again.append(block(10, 5))
    const [read] = await Array.fromAsync(again.read(everything, signal))
    assert.deepEqual([read?.length, read?.source], [15, source])
    assert.equal(await again.cycles.lastRow(source), 14)
    await again.close()
  })

  test("a reader never sees half of a large append, which never holds up the others for long", async () => {
    const history = await open(newFolder())
    let done = false
    const appended = history.append(block(100_000)).then(() => {
      done = true
    })
    let turns = 0
    while (!done) {
      const count = await history.count()
      assert.ok(count === 0 || count === 100_000, `saw ${count}`)
      turns += 1
      await new Promise((resolve) => setImmediate(resolve))
    }
    await appended
    assert.ok(turns >= 20, `the event loop turned only ${turns} times`)
    await history.close()
  })

  test("closing writes what waits, then nothing is taken", async () => {
    const folder = newFolder()
    const history = await open(folder)
    const waiting = [history.append(block(30_000)), history.append(block(10, 30_000))]
    await history.close()
    await Promise.all(waiting)
    await assert.rejects(history.append(block(1)), problem("store-failed"))
    await assert.rejects(history.forget(5), problem("store-failed"))
    const again = await open(folder)
    assert.equal(await again.count(), 30_010)
    await again.close()
  })

  test("a disk that is full fails the appends with a problem, keeps what was there and goes on later", async () => {
    const folder = newFolder()
    const history = await open(folder)
    await history.append(block(10))
    const hinder = new DatabaseSync(join(folder, "history.db"))
    hinder.exec(
      "CREATE TRIGGER full BEFORE INSERT ON sample WHEN NEW.number = 5000 BEGIN SELECT RAISE(ABORT, 'disk full'); END",
    )
    const results = await Promise.allSettled([
      history.append(block(20, 10)),
      history.append(block(6000, 100)),
    ])
    assert.ok(results.every((r) => r.status === "rejected" && problem("store-failed")(r.reason)))
    assert.equal(await history.count(), 10)
    hinder.exec("DROP TRIGGER full")
    hinder.close()
    await history.append(block(6000, 100))
    assert.equal(await history.count(), 6010)
    await history.close()
  })

  test("a file that is no database is a problem that says so", async () => {
    const folder = newFolder()
    writeFileSync(join(folder, "history.db"), "this was a text once".repeat(100))
    await assert.rejects(open(folder), problem("history-corrupt"))
    await assert.rejects(open(join(folder, "nowhere")), problem("store-failed"))
  })

  test("a file of a newer Moru is refused and left as it is", async () => {
    const folder = newFolder()
    const newer = new DatabaseSync(join(folder, "history.db"))
    newer.exec("PRAGMA user_version = 99")
    newer.close()
    await assert.rejects(open(folder), problem("store-failed"))
  })
})
