import assert from "node:assert/strict"
import {
  copyFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { basename, join } from "node:path"
import { after, suite, test } from "node:test"
import { nodeDisk } from "./disk/node.ts"
import type { Disk } from "./disk.ts"
import { type Damage, inspectJournal, type Journal, openJournal } from "./journal.ts"
import { type DiskCall, FailingDisk } from "./testing/failing-disk.ts"

const root = mkdtempSync(join(tmpdir(), "moru-journal-"))
after(() => rmSync(root, { recursive: true, force: true }))
const newFolder = () => mkdtempSync(join(root, "j-"))

interface Opened {
  readonly journal: Journal
  readonly damages: Damage[]
}

async function open(
  folder: string,
  more: { disk?: Disk; segmentBytes?: number } = {},
): Promise<Opened> {
  const damages: Damage[] = []
  const onDamage = (damage: Damage) => damages.push(damage)
  return { journal: await openJournal({ disk: nodeDisk, folder, onDamage, ...more }), damages }
}

/** Frame n says n, some of them long enough to be packed. */
const payload = (n: number) => Buffer.from(`${n} `.repeat(n % 3 === 0 ? 200 : 1 + (n % 5)))
const numbersIn = (journal: Journal, from = 0) =>
  [...journal.read(from)].map((frame) => {
    const n = Number.parseInt(Buffer.from(frame.payload).toString(), 10)
    assert.deepEqual(Buffer.from(frame.payload), payload(n))
    return n
  })
const upTo = (n: number) => Array.from({ length: n }, (_, i) => i + 1)

async function put(journal: Journal, numbers: readonly number[]): Promise<void> {
  for (const n of numbers) {
    journal.append([payload(n)])
    await journal.sync()
  }
}

/** A folder with one segment of so many frames, and where each frame ends. */
async function oneSegment(frames: number): Promise<{ file: string; ends: number[] }> {
  const folder = newFolder()
  const { journal } = await open(folder)
  const ends: number[] = []
  for (const n of upTo(frames)) {
    await put(journal, [n])
    ends.push(journal.bytes)
  }
  journal.close()
  return { file: join(folder, readdirSync(folder)[0] as string), ends }
}

function copyOf(file: string, change: (bytes: Buffer) => Buffer): string {
  const folder = newFolder()
  writeFileSync(join(folder, basename(file)), change(readFileSync(file)))
  return folder
}

suite("a journal", () => {
  test("gives back what was appended, in order, after a restart too, over many segments", async () => {
    const folder = newFolder()
    const first = await open(folder, { segmentBytes: 100 })
    await put(first.journal, upTo(20))
    assert.deepEqual(numbersIn(first.journal), upTo(20))
    first.journal.close()
    const again = await open(folder, { segmentBytes: 100 })
    await put(again.journal, [21, 22])
    assert.ok(readdirSync(folder).length > 3)
    assert.deepEqual(numbersIn(again.journal), upTo(22))
    assert.deepEqual(numbersIn(again.journal, 13), upTo(22).slice(13))
    assert.deepEqual([again.journal.position, again.journal.durable], [22, 22])
    assert.deepEqual([...first.damages, ...again.damages], [])
  })

  test("reads only what is safe", async () => {
    const { journal } = await open(newFolder())
    await put(journal, [1])
    journal.append([payload(2)])
    assert.deepEqual(numbersIn(journal), [1])
    await journal.sync()
    assert.deepEqual(numbersIn(journal), [1, 2])
  })

  test("drops whole segments, never the newest, and counts on", async () => {
    const folder = newFolder()
    const { journal } = await open(folder, { segmentBytes: 100 })
    await put(journal, upTo(10))
    journal.dropBefore(5)
    assert.ok(journal.first > 1 && journal.first <= 5)
    assert.deepEqual(numbersIn(journal, 4), [5, 6, 7, 8, 9, 10])
    await journal.roll()
    journal.dropBefore(11)
    assert.deepEqual([numbersIn(journal), journal.bytes], [[], 0])
    journal.close()
    const again = await open(folder)
    assert.equal(again.journal.position, 10)
    await put(again.journal, [11])
    assert.equal(again.journal.position, 11)
    assert.deepEqual(numbersIn(again.journal), [11])
  })

  test("cut off at any byte it gives the whole frames before, says what it cut, and goes on", async () => {
    const { file, ends } = await oneSegment(7)
    for (let length = 0; length <= (ends.at(-1) ?? 0); length++) {
      const folder = copyOf(file, (bytes) => bytes.subarray(0, length))
      const whole = ends.filter((end) => end <= length)
      const end = whole.at(-1) ?? 0
      const { journal, damages } = await open(folder)
      assert.deepEqual(numbersIn(journal), upTo(whole.length), `cut at ${length}`)
      const cut = {
        file: join(folder, basename(file)),
        offset: end,
        bytes: length - end,
        tail: true,
      }
      assert.deepEqual(damages, length > end ? [cut] : [])
      await put(journal, [whole.length + 1])
      journal.close()
      const again = await open(folder)
      assert.deepEqual(numbersIn(again.journal), upTo(whole.length + 1))
      assert.deepEqual(again.damages, [])
      again.journal.close()
    }
  })

  test("a flipped bit anywhere costs the frame it is in, is told with its extent and never served", async () => {
    const { file, ends } = await oneSegment(6)
    const bits = [1, 128]
    for (let at = 0; at < (ends.at(-1) ?? 0); at++)
      for (const bit of bits) {
        const folder = copyOf(file, (bytes) => {
          bytes[at] = (bytes[at] ?? 0) ^ bit
          return bytes
        })
        const hit = ends.findIndex((end) => at < end)
        const offset = ends[hit - 1] ?? 0
        const { journal, damages } = await open(folder)
        const rest = upTo(6).filter((n) => n !== hit + 1)
        assert.deepEqual(numbersIn(journal), rest, `flipped at ${at}`)
        const extent = { offset, bytes: (ends[hit] ?? 0) - offset, tail: hit === 5 }
        assert.deepEqual(damages, [{ file: join(folder, basename(file)), ...extent }])
        journal.close()
      }
  })

  test("damage in an older segment costs nothing of the others", async () => {
    const folder = newFolder()
    const first = await open(folder, { segmentBytes: 60 })
    await put(first.journal, upTo(6))
    first.journal.close()
    const [oldest = ""] = readdirSync(folder)
    writeFileSync(join(folder, oldest), readFileSync(join(folder, oldest)).subarray(0, -1))
    const { journal, damages } = await open(folder)
    assert.deepEqual(numbersIn(journal).slice(-3), [4, 5, 6])
    assert.deepEqual(
      damages.map(({ tail }) => tail),
      [false],
    )
  })

  test("is looked at without being changed", async () => {
    const { file } = await oneSegment(3)
    const folder = copyOf(file, (bytes) => {
      bytes[6] = (bytes[6] ?? 0) ^ 1
      return bytes.subarray(0, -1)
    })
    const before = readFileSync(join(folder, basename(file)))
    const found = [...inspectJournal(nodeDisk, folder)]
    assert.deepEqual(
      found.map((one) => ("payload" in one ? one.position : one.tail)),
      [false, 2, true],
    )
    assert.deepEqual(readFileSync(join(folder, basename(file))), before)
  })

  test("a frame that another segment left in the disk's blocks is none", async () => {
    const { file } = await oneSegment(3)
    const folder = newFolder()
    copyFileSync(file, join(folder, basename(file).replace("1", "2")))
    const { journal, damages } = await open(folder)
    assert.deepEqual([numbersIn(journal), damages.length], [[], 1])
  })
})

const kinds: readonly DiskCall[] = ["open", "append", "sync", "syncFolder", "truncate", "remove"]

suite("a journal on a disk that fails", () => {
  for (const kind of kinds)
    test(`every ${kind} failing in turn: what was acknowledged is there, what was refused is not served`, async () => {
      let reached = true
      for (let nth = 1; reached; nth++) reached = await failingNth(kind, nth)
    })

  test("is whole again as soon as there is room", async () => {
    let full = false
    const folder = newFolder()
    const disk = new FailingDisk(nodeDisk, ({ kind }) =>
      full && kind === "append" ? "ENOSPC" : undefined,
    )
    const { journal } = await open(folder, { disk })
    await put(journal, [1])
    full = true
    for (const _ of upTo(3)) assert.throws(() => journal.append([payload(2)]), { code: "ENOSPC" })
    full = false
    await put(journal, [2, 3])
    assert.deepEqual(numbersIn(journal), [1, 2, 3])
    assert.equal(readdirSync(folder).length, 1)
  })

  test("what was appended while a sync failed is refused too, what came later is safe", async () => {
    let syncs = 0
    const disk = new FailingDisk(nodeDisk, ({ kind }) => {
      if (kind === "sync") syncs += 1
      return kind === "sync" && syncs === 2 ? "EIO" : undefined
    })
    const folder = newFolder()
    const { journal } = await open(folder, { disk })
    await put(journal, [1])
    journal.append([payload(2)])
    const second = journal.sync()
    journal.append([payload(3)])
    const third = journal.sync()
    const results = await Promise.allSettled([second, third])
    assert.deepEqual(
      results.map(({ status }) => status),
      ["rejected", "rejected"],
    )
    await put(journal, [4])
    assert.deepEqual(numbersIn(journal), [1, 4])
    journal.close()
    assert.deepEqual(numbersIn((await open(folder)).journal), [1, 4])
  })
})

/** Appends with the nth call of a kind failing once; false where it came to no nth call. */
async function failingNth(kind: DiskCall, nth: number): Promise<boolean> {
  let seen = 0
  let isFailed = false
  const disk = new FailingDisk(nodeDisk, (call) => {
    // A truncate is needed only after an append that failed.
    if (kind === "truncate" && call.kind === "append" && call.n % 5 === 0) return "ENOSPC"
    if (call.kind !== kind || ++seen !== nth) return undefined
    isFailed = true
    return "EIO"
  })
  const folder = newFolder()
  const acknowledged: number[] = []
  try {
    const { journal } = await open(folder, { disk, segmentBytes: 150 })
    for (const n of upTo(12)) {
      try {
        journal.append([payload(n)])
        await journal.sync()
        acknowledged.push(n)
        if (n === 8) journal.dropBefore(3)
      } catch {}
    }
    journal.close()
  } catch {
    assert.ok(isFailed)
  }
  const { journal } = await open(folder)
  const found = numbersIn(journal)
  const kept = acknowledged.filter((n) => n > 2)
  assert.deepEqual(
    found.filter((n) => n > 2),
    kept,
    `${kind} ${nth}`,
  )
  if (kind !== "truncate") assert.ok(acknowledged.length >= 11 || !isFailed || kind === "open")
  journal.close()
  return isFailed
}
