// How fast does the history take samples, what does that cost, and how long does it hold up the process? See README.md.
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { monitorEventLoopDelay } from "node:perf_hooks"
import { DatabaseSync } from "node:sqlite"
import { parseArgs } from "node:util"
import { type ChunkHistory, openChunkHistory } from "../../src/historian/chunks/history.ts"
import { silentLog } from "../../src/kernel/log.ts"
import { type Block, sourceId } from "../../src/model/block.ts"
import { makeSet } from "../data/sets.ts"

const { values: given } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    rows: { type: "string", default: "10000000" },
    tags: { type: "string", default: "1000" },
  },
})
const rows = Number(given.rows)
const tags = Number(given.tags)
const folder = mkdtempSync(join(tmpdir(), "moru-bench-"))
const start = Date.UTC(2026, 0, 1)
const source = sourceId({ name: "dc-1", epoch: "a" })

/** Each tag's values come round after so many samples, so that making them is not what is measured. */
const round = 256
const pool = makeSet("mixed", { tags, start: 0 }).map((series) => {
  const columns = {
    at: new Float64Array(round),
    value: new Float64Array(round),
    quality: new Uint8Array(round),
  }
  series.fill(columns, 0, round)
  return columns
})

/** Every tag once a second, one tag after the other, as a device that is polled gives them. */
function block(length: number, sequence: number): Block {
  const made = {
    ...{ source, sequence, received: 0, length },
    tag: new Uint32Array(length),
    at: new Float64Array(length),
    value: new Float64Array(length),
    quality: new Uint8Array(length),
  }
  for (let i = 0; i < length; i++) {
    const tag = (sequence + i) % tags
    const sample = Math.floor((sequence + i) / tags)
    const place = sample % round
    const { at, value, quality } = pool[tag] as (typeof pool)[number]
    made.tag[i] = tag + 1
    made.at[i] = start + (sample - place) * 1000 + (at[place] ?? 0)
    made.value[i] = value[place] ?? 0
    made.quality[i] = quality[place] ?? 0
  }
  return made
}

interface Figures {
  readonly rowsPerSecond: number
  /** Nanoseconds of processor time a row: of the thread that appends, and of all. */
  readonly mainNs: number
  readonly allNs: number
  readonly loopP99Ms: number
  readonly ackP99Ms: number
  readonly rssMb: number
}

const results: Record<string, Figures> = {}

async function measure(
  name: string,
  count: number,
  work: (note: (ms: number) => void) => Promise<void>,
): Promise<void> {
  const delay = monitorEventLoopDelay({ resolution: 1 })
  const waits: number[] = []
  let rss = 0
  const note = (ms: number) => {
    waits.push(ms)
    if (waits.length % 100 === 1) rss = Math.max(rss, process.memoryUsage.rss())
  }
  delay.enable()
  const from = performance.now()
  const [cpu, thread] = [process.cpuUsage(), process.threadCpuUsage()]
  await work(note)
  const ms = performance.now() - from
  const [all, main] = [process.cpuUsage(cpu), process.threadCpuUsage(thread)]
  delay.disable()
  waits.sort((a, b) => a - b)
  const nsOf = ({ user, system }: NodeJS.CpuUsage) => Math.round(((user + system) * 1000) / count)
  const figures: Figures = {
    rowsPerSecond: Math.round((count / ms) * 1000),
    ...{ mainNs: nsOf(main), allNs: nsOf(all) },
    loopP99Ms: tenths(delay.percentile(99) / 1e6),
    ackP99Ms: tenths(waits[Math.floor(waits.length * 0.99)] ?? 0),
    rssMb: Math.round(Math.max(rss, process.memoryUsage.rss()) / 1e6),
  }
  results[name] = figures
  const { rowsPerSecond, mainNs, allNs, loopP99Ms, ackP99Ms, rssMb } = figures
  say(
    `${name}: ${Math.round(rowsPerSecond / 1000)} k rows/s; a row takes ${mainNs} ns of the main thread, ${allNs} ns of all; ` +
      `loop held up p99 ${loopP99Ms} ms, acknowledged p99 ${ackP99Ms} ms, RSS ${rssMb} MB`,
  )
}

const tenths = (n: number) => Math.round(n * 10) / 10

/** Appends with so many in flight, as so many devices would. */
async function append(
  history: ChunkHistory,
  shape: { size: number; inFlight: number },
  note: (ms: number) => void,
): Promise<void> {
  let next = 0
  const one = async () => {
    while (next < rows) {
      const from = next
      next += shape.size
      const rowsOfBlock = block(shape.size, from)
      const since = performance.now()
      await history.append(rowsOfBlock)
      note(performance.now() - since)
    }
  }
  await Promise.all(Array.from({ length: shape.inFlight }, one))
}

/** What there was to beat: SQLite itself with the same rows, a transaction a block, and nothing around it. */
async function plain(count: number, note: (ms: number) => void): Promise<void> {
  const database = new DatabaseSync(join(mkdtempSync(join(folder, "p-")), "plain.db"))
  database.exec(
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE sample (tag, at, source, number, value, quality, PRIMARY KEY (tag, at, source, number)) WITHOUT ROWID",
  )
  const insert = database.prepare("INSERT INTO sample VALUES (?, ?, 1, ?, ?, ?)")
  for (let from = 0; from < count; from += 1000) {
    const { tag, at, value, quality, length, sequence } = block(1000, from)
    const since = performance.now()
    database.exec("BEGIN")
    for (let i = 0; i < length; i++)
      insert.run(tag[i] ?? 0, at[i] ?? 0, sequence + i, value[i] ?? 0, quality[i] ?? 0)
    database.exec("COMMIT")
    note(performance.now() - since)
    await new Promise((resolve) => setImmediate(resolve))
  }
  database.close()
}

function say(line: string): void {
  if (!given.json) console.log(line)
}

function bytesIn(data: string): number {
  return readdirSync(data, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((bytes, entry) => bytes + statSync(join(entry.parentPath, entry.name)).size, 0)
}

try {
  const plainRows = Math.min(rows, 500_000)
  await measure("plain SQLite, transactions of 1000", plainRows, (note) => plain(plainRows, note))
  let bytesPerSample = 0
  for (const [size, inFlight] of [
    [10_000, 8],
    [1000, 64],
    [50, 400],
  ] as const) {
    const data = mkdtempSync(join(folder, "h-"))
    const history = await openChunkHistory({ folder: data, log: silentLog })
    await measure(`append, ${inFlight} blocks of ${size} at once`, rows, (note) =>
      append(history, { size, inFlight }, note),
    )
    await history.close()
    bytesPerSample = tenths(bytesIn(data) / rows)
    say(`on the disk: ${bytesPerSample} bytes a sample`)
  }
  if (given.json) console.log(JSON.stringify({ results, bytesPerSample }))
} finally {
  rmSync(folder, { recursive: true, force: true })
}
