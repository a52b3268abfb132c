// How long does a question to the history take? See README.md.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { openChunkHistory } from "../../src/historian/chunks/history.ts"
import type { History } from "../../src/historian/historian.ts"
import { silentLog } from "../../src/kernel/log.ts"
import { seededRandom } from "../../src/kernel/random.ts"
import { type Filled, fill } from "./fill.ts"
import { ingestMeanwhile } from "./ingest.ts"

const { values: given } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    samples: { type: "string", default: "1e8" },
    seed: { type: "string", default: "1" },
    seconds: { type: "string", default: "10" },
  },
})
const samples = Number(given.samples)
const dayMs = 86_400_000
const { signal } = new AbortController()
const random = seededRandom(Number(given.seed)).fork("questions")
const folder = mkdtempSync(join(tmpdir(), "moru-bench-"))

/** Each of a tag or of tags taken by chance. */
type Question = (history: History, data: Filled) => Promise<void>

const questions: Readonly<Record<string, { readonly ask: Question; readonly times: number }>> = {
  oneTagDay: {
    times: 300,
    ask: async (history, { tags, start, days }) => {
      const from = start + Math.floor(random.next() * days) * dayMs
      await drain(history.read({ tags: [any(tags)], from, to: from + dayMs }, signal))
    },
  },
  thirtyDays: {
    times: 100,
    ask: async (history, { tags, start, days }) => {
      const range = { tags: [any(tags)], from: start, to: start + days * dayMs }
      await drain(history.aggregate(range, 1000, signal))
    },
  },
  twentyTags: {
    times: 50,
    ask: async (history, { tags, start, days }) => {
      const from = start + random.next() * Math.max(0, days - 7) * dayMs
      const range = { tags: some(tags, 20), from, to: from + 7 * dayMs }
      await drain(history.align(range, 60_000, { holdMs: 600_000 }, signal))
    },
  },
  last: {
    times: 300,
    ask: async (history, { tags }) => {
      const wanted = Array.from({ length: Math.min(1000, tags) }, (_, i) => i + 1)
      const found = await history.latest(wanted)
      if (found.some((sample) => sample === undefined)) throw new Error("a tag has no last value")
    },
  },
}

function any(tags: number): number {
  return 1 + Math.floor(random.next() * tags)
}

function some(tags: number, count: number): number[] {
  const first = any(tags)
  return Array.from({ length: count }, (_, i) => 1 + ((first + i * 37) % tags))
}

async function drain(results: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of results);
}

async function timed(work: () => Promise<void>): Promise<number> {
  const from = performance.now()
  await work()
  return performance.now() - from
}

function at(times: readonly number[], share: number): number {
  const sorted = times.toSorted((a, b) => a - b)
  const index = Math.min(sorted.length - 1, Math.floor(sorted.length * share))
  return Math.round((sorted[index] ?? Number.NaN) * 1000) / 1000
}

function say(line: string): void {
  if (!given.json) console.log(line)
}

/** The system forgets what it has read of files, where this process may ask it to. */
function dropCaches(): boolean {
  try {
    writeFileSync("/proc/sys/vm/drop_caches", "1")
    return true
  } catch {
    return false
  }
}

const open = () => openChunkHistory({ folder, log: silentLog })

/** Each time a history just opened that nobody has asked anything. */
async function cold(ask: Question, data: Filled): Promise<number> {
  const times: number[] = []
  for (let i = 0; i < 7; i++) {
    const history = await open()
    dropCaches()
    times.push(await timed(() => ask(history, data)))
    await history.close()
  }
  return at(times, 0.5)
}

async function warm(history: History, data: Filled): Promise<Record<string, number[]>> {
  const found: Record<string, number[]> = {}
  for (const [name, { ask, times }] of Object.entries(questions)) {
    for (let i = 0; i < times; i++) await ask(history, data)
    const all: number[] = []
    for (let i = 0; i < times; i++) all.push(await timed(() => ask(history, data)))
    found[name] = all
  }
  return found
}

try {
  const began = performance.now()
  const data = await fill({ folder, samples, seed: Number(given.seed) })
  const seconds = ((performance.now() - began) / 1000).toFixed(0)
  say(
    `${data.samples} samples of ${data.tags} tags, ${data.days} days: ${data.bytesPerSample} bytes a sample, filled in ${seconds} s`,
  )
  const results: Record<string, number> = { bytesPerSample: data.bytesPerSample }
  const isCold = dropCaches()
  for (const [name, { ask }] of Object.entries(questions))
    results[`${name}ColdMs`] = await cold(ask, data)
  const history = await open()
  const idle = await warm(history, data)
  const load = ingestMeanwhile(history, data, Number(given.seconds) * 1000)
  const busy: Record<string, number[]> = Object.fromEntries(
    Object.keys(questions).map((name) => [name, []]),
  )
  while (load.isRunning())
    for (const [name, { ask }] of Object.entries(questions))
      busy[name]?.push(await timed(() => ask(history, data)))
  const rate = await load.end()
  for (const name of Object.keys(questions)) {
    const [calm, full] = [idle[name] ?? [], busy[name] ?? []]
    results[`${name}Ms`] = at(calm, 0.5)
    results[`${name}P99Ms`] = at(calm, 0.99)
    results[`${name}IngestMs`] = at(full, 0.5)
    results[`${name}IngestP99Ms`] = at(full, 0.99)
    results[`${name}Ratio`] = Math.round((at(full, 0.99) / at(calm, 0.99)) * 10) / 10
    say(
      `${name}: ${results[`${name}Ms`]} ms warm (p99 ${results[`${name}P99Ms`]}), ${results[`${name}ColdMs`]} ms cold; ` +
        `under ingest ${results[`${name}IngestMs`]} ms (p99 ${results[`${name}IngestP99Ms`]}, ${results[`${name}Ratio`]} x idle, ${full.length} times)`,
    )
  }
  results.ingestPerSecond = rate
  say(`ingest meanwhile: ${Math.round(rate / 1000)} k samples/s`)
  if (!isCold) say("cold: the system's cache of files could not be emptied, only Moru's own were")
  await history.close()
  if (given.json) console.log(JSON.stringify({ samples: data.samples, isCold, ...results }))
} finally {
  rmSync(folder, { recursive: true, force: true })
}
