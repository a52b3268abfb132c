// A running plant whose data folder is full: samples are refused, people are told, and it goes on by itself without a hole in the machine's count.
import assert from "node:assert/strict"
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, before, suite, test } from "node:test"
import type { CycleView, LedgerView, StorageView } from "../src/serve/api.ts"
import { equipment } from "./support/closed-loop.ts"
import { type Example, startExample } from "./support/example.ts"
import { until } from "./support/until.ts"

suite("a plant at its storage budget", () => {
  const root = mkdtempSync(join(tmpdir(), "moru-full-"))
  const data = join(root, "data")
  const folder = join(root, "plant")
  let plant: Example

  before(async () => {
    cpSync("examples/one-machine", folder, { recursive: true })
    const file = join(folder, "plant.yaml")
    const text = readFileSync(file, "utf8")
    writeFileSync(file, text.replace(/^equipment:/m, "storage: { budget: 50 MB }\n\nequipment:"))
    plant = await startExample({ plant: folder, data, speed: 60 })
  })

  after(async () => {
    await plant?.stop()
    rmSync(root, { recursive: true, force: true })
  })

  const get = async <T>(path: string) =>
    (await (await fetch(`${plant.url}/api/v1/${path}`)).json()) as T
  const shots = async () => {
    const cycles = await get<CycleView[]>(`cycles?equipment=${equipment}&limit=1000&from=0`)
    return cycles.map(({ sequence }) => sequence).sort((a, b) => a - b)
  }
  const storage = () => get<StorageView>("storage")
  const health = async () => {
    const { parts } = await get<{ parts: { name: string; state: string; hint?: string }[] }>(
      "health",
    )
    return parts.find(({ name }) => name === "storage")
  }

  test("refuses, says so, and recovers with every shot", async () => {
    const first = await until(
      "shots are there",
      async () => {
        const seen = await shots()
        return seen.length > 5 ? seen : undefined
      },
      60_000,
    )
    const filler = join(data, "filler")
    writeFileSync(filler, new Uint8Array(52_000_000).fill(7))
    await until("it is full", async () => (await storage()).state === "full", 60_000)
    const degraded = await health()
    assert.equal(degraded?.state, "degraded")
    assert.match(degraded?.hint ?? "", /storage\.budget/)
    const held = (await shots()).length
    const clock = async () => (await get<{ now: number }>("plant")).now
    const since = await clock()
    // Longer than a shot takes.
    await until("shots were made meanwhile", async () => (await clock()) > since + 300_000, 60_000)
    assert.equal((await shots()).length, held, "none was taken")
    const metrics = await (await fetch(`${plant.url}/metrics`)).text()
    assert.match(metrics, /moru_storage_full 1\n/)
    assert.match(metrics, /moru_storage_refused_total [1-9]/)
    rmSync(filler)
    await until("it takes samples again", async () => (await shots()).length > held + 5, 120_000)
    assert.notEqual((await storage()).state, "full")
    const all = await shots()
    assert.deepEqual(
      all,
      Array.from({ length: all.length }, (_, i) => (first[0] ?? 0) + i),
      "the machine's count has no hole",
    )
    const kinds = (await get<LedgerView[]>("ledger?limit=500")).map(({ kind }) => kind)
    assert.deepEqual(kinds.filter((kind) => kind.startsWith("storage.")).toReversed(), [
      "storage.full",
      "storage.recovered",
    ])
  })
})
