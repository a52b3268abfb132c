// Does a plant's memory stay where it is? A simulated day at rated load through the whole loop. See README.md.
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { monitorEventLoopDelay } from "node:perf_hooks"
import { parseArgs } from "node:util"
import { stringify } from "yaml"
import { SystemClock } from "../../src/kernel/clock/system.ts"
import { loadPlant } from "../../src/kernel/config/load.ts"
import { nodeFiles } from "../../src/kernel/files/node.ts"
import { silentLog } from "../../src/kernel/log.ts"
import { seededRandom } from "../../src/kernel/random.ts"
import { type SourceId, sourceId } from "../../src/model/block.ts"
import { parsePath } from "../../src/model/path.ts"
import { loadKinds, typeFolder } from "../../src/moru/kinds.ts"
import { openLoop } from "../../src/moru/loop.ts"
import { tagAt } from "../../src/namespace/namespace.ts"
import { openStore } from "../../src/store/sqlite/store.ts"
import { makeSet, type Series } from "../data/sets.ts"

const { values: given } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    seconds: { type: "string", default: "900" },
    speed: { type: "string", default: "96" },
    tags: { type: "string", default: "10000" },
  },
})
const [seconds, speed, tags] = [given.seconds, given.speed, given.tags].map(Number) as [
  number,
  number,
  number,
]
const units = 10
const tagsOfUnit = tags / units
/** Blocks not yet durable beyond which devices wait, as their queues do. */
const mostUnderWay = 100
const start = Date.UTC(2026, 0, 1)
const folder = mkdtempSync(join(tmpdir(), "moru-soak-"))

/** Ten units of so many tags; one of ten tags has a limit with an alarm. */
async function readPlant() {
  const named = <T>(count: number, make: (i: number) => T) =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`n${i}`, make(i)]))
  const tag = (i: number) => ({
    ...{ name: { en: `n${i}` }, unit: "1" },
    ...(i % 10 === 0 && { limits: [{ side: "high", at: 1e9, priority: 3 }] }),
  })
  const unit = { level: "unit", name: { en: "Unit" }, tags: named(tagsOfUnit, tag) }
  const line = { level: "line", name: { en: "Line" }, contains: named(units, () => unit) }
  const plant = {
    ...{ moru: "plant", name: { en: "Soak" }, timezone: "UTC" },
    equipment: { soak: { level: "site", name: { en: "Soak" }, contains: { line } } },
  }
  const plantFolder = join(folder, "plant")
  mkdirSync(plantFolder)
  writeFileSync(join(plantFolder, "plant.yaml"), stringify(plant))
  const read = await loadPlant({
    ...{ folder: plantFolder, typeFolder, files: nodeFiles, env: {}, kinds: await loadKinds() },
  })
  if (!read.plant) throw read.problems[0]
  return { plant: read.plant, plantFolder }
}

/** One device: a row of each of its tags a second of plant time. */
class Feed {
  readonly #source: SourceId
  readonly #ids: Uint32Array
  readonly #series: readonly Series[]
  readonly #cell = {
    at: new Float64Array(1),
    value: new Float64Array(1),
    quality: new Uint8Array(1),
  }
  #sequence = 0

  constructor(name: string, ids: Uint32Array, series: readonly Series[]) {
    this.#source = sourceId({ name: `${name}/live`, epoch: "a" })
    this.#ids = ids
    this.#series = series
  }

  next(received: number) {
    const length = this.#ids.length
    const [at, value, quality] = [
      new Float64Array(length),
      new Float64Array(length),
      new Uint8Array(length),
    ]
    for (let i = 0; i < length; i++) {
      this.#series[i]?.fill(this.#cell, 0, 1)
      at[i] = this.#cell.at[0] ?? 0
      value[i] = this.#cell.value[0] ?? 0
      quality[i] = this.#cell.quality[0] ?? 0
    }
    const sequence = this.#sequence
    this.#sequence += length
    return { source: this.#source, sequence, received, length, tag: this.#ids, at, value, quality }
  }
}

function bytesIn(path: string): number {
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0)
}

/** MB a minute by least squares. */
function slopeOf(points: readonly { minute: number; mb: number }[]): number {
  const mean = (of: (p: { minute: number; mb: number }) => number) =>
    points.reduce((sum, p) => sum + of(p), 0) / points.length
  const [x, y] = [mean((p) => p.minute), mean((p) => p.mb)]
  const top = points.reduce((sum, p) => sum + (p.minute - x) * (p.mb - y), 0)
  return top / points.reduce((sum, p) => sum + (p.minute - x) ** 2, 0)
}

const data = join(folder, "data")
const clock = new SystemClock({ speed, plantOrigin: start })
const store = await openStore({
  ...{ folder: data, node: "soak", clock, files: nodeFiles, log: silentLog },
})
const stop = new AbortController()
try {
  const { plant, plantFolder } = await readPlant()
  const random = seededRandom(1)
  const loop = await openLoop(
    {
      ...{ plant, plantFolder, folder: data, store, clock, random, files: nodeFiles },
      log: silentLog,
    },
    stop.signal,
  )
  const series = makeSet("mixed", { tags, start })
  const feeds = Array.from({ length: units }, (_, u) => {
    const ids = Uint32Array.from({ length: tagsOfUnit }, (_, i) => {
      const found = tagAt(loop.namespace, parsePath(`soak/line/n${u}/n${i}`))
      if (!found) throw new Error("a tag is missing")
      return found.id
    })
    return new Feed(`n${u}`, ids, series.slice(u * tagsOfUnit, (u + 1) * tagsOfUnit))
  })
  const delay = monitorEventLoopDelay({ resolution: 5 })
  delay.enable()
  const from = performance.now()
  const cpu = process.cpuUsage()
  const points: { minute: number; mb: number }[] = []
  const underWay = new Set<Promise<void>>()
  let [samples, behindMs, questions] = [0, 0, 0]
  for (let second = 0; second < seconds * speed; second++) {
    const due = from + (second * 1000) / speed
    behindMs = Math.max(behindMs, performance.now() - due)
    await clock.sleep((due - performance.now()) * speed)
    for (const feed of feeds) {
      const delivered = loop.deliver({ block: feed.next(clock.now()) })
      underWay.add(delivered)
      void delivered.then(() => underWay.delete(delivered))
    }
    while (underWay.size > mostUnderWay) await Promise.race(underWay)
    samples += tags
    const minute = (performance.now() - from) / 60_000
    if (minute >= (points.length + 1) / 12) {
      points.push({ minute, mb: process.memoryUsage.rss() / 1e6 })
      const asked = { tags: [1 + (questions++ % tags)], from: start, to: clock.now() }
      await Array.fromAsync(loop.history.aggregate(asked, 500, stop.signal))
    }
  }
  await Promise.all(underWay)
  delay.disable()
  const { user, system } = process.cpuUsage(cpu)
  const wallMs = performance.now() - from
  const kept = await loop.history.count()
  await loop.stop()
  const after = points.filter(({ minute }) => minute > wallMs / 60_000 / 3)
  const round = (n: number, digits = 1) => Math.round(n * 10 ** digits) / 10 ** digits
  const result = {
    rssSlopeMbPerMin: round(slopeOf(after), 2),
    rssMb: round(points.at(-1)?.mb ?? 0),
    simulatedHours: round((seconds * speed) / 3600),
    samples,
    lost: samples - kept,
    cpuShare: round((user + system) / 1000 / wallMs, 2),
    loopP99Ms: round(delay.percentile(99) / 1e6),
    behindMs: round(behindMs, 0),
    bytesPerSample: round(bytesIn(join(data, "history")) / samples, 2),
  }
  if (given.json) console.log(JSON.stringify(result))
  else {
    console.log(
      `${samples} samples of ${result.simulatedHours} h in ${round(wallMs / 1000)} s, ${result.lost} lost, ${result.bytesPerSample} bytes a sample`,
    )
    console.log(
      `memory ${result.rssMb} MB, ${result.rssSlopeMbPerMin} MB/min after the first third (goal < 1)`,
    )
    console.log(
      `${result.cpuShare} of a core, event loop p99 ${result.loopP99Ms} ms, at most ${result.behindMs} ms behind`,
    )
  }
} finally {
  stop.abort()
  await store.close()
  rmSync(folder, { recursive: true, force: true })
}
