import { type ChildProcess, spawn } from "node:child_process"
import { join } from "node:path"
import { createInterface } from "node:readline"
import type { MachineConfig } from "../../model/plant.ts"
import { Problem, type ProblemCode } from "../../model/problem.ts"
import type { MachineReady } from "../twin.ts"

export interface SpawnSetup {
  /** The machine's own folder. */
  readonly folder: string
  /** File of the log of truth. */
  readonly truth: string
  readonly seed: number
  /** Given to the SystemClock of the process, so that both agree on plant time. */
  readonly speed: number
  readonly realOrigin: number
  readonly plantOrigin: number
}

export interface SpawnedMachine {
  readonly ready: MachineReady
  /** Ends the process in order; resolves when it is gone. */
  stop(): Promise<void>
  /** As a power cut does. */
  kill(): void
  /** The exit code, or -1 after a signal. */
  readonly exited: Promise<number>
}

const readyWithinMs = 60_000
const stoppedWithinMs = 10_000

/** Starts a simulated machine as a process. Throws the problem that keeps it from starting. */
export async function spawnMachine(
  config: MachineConfig,
  setup: SpawnSetup,
): Promise<SpawnedMachine> {
  const child = spawn(process.execPath, argumentsOf(config, setup), {
    stdio: ["pipe", "pipe", "inherit"],
    // Ctrl-C in a terminal reaches the whole group; the machine is to outlive it until Moru has let go of it.
    detached: true,
  })
  const exited = new Promise<number>((done) => {
    child.on("exit", (code) => done(code ?? -1))
    child.on("error", () => done(-1))
  })
  child.stdin.on("error", () => {})
  const first = await firstLine(child, exited)
  if (!("machine" in first)) {
    child.kill("SIGKILL")
    await exited
    throw problemIn(first, `machine ${config.name}`)
  }
  return {
    ready: first,
    stop: async () => {
      child.stdin.end()
      const late = AbortSignal.timeout(stoppedWithinMs)
      late.addEventListener("abort", () => child.kill("SIGKILL"), { once: true })
      await exited
    },
    kill: () => void child.kill("SIGKILL"),
    exited,
  }
}

function argumentsOf(config: MachineConfig, setup: SpawnSetup): string[] {
  const options: Record<string, string> = {
    kind: config.kind,
    name: config.name,
    options: JSON.stringify(config.options),
    folder: setup.folder,
    truth: setup.truth,
    seed: String(setup.seed),
    speed: String(setup.speed),
    "real-origin": String(setup.realOrigin),
    "plant-origin": String(setup.plantOrigin),
  }
  const main = join(import.meta.dirname, "main.ts")
  return [main, ...Object.entries(options).map(([name, value]) => `--${name}=${value}`)]
}

interface Failed {
  readonly problem: { readonly code: string; readonly where: string; readonly what: string }
}

async function firstLine(
  child: ChildProcess,
  exited: Promise<number>,
): Promise<MachineReady | Failed> {
  const said = (what: string): Failed => ({ problem: { code: "unexpected", where: "", what } })
  const { promise, resolve } = Promise.withResolvers<MachineReady | Failed>()
  const late = () => resolve(said("it was not ready within 60 s"))
  AbortSignal.timeout(readyWithinMs).addEventListener("abort", late, { once: true })
  if (child.stdout)
    createInterface({ input: child.stdout }).once("line", (line) => resolve(JSON.parse(line)))
  exited.then((code) => resolve(said(`its process ended at once with code ${code}`)))
  return promise
}

function problemIn({ problem }: Failed, where: string): Problem {
  return new Problem(problem.code as ProblemCode, problem.where || where, problem.what)
}
