import { mkdtemp } from "node:fs/promises"
import { tmpdir } from "node:os"
import { basename, join, resolve } from "node:path"
import type { Command } from "commander"
import { type Recording, readRecording } from "../codec/recording.ts"
import { SystemClock } from "../kernel/clock/system.ts"
import { nodeFiles } from "../kernel/files/node.ts"
import { pinoLog } from "../kernel/log/pino.ts"
import type { Log } from "../kernel/log.ts"
import { seededRandom } from "../kernel/random.ts"
import { Problem, type ProblemCode, problems } from "../model/problem.ts"
import { type Loop, openLoop } from "../moru/loop.ts"
import { openStore } from "../store/sqlite/store.ts"
import { spawnMachine } from "../twin/machines/spawn.ts"
import { planOf, type RecordedMachine } from "../twin/recording.ts"
import { fail, print, stopSignal } from "./print.ts"
import { compareField } from "./replay/compare.ts"
import { equipmentOf, fieldTag, plantOf } from "./replay/plant.ts"

interface ReplayOptions {
  readonly speed: number | "max"
  readonly data?: string
  readonly zone: string
  readonly json: boolean
  readonly logLevel: string
}

/** The last line of `moru replay`. */
export interface ReplayResult {
  readonly shots: number
  readonly values: number
  readonly stored: number
  readonly refused: number
  readonly lost: number
  readonly duplicates: number
  readonly alarms: number
  readonly findings: number
  readonly decisions: number
  readonly seconds: number
}

export function registerReplay(program: Command): void {
  program
    .command("replay")
    .description(
      "run recorded shots through the whole path, and prove that nothing was lost on the way",
    )
    .argument("<folder>", "holds files named <anything>_group_<mould>.csv")
    .option("--speed <times>", "times the recorded pace, or max", speedOption, "max")
    .option(
      "--data <folder>",
      "where everything is kept; goes on where an earlier run was cut off (default: a new temporary folder)",
    )
    .option("--zone <name>", "time zone of the files", "Asia/Seoul")
    .option("--log-level <level>", "debug, info, warn or error", "error")
    .option("--json", "print one line of JSON", false)
    .action(async (folder: string, options: ReplayOptions) => {
      try {
        const result = await replay(folder, options, stopSignal())
        if (options.json) print(JSON.stringify(result))
        else for (const [name, value] of Object.entries(result)) print(`${name.padEnd(12)}${value}`)
        process.exit(result.lost + result.duplicates === 0 ? 0 : 1)
      } catch (thrown) {
        fail(thrown, options.json)
        process.exit()
      }
    })
}

function speedOption(text: string): number | "max" {
  const number = Number(text)
  if (text === "max") return text
  if (number > 0 && Number.isFinite(number)) return number
  throw new Problem("option-invalid", "--speed", `got "${text}", expected a number above 0 or max`)
}

async function replay(
  folder: string,
  options: ReplayOptions,
  signal: AbortSignal,
): Promise<ReplayResult> {
  const startedAt = new SystemClock().monotonic()
  const log = pinoLog(options.logLevel)
  const files = await filesIn(folder)
  const machines = planOf(await readAll(files, options.zone))
  const data = options.data ? resolve(options.data) : await mkdtemp(join(tmpdir(), "moru-replay-"))
  say(options, `${machines.length} moulds in ${files.length} files; data in ${data}`)
  const clock = clockOf(machines, options.speed)
  const spawned = await spawnMachine(
    {
      name: "recording",
      kind: "recording",
      options: { port: 0, files, zone: options.zone, speed: options.speed === "max" ? "max" : 1 },
    },
    {
      folder: join(data, "machines"),
      truth: join(data, "machines", "truth.jsonl"),
      seed: 0,
      ...origins(clock),
    },
  )
  try {
    const plant = plantOf(machines, { endpoint: spawned.ready.endpoint, zone: options.zone })
    const store = await openStore({ folder: data, node: "replay", clock, files: nodeFiles, log })
    const shared = { plant, plantFolder: resolve(folder), folder: data, files: nodeFiles, log }
    const loop = await openLoop({ ...shared, store, clock, random: seededRandom(1) }, signal)
    await durable(loop, machines, { options, signal, log })
    const counted = await count(loop, machines, options)
    await loop.stop()
    await store.close()
    return { ...counted, seconds: Math.round((clock.monotonic() - startedAt) / 100) / 10 }
  } finally {
    await spawned.stop()
  }
}

async function filesIn(folder: string): Promise<string[]> {
  const names = (await nodeFiles.list(folder)).filter((name) => /_group_.+\.csv$/i.test(name))
  if (names.length > 0) return names.map((name) => resolve(folder, name))
  throw new Problem("not-found", folder, "got no file named <anything>_group_<mould>.csv")
}

async function readAll(files: readonly string[], zone: string): Promise<Recording[]> {
  const recordings: Recording[] = []
  for (const file of files) {
    const bytes = await nodeFiles.read(file)
    if (bytes) recordings.push(readRecording(bytes, basename(file), zone))
  }
  for (const { message } of recordings.flatMap(({ problems }) => problems)) complain(message)
  return recordings
}

/** Freshness uses plant time, and a replayed year is not stale: plant time is the recording's. */
function clockOf(machines: readonly RecordedMachine[], speed: number | "max"): SystemClock {
  const times = machines.flatMap(({ recordings }) =>
    recordings.flatMap(({ at }) => [at.find((t) => t > 0) ?? 0, at.findLast((t) => t > 0) ?? 0]),
  )
  const known = times.filter((t) => t > 0)
  if (known.length === 0) return new SystemClock()
  if (speed === "max") return new SystemClock({ plantOrigin: Math.max(...known) })
  return new SystemClock({ speed, plantOrigin: Math.min(...known) })
}

function origins({ speed, realOrigin, plantOrigin }: SystemClock) {
  return { speed, realOrigin, plantOrigin }
}

interface Waiting {
  readonly options: ReplayOptions
  readonly signal: AbortSignal
  readonly log: Log
}

/** Resolves when every shot of every mould is durable and analysed. */
async function durable(
  loop: Loop,
  machines: readonly RecordedMachine[],
  waiting: Waiting,
): Promise<void> {
  const real = new SystemClock()
  const total = machines.reduce((sum, { rows }) => sum + rows, 0)
  for (let shown = -1; ; ) {
    waiting.signal.throwIfAborted()
    throwIfHopeless(loop)
    const stored = await shotsStored(loop, machines)
    const percent = Math.floor((stored / Math.max(1, total)) * 100)
    if (percent >= shown + 10) {
      shown = percent
      say(waiting.options, `${stored} of ${total} shots are durable`)
    }
    if (stored >= total) break
    await real.sleep(50, waiting.signal)
  }
  await loop.findings.settled()
  await loop.decisions.settled()
}

/** A device that no repetition can help would be waited for in vain. */
function throwIfHopeless(loop: Loop): void {
  for (const { problem } of loop.connections.devices()) {
    const code = problem?.code as ProblemCode | undefined
    if (problem && code && !problems[code].retry) throw new Problem(code, "replay", problem.message)
  }
}

async function shotsStored(loop: Loop, machines: readonly RecordedMachine[]): Promise<number> {
  const counts = machines.map((machine) => loop.history.cycles.count(allOf(machine)))
  return (await Promise.all(counts)).reduce((sum, n) => sum + n, 0)
}

function allOf(machine: RecordedMachine) {
  return {
    equipment: equipmentOf(machine),
    from: Number.NEGATIVE_INFINITY,
    to: Number.POSITIVE_INFINITY,
  }
}

async function count(
  loop: Loop,
  machines: readonly RecordedMachine[],
  options: ReplayOptions,
): Promise<Omit<ReplayResult, "seconds">> {
  const { history, namespace, store } = loop
  const sum = { values: 0, stored: 0, refused: 0, lost: 0, duplicates: 0 }
  for (const machine of machines)
    for (const field of machine.fields) {
      const tag = namespace.idOf(fieldTag(machine, field))
      if (tag === undefined) throw new Error(`no tag for ${field.column}`)
      const textOf = (id: number) => store.registry.textOf(tag, id)
      const found = await compareField(machine, field, { history, tag, textOf })
      for (const key of ["values", "stored", "refused", "lost", "duplicates"] as const)
        sum[key] += found[key]
      for (const place of found.places) complain(`refused: ${place}, expected a number`)
    }
  const shots = await shotsStored(loop, machines)
  if (shots !== machines.reduce((rows, machine) => rows + machine.rows, 0))
    complain(`${shots} shots are stored, expected ${machines.reduce((n, m) => n + m.rows, 0)}`)
  say(options, "read back from the historian and compared cell by cell")
  return { shots, ...sum, ...(await verdicts(loop)) }
}

async function verdicts(loop: Loop) {
  const alarms = await countRecords(loop, "alarm.raised")
  const findings = await countRecords(loop, "finding.raised")
  const decisions = await countRecords(loop, "decision.proposed")
  return { alarms, findings, decisions }
}

async function countRecords(
  loop: Loop,
  kind: "alarm.raised" | "finding.raised" | "decision.proposed",
) {
  let total = 0
  for (let before = Number.MAX_SAFE_INTEGER; ; ) {
    const page = await loop.store.ledger.list({ kinds: [kind], before, limit: 1000 })
    total += page.length
    const last = page.at(-1)
    if (!last) return total
    before = last.number
  }
}

function say({ json }: ReplayOptions, line: string): void {
  if (!json) print(line)
}

function complain(line: string): void {
  process.stderr.write(`${line}\n`)
}
