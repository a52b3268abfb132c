import { mkdtemp, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as pause } from "node:timers/promises"
import type { Truth } from "../../twin.ts"
import { type SpawnedMachine, spawnMachine } from "../spawn.ts"
import { Client, type LoginOptions } from "./client.ts"

/** Plant time at which machines start: 2026-03-02 00:00 UTC. */
export const plantStart = 1_772_409_600_000

/** Machines in a folder of their own, which goes with them. */
export class Workshop {
  readonly folder: string
  readonly #running: SpawnedMachine[] = []

  private constructor(folder: string) {
    this.folder = folder
  }

  static async open(): Promise<Workshop> {
    return new Workshop(await mkdtemp(join(tmpdir(), "moru-twin-")))
  }

  /** The same name is the same machine: it finds what it kept. Plant time was `plantStart` at `startedAt`. */
  async start(
    kind: string,
    options: Readonly<Record<string, unknown>>,
    { name = "dc-1", speed = 1, startedAt = performance.timeOrigin + performance.now() } = {},
  ): Promise<SpawnedMachine> {
    const machine = await spawnMachine(
      { name, kind, options: { port: 0, ...options } },
      {
        folder: join(this.folder, name),
        truth: join(this.folder, `${name}.jsonl`),
        seed: 7,
        speed,
        realOrigin: startedAt,
        plantOrigin: plantStart,
      },
    )
    this.#running.push(machine)
    return machine
  }

  connect({ ready }: SpawnedMachine, options: Omit<LoginOptions, "certificates">): Promise<Client> {
    return Client.connect(ready.endpoint, { ...options, certificates: join(this.folder, "client") })
  }

  async truth(name = "dc-1"): Promise<Truth[]> {
    const text = await readFile(join(this.folder, `${name}.jsonl`), "utf8")
    return text
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Truth)
  }

  async close(): Promise<void> {
    await Promise.all(this.#running.map((machine) => machine.stop()))
    await rm(this.folder, { recursive: true, force: true })
  }
}

/** Asks until the answer is there; fails with what was last seen. */
export async function until<T>(
  ask: () => Promise<T | undefined>,
  { what, withinMs = 30_000 }: { readonly what: string; readonly withinMs?: number },
): Promise<T> {
  const late = AbortSignal.timeout(withinMs)
  for (;;) {
    const answer = await ask()
    if (answer !== undefined) return answer
    if (late.aborted) throw new Error(`${what} did not come within ${withinMs} ms`)
    await pause(50)
  }
}
