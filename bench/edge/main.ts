// How fast does an edge catch up after a cut line, and do live values stay live meanwhile? See README.md.
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as pause } from "node:timers/promises"
import { parseArgs } from "node:util"
import { HttpLine } from "../../src/connect/edge/line.ts"
import { openEdgeLog } from "../../src/connect/edge/log.ts"
import { Sender } from "../../src/connect/edge/sender.ts"
import { SystemClock } from "../../src/kernel/clock/system.ts"
import { nodeDisk } from "../../src/kernel/disk/node.ts"
import { silentLog } from "../../src/kernel/log.ts"
import { Metrics } from "../../src/kernel/metrics.ts"
import { SystemNetwork } from "../../src/kernel/network/system.ts"
import { seededRandom } from "../../src/kernel/random.ts"
import { type Block, sourceId } from "../../src/model/block.ts"
import type { Path } from "../../src/model/path.ts"
import { administratorOf } from "../../src/serve/testing/browser.ts"
import { startExample } from "../../test/support/example.ts"
import { MemoryRegistry } from "../../test/support/memory-store.ts"
import { makeSet, type SampleColumns, type Series } from "../data/sets.ts"

const { values: given } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    tags: { type: "string", default: "10000" },
    seconds: { type: "string", default: "600" },
    seed: { type: "string", default: "1" },
  },
})
const [tags, seconds, seed] = [given.tags, given.seconds, given.seed].map(Number) as [
  number,
  number,
  number,
]
/** Each a device of its own, which hands over a block a second. */
const tagsOfUnit = 200
const units = Math.ceil(tags / tagsOfUnit)
const pathOf = (tag: number) => `site/u${Math.floor(tag / tagsOfUnit)}/t${tag % tagsOfUnit}` as Path

async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "moru-bench-edge-"))
  try {
    const result = await measure(folder)
    for (const line of linesOf(result)) console.log(line)
    if (given.json) console.log(JSON.stringify(result))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function measure(folder: string) {
  await writePlant(join(folder, "plant"))
  const centre = await startExample({ plant: join(folder, "plant"), data: join(folder, "data") })
  const clock = new SystemClock()
  const registry = new MemoryRegistry()
  for (let tag = 0; tag < tags; tag++) registry.tagId(pathOf(tag), "number")
  const administrator = await administratorOf({ url: centre.url, lines: [centre.output()] })
  const { key } = (await administrator.post<{ key: string }>("/api/v1/edges/hall/key", {})).body
  const log = await openEdgeLog({
    ...{ disk: nodeDisk, folder: join(folder, "edge-log"), budgetBytes: 20e9 },
    ...{ parcelRows: 1_200_000, registry, log: silentLog, newEpoch: () => "bench" },
  })
  const feed = new Feed()
  const line = () => new HttpLine({ to: new URL(centre.url), key, network: new SystemNetwork() })
  const newSender = () =>
    new Sender({
      ...{ edge: "hall", log, registry, clock, logbook: silentLog, metrics: new Metrics() },
      ...{ line: line(), unitOf: () => "1", random: seededRandom(seed) },
      status: () => ({ ...log.state, devices: [] }),
    })
  /** A second of live values after the other, until `isOver`; how long each took to be seen at the centre. */
  const live = async (isOver: (second: number) => boolean) => {
    const delays: number[] = []
    for (let second = 0; !isOver(second); second++) {
      const began = clock.monotonic()
      const { blocks, newest } = feed.second()
      await Promise.all(blocks.map((block) => log.append({ block, cycles: [], gaps: [] })))
      for (;;) {
        const path = `/api/v1/values?pattern=${pathOf(0)}`
        const [value] = (await administrator.get<readonly { at: number }[]>(path)).body
        if (value && value.at >= newest) break
        await pause(5)
      }
      const tookMs = clock.monotonic() - began
      delays.push(tookMs)
      if (!isOver(second + 1)) await pause(Math.max(0, 1000 - tookMs))
    }
    return delays.sort((a, b) => a - b)
  }
  const first = newSender()
  await first.start()
  const quiet = await live((second) => second >= 20)
  await first.stop()
  const before = process.cpuUsage()
  for (let second = 0; second < seconds; second++)
    await Promise.all(
      feed.second().blocks.map((block) => log.append({ block, cycles: [], gaps: [] })),
    )
  await log.seal()
  const { user, system } = process.cpuUsage(before)
  const bytes = log.state.bytes
  const second = newSender()
  const began = clock.monotonic()
  let endedAt = 0
  const watch = async () => {
    while (log.hasLate) await pause(20)
    endedAt = clock.monotonic()
  }
  await second.start()
  const watched = watch()
  const busy = await live(() => endedAt > 0)
  await watched
  await second.stop()
  await log.close()
  // What it computes again of the late data is no part of the question.
  centre.child.kill("SIGKILL")
  await centre.stop()
  const samples = seconds * tags
  const perSecond = samples / ((endedAt - began) / 1000)
  return {
    samples,
    bytesPerSample: round(bytes / samples, 2),
    daysIn20Gb: round(20e9 / ((bytes / samples) * tags * 86_400), 1),
    logSamplesPerCpuSecond: Math.round(samples / ((user + system) / 1e6)),
    catchUpSamplesPerSecond: Math.round(perSecond),
    timesRated: round(perSecond / tags, 1),
    liveP50Ms: Math.round(share(busy, 0.5)),
    liveMostMs: Math.round(share(busy, 1)),
    quietP50Ms: Math.round(share(quiet, 0.5)),
    quietMostMs: Math.round(share(quiet, 1)),
  }
}

/** The generator's mixed set, a second at a time, a block for each unit. */
class Feed {
  readonly #series: readonly Series[] = makeSet("mixed", {
    ...{ seed, tags, start: Date.now() - (seconds + 60) * 1000 },
  })
  readonly #columns: SampleColumns = {
    at: new Float64Array(tags),
    value: new Float64Array(tags),
    quality: new Uint8Array(tags),
  }
  #second = 0

  second(): { blocks: readonly Block[]; newest: number } {
    for (const [tag, series] of this.#series.entries()) series.fill(this.#columns, tag, tag + 1)
    const blocks = Array.from({ length: units }, (_, unit) => this.#block(unit))
    this.#second++
    return { blocks, newest: this.#columns.at[0] ?? 0 }
  }

  #block(unit: number): Block {
    const from = unit * tagsOfUnit
    const to = Math.min(tags, from + tagsOfUnit)
    return {
      source: sourceId({ name: `d${unit}/live`, epoch: "bench" }),
      ...{ sequence: this.#second * (to - from), received: Date.now(), length: to - from },
      tag: Uint32Array.from({ length: to - from }, (_, i) => from + i + 1),
      at: this.#columns.at.slice(from, to),
      value: this.#columns.value.slice(from, to),
      quality: this.#columns.quality.slice(from, to),
    }
  }
}

async function writePlant(folder: string): Promise<void> {
  const unitsYaml = Array.from({ length: units }, (_, unit) => {
    const lines = Array.from(
      { length: Math.min(tagsOfUnit, tags - unit * tagsOfUnit) },
      (_, i) => `          t${i}: { name: T, unit: "1", address: { manual: a } }`,
    )
    const head = `      u${unit}:\n        level: unit\n        name: U\n        device: d${unit}\n`
    return `${head}        tags:\n${lines.join("\n")}`
  })
  const devices = Array.from(
    { length: units },
    (_, unit) => `  d${unit}: { connector: manual, edge: hall }`,
  )
  await mkdir(folder, { recursive: true })
  await writeFile(
    join(folder, "plant.yaml"),
    [
      ...["moru: plant", "name: Bench", "timezone: UTC", "edges:"],
      ...[`  hall: { to: "http://127.0.0.1:1" }`, "devices:", ...devices],
      ...["equipment:", "  site:", "    level: site", "    name: Site", "    contains:"],
      ...unitsYaml,
    ].join("\n"),
  )
}

function linesOf(result: Awaited<ReturnType<typeof measure>>): readonly string[] {
  const million = (samples: number) => `${(samples / 1e6).toFixed(2)} M samples`
  return [
    `log: ${result.bytesPerSample} bytes a sample, so 20 GB last ${result.daysIn20Gb} days of ${tags} tags at 1 s`,
    `log: ${million(result.logSamplesPerCpuSecond)} a CPU second, each entry fsynced`,
    `catch-up: ${million(result.samples)} at ${million(result.catchUpSamplesPerSecond)}/s, ${result.timesRated} times the rated load`,
    `live values meanwhile: ${result.liveP50Ms} ms (middle), ${result.liveMostMs} ms (most); before: ${result.quietP50Ms} and ${result.quietMostMs} ms`,
  ]
}

function share(sorted: readonly number[], part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? Number.NaN
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits))
}

await main()
