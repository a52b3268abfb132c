import { join, resolve } from "node:path"
import { connectors } from "../../connect/registry.ts"
import { SystemClock } from "../../kernel/clock/system.ts"
import { nodeFiles } from "../../kernel/files/node.ts"
import { pinoLog } from "../../kernel/log/pino.ts"
import type { Log } from "../../kernel/log.ts"
import { seededRandom } from "../../kernel/random.ts"
import { Problem, type ProblemCode, problems } from "../../model/problem.ts"
import { type Loop, openLoop } from "../../moru/loop.ts"
import { openStore } from "../../store/sqlite/store.ts"
import { type SpawnedMachine, spawnMachine } from "../../twin/machines/spawn.ts"
import { print } from "../print.ts"
import { clockOf, intervalOf, lastStoredAt } from "./clock.ts"
import { type Counted, count, shotsStored } from "./count.ts"
import { claimFolder, type RecordedFolder, readFolder } from "./files.ts"
import { plantOf } from "./plant.ts"

export interface ReplayOptions {
  readonly speed: number | "max"
  readonly data?: string
  readonly zone: string
  readonly json: boolean
  readonly logLevel: string
}

/** The last line of `moru replay`. */
export interface ReplayResult extends Counted {
  readonly seconds: number
}

interface Running {
  readonly options: ReplayOptions
  readonly folder: string
  readonly data: string
  readonly recorded: RecordedFolder
  readonly log: Log
  readonly signal: AbortSignal
}

/** Runs a folder's recording through the whole path and counts what became of each cell. */
export async function replay(
  folder: string,
  options: ReplayOptions,
  signal: AbortSignal,
): Promise<ReplayResult> {
  const real = new SystemClock()
  const startedAt = real.monotonic()
  const log = pinoLog(options.logLevel)
  const recorded = await readFolder(folder, options.zone)
  const data = await claimFolder(options.data, recorded.digest)
  const { machines, files } = recorded
  say(options, `${machines.length} moulds in ${files.length} files; data in ${data}`)
  try {
    const counted = await play({ options, folder, data, recorded, log, signal })
    return { ...counted, seconds: Math.round((real.monotonic() - startedAt) / 100) / 10 }
  } finally {
    if (options.data === undefined) await nodeFiles.remove(data)
  }
}

/** Serves the recording from another process, connects to it, and counts when all is durable. */
async function play(running: Running): Promise<Counted> {
  const { data, log, options, recorded } = running
  const interval = intervalOf(recorded.machines)
  const last = options.speed === "max" ? undefined : await lastStoredAt(data, log)
  const from = last ?? interval?.from
  const clock = clockOf(interval && { ...interval, from: from ?? interval.from }, options.speed)
  const pace = interval && options.speed !== "max" ? { speed: 1, from, to: interval.to } : {}
  const { speed, realOrigin, plantOrigin } = clock
  const spawned = spawnMachine(
    {
      name: "recording",
      kind: "recording",
      options: { port: 0, files: recorded.files, zone: options.zone, ...pace },
    },
    {
      folder: join(data, "machines"),
      truth: join(data, "machines", "truth.jsonl"),
      seed: 0,
      ...{ speed, realOrigin, plantOrigin },
    },
  )
  // The library loads here while it loads in the machine's process.
  const [machine] = await Promise.all([spawned, connectors.opcua?.()])
  try {
    return await connect(running, machine, clock)
  } finally {
    await machine.stop()
  }
}

async function connect(
  running: Running,
  machine: SpawnedMachine,
  clock: SystemClock,
): Promise<Counted> {
  const { data, log, options, signal } = running
  const { machines } = running.recorded
  signal.throwIfAborted()
  const plant = plantOf(machines, { endpoint: machine.ready.endpoint, zone: options.zone })
  const store = await openStore({ folder: data, node: "replay", clock, files: nodeFiles, log })
  try {
    const shared = { plant, plantFolder: resolve(running.folder), folder: data, log }
    const loop = await openLoop(
      { ...shared, store, clock, files: nodeFiles, random: seededRandom(1) },
      signal,
    )
    try {
      await durable(loop, running)
      const counted = await count(loop, machines)
      say(options, "read back from the historian and compared cell by cell")
      return counted
    } finally {
      await loop.stop()
    }
  } finally {
    await store.close()
  }
}

/** Resolves when every shot of every mould is durable and analysed. */
async function durable(loop: Loop, { recorded, options, signal }: Running): Promise<void> {
  const real = new SystemClock()
  const { machines } = recorded
  const total = machines.reduce((sum, { rows }) => sum + rows, 0)
  for (let shown = -1; ; ) {
    signal.throwIfAborted()
    throwIfHopeless(loop)
    const stored = await shotsStored(loop, machines)
    const percent = Math.floor((stored / Math.max(1, total)) * 100)
    if (percent >= shown + 10) {
      shown = percent
      say(options, `${stored} of ${total} shots are durable`)
    }
    if (stored >= total) break
    await real.sleep(50, signal)
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

function say({ json }: ReplayOptions, line: string): void {
  if (!json) print(line)
}
