import assert from "node:assert/strict"
import { appendFile, mkdtemp, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, suite, test } from "node:test"
import { nodeFiles } from "../../kernel/files/node.ts"
import type { MachineMemory } from "./die-casting/die-casting.ts"
import { type KeptRecord, RingStore } from "./ring-store.ts"

const memory = (shots: number): MachineMemory => ({
  at: shots * 1000,
  shots,
  flowSet: 40,
  hold: false,
  zoneCel: [190, 150, 220, 200, 480],
})
const shot = (number: number): KeptRecord => ({
  number,
  at: number * 1000,
  values: { Upper1: 190 },
})

suite("what a machine keeps without power", () => {
  let folder: string

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "moru-store-"))
  })

  afterEach(() => rm(folder, { recursive: true }))

  async function open({ keep = true, capacity = 5, at = 0 } = {}) {
    const store = new RingStore<MachineMemory>({
      ...{ files: nodeFiles, folder, name: "shots", capacity },
      unnumbered: (memory) => ({ ...memory, shots: 0 }),
    })
    const { epoch } = await store.open({ at, keep })
    return { store, epoch, numbers: () => store.records.map(({ number }) => number) }
  }

  test("a new machine remembers nothing", async () => {
    const { store } = await open()
    assert.equal(store.memory, undefined)
    assert.deepEqual(store.records, [])
  })

  test("its last shots and its state are there again, in the same epoch", async () => {
    const first = await open()
    for (let n = 1; n <= 7; n++) await first.store.keep([shot(n)], memory(n))
    await first.store.keep([], { ...memory(7), flowSet: 50 })
    const again = await open({ at: 99 })
    assert.equal(again.epoch, first.epoch)
    assert.deepEqual(again.numbers(), [3, 4, 5, 6, 7])
    assert.equal(again.store.memory?.flowSet, 50)
  })

  test("a line torn by the power cut is left out", async () => {
    const first = await open()
    await first.store.keep([shot(1)], memory(1))
    await appendFile(join(folder, "shots.jsonl"), '{"record":{"number":2,"at"')
    const again = await open()
    assert.deepEqual(again.numbers(), [1])
    await again.store.keep([shot(2)], memory(2))
    assert.deepEqual((await open()).numbers(), [1, 2])
  })

  test("its file stays small however long it runs", async () => {
    const { store } = await open()
    for (let n = 1; n <= 300; n++) await store.keep([shot(n)], memory(n))
    const lines = (await readFile(join(folder, "shots.jsonl"), "utf8")).split("\n").length
    assert.ok(lines < 130, `${lines}`)
    assert.deepEqual((await open()).numbers(), [296, 297, 298, 299, 300])
  })

  test("without a battery each start is a new epoch, counted from nothing, with a die that is still warm", async () => {
    const first = await open({ keep: false })
    await first.store.keep([shot(1)], memory(1))
    const again = await open({ keep: false })
    assert.notEqual(again.epoch, first.epoch)
    assert.deepEqual(again.numbers(), [])
    assert.equal(again.store.memory?.shots, 0)
    assert.equal(again.store.memory?.zoneCel[0], 190)
  })
})
