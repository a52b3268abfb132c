// How fast does the SQLite history take and give samples, and how long does it hold up the process? See README.md.
import { mkdtempSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { monitorEventLoopDelay } from "node:perf_hooks"
import { DatabaseSync } from "node:sqlite"
import { parseArgs } from "node:util"
import { openHistory, type SqliteHistory } from "../../src/historian/sqlite/history.ts"
import { silentLog } from "../../src/kernel/log.ts"
import { type Block, sourceId } from "../../src/model/block.ts"

const { values: given } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    rows: { type: "string", default: "1000000" },
  },
})
const rows = Number(given.rows)
const results: Record<string, number> = {}
const tags = 50
const { signal } = new AbortController()
const folder = mkdtempSync(join(tmpdir(), "moru-bench-"))
const start = 1.7e12
const perTag = rows / tags

/** Every tag once a second, as a device that is polled gives them. */
function block(length: number, sequence: number): Block {
  const column = <T>(make: (i: number) => T) => ({ length, map: make })
  const row = column((i: number) => sequence + i)
  return {
    source: sourceId({ name: "dc-1", epoch: "a" }),
    sequence,
    received: 0,
    length,
    tag: Uint32Array.from(row, (_, i) => ((sequence + i) % tags) + 1),
    at: Float64Array.from(row, (_, i) => start + Math.floor((sequence + i) / tags) * 1000),
    value: Float64Array.from(row, (_, i) => Math.sin((sequence + i) / 1000) * 100),
    quality: new Uint8Array(length),
  }
}

async function measure(name: string, count: number, work: () => Promise<unknown>): Promise<void> {
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  const from = performance.now()
  const cpu = process.cpuUsage()
  await work()
  const ms = performance.now() - from
  const { user, system } = process.cpuUsage(cpu)
  delay.disable()
  const held = `loop held up p99 ${(delay.percentile(99) / 1e6).toFixed(1)} ms, max ${(delay.max / 1e6).toFixed(1)} ms`
  const rate = (seconds: number) => `${Math.round(count / seconds / 1000)} k`
  results[name] = Math.round(count / (ms / 1000))
  say(`${name}: ${rate(ms / 1000)} rows/s, ${rate((user + system) / 1e6)} rows/CPU-s, ${held}`)
}

/** Appends with so many in flight, as so many devices would. */
async function append(history: SqliteHistory, size: number, inFlight: number): Promise<void> {
  let next = 0
  const one = async () => {
    while (next < rows) {
      const from = next
      next += size
      await history.append(block(size, from))
    }
  }
  await Promise.all(Array.from({ length: inFlight }, one))
}

/** The limit: SQLite itself in one transaction a block, with the same rows and nothing around it. */
async function plain(size: number): Promise<void> {
  const database = new DatabaseSync(join(mkdtempSync(join(folder, "p-")), "plain.db"))
  database.exec(
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE sample (tag, at, source, number, value, quality, PRIMARY KEY (tag, at, source, number)) WITHOUT ROWID",
  )
  const insert = database.prepare("INSERT INTO sample VALUES (?, ?, 1, ?, ?, ?)")
  for (let from = 0; from < rows; from += size) {
    const { tag, at, value, quality, length, sequence } = block(size, from)
    database.exec("BEGIN")
    for (let i = 0; i < length; i++)
      insert.run(tag[i] ?? 0, at[i] ?? 0, sequence + i, value[i] ?? 0, quality[i] ?? 0)
    database.exec("COMMIT")
  }
  database.close()
}

function say(line: string): void {
  if (!given.json) console.log(line)
}

async function drain(blocks: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of blocks);
}

try {
  await measure("limit: plain SQLite, blocks of 1000", rows, () => plain(1000))
  for (const [size, inFlight] of [
    [10_000, 2],
    [1000, 8],
    [100, 50],
  ] as const) {
    const history = await openHistory({ folder: mkdtempSync(join(folder, "h-")), log: silentLog })
    await measure(`append, ${inFlight} blocks of ${size} at once`, rows, () =>
      append(history, size, inFlight),
    )
    await history.close()
  }
  const history = await openHistory({ folder, log: silentLog })
  await append(history, 1000, 8)
  const all = {
    tags: Array.from({ length: tags }, (_, i) => i + 1),
    from: start,
    to: start + perTag * 1000,
  }
  await measure("read, all tags", rows, () => drain(history.read(all, signal)))
  await measure("aggregate, all tags, 1000 buckets", rows, () =>
    drain(history.aggregate(all, 1000, signal)),
  )
  await measure("align, 10 s steps", rows, () =>
    drain(history.align(all, 10_000, { holdMs: 1e4 }, signal)),
  )
  await measure("late rows (second half again, shuffled blocks)", rows / 2, async () => {
    for (let i = rows / 2; i < rows; i += 1000)
      await history.append(block(1000, ((i * 7919) % rows) - (((i * 7919) % rows) % 1000)))
  })
  await history.close()
  const bytes = statSync(join(folder, "history.db")).size
  say(`file: ${(bytes / rows).toFixed(1)} bytes a sample`)
  const bytesPerSample = Math.round((bytes / rows) * 10) / 10
  if (given.json) console.log(JSON.stringify({ rowsPerSecond: results, bytesPerSample }))
} finally {
  rmSync(folder, { recursive: true, force: true })
}
