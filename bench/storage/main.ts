// How many bytes does a sample take on disk? See README.md.
import { createWriteStream, mkdirSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pipeline } from "node:stream/promises"
import { parseArgs } from "node:util"
import type { ExportTag } from "../../src/exchange/export.ts"
import { exporters } from "../../src/exchange/registry.ts"
import { openChunkHistory } from "../../src/historian/chunks/history.ts"
import { silentLog } from "../../src/kernel/log.ts"
import { BlockWriter, sourceId } from "../../src/model/block.ts"
import { parsePath } from "../../src/model/path.ts"
import { type SetName, setNames, texts } from "../data/sets.ts"
import { kindsOf, spansOf, tagCount } from "./feed.ts"
import { bytesIn, influx, type Peer, victoria } from "./peers.ts"

const { values: given } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    samples: { type: "string", default: "2000000" },
    seed: { type: "string", default: "1" },
    sets: { type: "string", default: setNames.join() },
    peers: { type: "boolean", default: true },
  },
  allowNegative: true,
})
const samples = Math.ceil(Number(given.samples) / tagCount) * tagCount
const options = { samples, seed: Number(given.seed) }
const sets = setNames.filter((name) => given.sets.split(",").includes(name))

function say(line: string): void {
  if (!given.json) console.log(line)
  else console.error(line)
}

function tagsOf(set: SetName): ExportTag[] {
  return kindsOf(set).map((kind, i) => ({
    ...{ id: i + 1, unit: "1", path: parsePath(`plant/line-1/machine-${i % 20}/tag-${i}`) },
    kind: kind === "text" ? "text" : kind === "boolean" ? "boolean" : "number",
  }))
}

/** Writes the set into a history of its own; the folder as it lies there afterwards is what counts. */
async function writeHistory(set: SetName, folder: string): Promise<number> {
  const history = await openChunkHistory({ folder, log: silentLog })
  const source = sourceId({ name: "bench", epoch: "1" })
  const shift = set === "texts" ? 1 : 0
  let sequence = 0
  for (const { rows, tags } of spansOf(set, options)) {
    const writer = new BlockWriter(rows * tagCount)
    for (let row = 0; row < rows; row++)
      for (const [tag, { at, value, quality }] of tags.entries())
        writer.add(tag + 1, at[row] ?? 0, (value[row] ?? 0) + shift, quality[row] ?? 0)
    const block = writer.take({ source, sequence, received: 0 })
    sequence += block.length
    await history.append(block)
  }
  await history.close()
  return bytesIn(join(folder, "history"))
}

/** Moru's own file, of what was just written. */
async function writeParquet(set: SetName, folder: string): Promise<number> {
  const history = await openChunkHistory({ folder, log: silentLog })
  const textOf = (_tag: number, id: number) => texts[id - 1]
  const request = { tags: tagsOf(set), from: 0, to: 8.64e15, timezone: "UTC" }
  const file = join(folder, "samples.parquet")
  const write = await exporters.parquet()
  const { signal } = new AbortController()
  await pipeline(write(request, { history, textOf }, signal), createWriteStream(file))
  if ((await history.count()) !== samples) throw new Error("samples are missing")
  await history.close()
  return bytesIn(folder, "samples.parquet")
}

function rounded(bytes: number): number {
  return Math.round((bytes / samples) * 1000) / 1000
}

const moru: Partial<Record<SetName, number>> = {}
const peers: Record<string, Partial<Record<SetName, number>>> = { "Parquet zstd": {} }
const others = (given.peers ? [influx, victoria] : []).filter((peer: Peer) => {
  if (peer.missing) say(`${peer.name} is left out: ${peer.missing}`)
  else peers[peer.name] = {}
  return !peer.missing
})
const root = mkdtempSync(join(tmpdir(), "moru-bench-storage-"))
try {
  for (const set of sets) {
    const folder = join(root, set)
    mkdirSync(folder)
    moru[set] = rounded(await writeHistory(set, folder))
    const found = peers["Parquet zstd"]
    if (found) found[set] = rounded(await writeParquet(set, folder))
    rmSync(folder, { recursive: true })
    for (const peer of others) {
      const own = peers[peer.name]
      if (own) own[set] = rounded(await peer.bytes(set, options, join(root, peer.name)))
      rmSync(join(root, peer.name), { recursive: true })
    }
    const beside = Object.entries(peers).map(([name, of]) => `${name} ${of[set]}`)
    say(`${set.padEnd(9)}Moru ${moru[set]}, ${beside.join(", ")} bytes a sample`)
  }
} finally {
  rmSync(root, { recursive: true, force: true })
}
const { mixed, floats, decimals } = moru
if (mixed !== undefined) say(`goal 1.3 bytes on the mixed set: ${mixed <= 1.3 ? "met" : "missed"}`)
if (floats !== undefined && decimals !== undefined)
  say(`floats beside their decimals: ${((floats / decimals - 1) * 100).toFixed(1)} % (goal 15 %)`)
const worst = Math.max(...Object.values(moru))
say(`most bytes of a set: ${worst} (goal 9)`)
if (given.json) console.log(JSON.stringify({ bytesPerSample: mixed, samples, sets: moru, peers }))
