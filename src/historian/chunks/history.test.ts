import assert from "node:assert/strict"
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { after, suite, test } from "node:test"
import { nodeDisk } from "../../kernel/disk/node.ts"
import { silentLog } from "../../kernel/log.ts"
import { type DiskCall, FailingDisk, type Fault } from "../../kernel/testing/failing-disk.ts"
import { type Block, sourceId } from "../../model/block.ts"
import { type Cycle, cycleId } from "../../model/cycle.ts"
import { parsePath } from "../../model/path.ts"
import { Problem } from "../../model/problem.ts"
import type { Hand } from "./hand/hand.ts"
import { WritingHand } from "./hand/writing-hand.ts"
import { type ChunkHistory, openChunkHistory } from "./history.ts"

const root = mkdtempSync(join(tmpdir(), "moru-history-"))
after(() => rmSync(root, { recursive: true, force: true }))

const source = sourceId({ name: "dc-1", epoch: "a" })
const everything = { tags: [1, 2, 3], from: -1e15, to: 1e15 }
const { signal } = new AbortController()
const newFolder = () => mkdtempSync(join(root, "h-"))
const open = (folder: string) => openChunkHistory({ folder, log: silentLog })

/** Rows numbered from there on, over three tags, the value of each its number. */
function block(length: number, sequence = 0): Block {
  return {
    source,
    sequence,
    received: 0,
    length,
    tag: Uint32Array.from({ length }, (_, i) => 1 + ((sequence + i) % 3)),
    at: Float64Array.from({ length }, (_, i) => sequence + i),
    value: Float64Array.from({ length }, (_, i) => sequence + i),
    quality: new Uint8Array(length),
  }
}

const cycle = (sequence: number): Cycle => ({
  ...{ id: cycleId(source, sequence), equipment: parsePath("line/dc-1"), source, sequence },
  ...{ start: sequence, end: sequence, values: {} },
})

/** The numbers of all rows, ascending; each must be there once and be its value. */
async function numbersIn(history: ChunkHistory): Promise<number[]> {
  const numbers: number[] = []
  for await (const { length, number, value } of history.read(everything, signal))
    for (let i = 0; i < length; i++) {
      assert.equal(value[i], number[i])
      numbers.push(number[i] ?? -1)
    }
  assert.equal(new Set(numbers).size, numbers.length, "no row twice")
  assert.equal(await history.count(), numbers.length)
  return numbers.sort((a, b) => a - b)
}

const upTo = (end: number, from = 0) => Array.from({ length: end - from }, (_, i) => from + i)

const problem = (code: string) => (thrown: unknown) =>
  thrown instanceof Problem && thrown.code === code

suite("a history of chunks", () => {
  test("is there after a restart, with its sources, cycles and last values", async () => {
    const folder = newFolder()
    const first = await open(folder)
    await first.append(block(5000), [cycle(7)])
    await first.close()
    const again = await open(folder)
    assert.deepEqual(await again.latest([1, 3, 9]), [
      { at: 4998, value: 4998, quality: 0 },
      { at: 4997, value: 4997, quality: 0 },
      undefined,
    ])
    await again.append(block(10, 4995))
    assert.deepEqual(await numbersIn(again), upTo(5005))
    const [read] = await Array.fromAsync(again.read(everything, signal))
    assert.equal(read?.source, source)
    assert.deepEqual(
      [await again.cycles.lastRow(source), await again.cycles.lastSequence(source)],
      [5004, 7],
    )
    await again.close()
  })

  test("a reader never sees half of a large append", async () => {
    const history = await open(newFolder())
    let done = false
    const appended = history.append(block(100_000)).then(() => {
      done = true
    })
    while (!done) {
      const count = await history.count()
      assert.ok(count === 0 || count === 100_000, `saw ${count}`)
      await new Promise((resolve) => setImmediate(resolve))
    }
    await appended
    await history.close()
  })

  test("closing writes what waits, then nothing is taken and the journal is empty", async () => {
    const folder = newFolder()
    const history = await open(folder)
    const waiting = [history.append(block(30_000)), history.append(block(10, 30_000))]
    await history.close()
    await Promise.all(waiting)
    await assert.rejects(history.append(block(1)), problem("store-failed"))
    await assert.rejects(history.forget(5), problem("store-failed"))
    rmSync(join(folder, "history", "journal"), { recursive: true })
    const again = await open(folder)
    assert.deepEqual(await numbersIn(again), upTo(30_010))
    await again.close()
  })

  test("a file that is no database is a problem that says so, a newer Moru's is left as it is", async () => {
    const folder = newFolder()
    mkdirSync(join(folder, "history"))
    const catalog = join(folder, "history", "catalog.db")
    writeFileSync(catalog, "this was a text once".repeat(100))
    await assert.rejects(open(folder), problem("history-corrupt"))
    rmSync(catalog)
    const newer = new DatabaseSync(catalog)
    newer.exec("PRAGMA user_version = 99")
    newer.close()
    await assert.rejects(open(folder), problem("store-failed"))
  })
})

/** A hand in this thread, over a disk that fails as told. */
const failing = (folder: string, fault: Fault) =>
  openChunkHistory({
    folder,
    log: silentLog,
    hand: (own) => new WritingHand(own, new FailingDisk(nodeDisk, fault)),
  })

/** The folder as a crash would leave it now. */
function crashed(folder: string): string {
  const copy = newFolder()
  cpSync(folder, copy, { recursive: true })
  return copy
}

suite("a history on a disk that fails", () => {
  test("a full disk refuses the appends with a problem, keeps what was there and goes on later", async () => {
    let full = false
    const folder = newFolder()
    const history = await failing(folder, ({ kind }) =>
      full && kind === "append" ? "ENOSPC" : undefined,
    )
    await history.append(block(10))
    full = true
    const refused = [history.append(block(20, 10)), history.append(block(6000, 100), [cycle(1)])]
    for (const one of refused) await assert.rejects(one, problem("storage-full"))
    assert.deepEqual(await numbersIn(history), upTo(10))
    assert.equal(await history.cycles.count({ from: 0, to: 10 }), 0)
    full = false
    await history.append(block(6000, 100))
    assert.deepEqual(await numbersIn(history), [...upTo(10), ...upTo(6100, 100)])
    await history.close()
  })

  const kinds: readonly DiskCall[] = ["open", "append", "sync", "syncFolder", "truncate", "remove"]
  for (const kind of kinds)
    test(`every ${kind} failing in turn: what was acknowledged is there once, also after a crash`, async () => {
      let reached = true
      for (let nth = 1; reached; nth++) reached = await failingNth(kind, nth)
    })
})

/** Appends with one call of the disk failing; false where it came to no such call. */
async function failingNth(kind: DiskCall, nth: number): Promise<boolean> {
  let seen = 0
  let isFailed = false
  const folder = newFolder()
  const fault: Fault = (call) => {
    if (call.kind !== kind || ++seen !== nth) return undefined
    isFailed = true
    return "EIO"
  }
  const acknowledged: number[] = []
  const sent: number[] = []
  try {
    const history = await failing(folder, fault)
    for (let n = 0; n < 6; n++) {
      const rows = upTo(700 * (n + 1), 700 * n)
      sent.push(...rows)
      try {
        await history.append(block(700, 700 * n))
        acknowledged.push(...rows)
        if (n === 3) await history.shelves().seal()
      } catch (thrown) {
        assert.ok(thrown instanceof Problem)
      }
    }
    assert.deepEqual(await numbersIn(history), acknowledged, `${kind} ${nth}`)
    await holds(crashed(folder), { acknowledged, sent })
    await history.close()
  } catch (thrown) {
    assert.ok(thrown instanceof Problem, String(thrown))
  }
  await holds(folder, { acknowledged, sent })
  return isFailed
}

/** All that was acknowledged, and nothing that nobody sent. */
async function holds(
  folder: string,
  of: { readonly acknowledged: readonly number[]; readonly sent: readonly number[] },
): Promise<void> {
  const history = await open(folder)
  const found = new Set(await numbersIn(history))
  assert.deepEqual(
    of.acknowledged.filter((n) => !found.has(n)),
    [],
  )
  const sent = new Set(of.sent)
  assert.deepEqual(
    [...found].filter((n) => !sent.has(n)),
    [],
  )
  await history.close()
}

suite("a crash of a history", () => {
  test("after each step of sealing and settling: nothing is lost, nothing is there twice", async () => {
    const folder = newFolder()
    const images: { readonly step: string; readonly image: string; readonly rows: number }[] = []
    let rows = 0
    const watched = (own: string): Hand => {
      const hand: Hand = new WritingHand(own, nodeDisk)
      for (const step of ["write", "seal", "roll", "settle"] as const) {
        const work = hand[step].bind(hand) as (argument: unknown) => Promise<unknown>
        const spied = async (argument: unknown) => {
          images.push({ step: `before ${step}`, image: crashed(folder), rows })
          const result = await work(argument)
          images.push({ step: `after ${step}`, image: crashed(folder), rows })
          return result
        }
        Object.assign(hand, { [step]: spied })
      }
      return hand
    }
    const history = await openChunkHistory({ folder, log: silentLog, hand: watched })
    for (let n = 0; n < 4; n++) {
      // Half of the rows are those of the append before, as a machine that resumes sends them.
      await history.append(block(1600, 800 * n))
      rows = 800 * n + 1600
      if (n === 2) await history.shelves().seal()
    }
    await history.close()
    assert.ok(images.length > 20 && readdirSync(join(folder, "history")).length > 2)
    for (const { step, image, rows } of images) {
      const again = await open(image)
      const found = await numbersIn(again)
      assert.ok(found.length >= rows, `${step}: ${found.length} of ${rows}`)
      assert.deepEqual(found, upTo(found.length), step)
      await again.close()
    }
  })

  test("a correction that came before it holds after it, whatever was in chunks", async () => {
    const folder = newFolder()
    const history = await open(folder)
    const corrected = (value: number): Block => ({
      ...block(1),
      value: Float64Array.of(value),
    })
    await history.append(corrected(1))
    await history.shelves().seal()
    const images: [string, number][] = []
    for (const value of [2, 1, 3]) {
      await history.append(corrected(value))
      images.push([crashed(folder), value])
    }
    for (const [image, value] of images) {
      const again = await open(image)
      const [read] = await Array.fromAsync(again.read(everything, signal))
      assert.deepEqual([...(read?.value ?? [])], [value])
      await again.close()
    }
    await history.close()
  })
})
