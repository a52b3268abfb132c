import { mkdtemp, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { SystemClock } from "../../src/kernel/clock/system.ts"
import { nodeFiles } from "../../src/kernel/files/node.ts"
import { silentLog } from "../../src/kernel/log.ts"
import { seededRandom } from "../../src/kernel/random.ts"
import type { Cycle } from "../../src/model/cycle.ts"
import { type Loop, openLoop } from "../../src/moru/loop.ts"
import type { LedgerRecord } from "../../src/store/ledger.ts"
import { openStore } from "../../src/store/sqlite/store.ts"
import { type SpawnedMachine, spawnMachine } from "../../src/twin/machines/spawn.ts"
import { examplePlant } from "./example-plant.ts"
import { freePort } from "./free-port.ts"

const [from, to] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]

/** The example's machine in its own process and Moru's loop in this one; a shot takes about half a second. */
export class Rig {
  readonly #clock = new SystemClock({ speed: 250 })
  readonly #folder: string
  readonly #options: Readonly<Record<string, unknown>>
  #machine: SpawnedMachine | undefined
  #stopMoru: (() => Promise<void>) | undefined
  loop: Loop | undefined

  private constructor(folder: string, options: Readonly<Record<string, unknown>>) {
    this.#folder = folder
    this.#options = options
  }

  static async open(options: Readonly<Record<string, unknown>>): Promise<Rig> {
    const folder = await mkdtemp(join(tmpdir(), "moru-machine-"))
    const rig = new Rig(folder, { ...options, port: await freePort() })
    await rig.#startMachine()
    return rig
  }

  async #startMachine(): Promise<void> {
    const { speed, realOrigin, plantOrigin } = this.#clock
    this.#machine = await spawnMachine(
      { name: "dc-1", kind: "die-casting", options: this.#options },
      {
        ...{ folder: join(this.#folder, "machine"), truth: this.#truth },
        ...{ seed: 1, speed, realOrigin, plantOrigin },
      },
    )
  }

  /** As a power cut does. */
  async restartMachine(): Promise<void> {
    this.#machine?.kill()
    await this.#machine?.exited
    await this.#startMachine()
  }

  async startMoru(): Promise<void> {
    const example = await examplePlant()
    const options = { endpoint: this.#machine?.ready.endpoint, security: "none" }
    const plant = { ...example, devices: example.devices.map((d) => ({ ...d, options })) }
    const ground = { clock: this.#clock, files: nodeFiles, log: silentLog }
    const store = await openStore({ ...ground, folder: this.#folder, node: "plant" })
    const shared = { ...ground, plant, plantFolder: this.#folder, folder: this.#folder, store }
    const loop = await openLoop(
      { ...shared, random: seededRandom(1) },
      new AbortController().signal,
    )
    this.loop = loop
    this.#stopMoru = async () => {
      await loop.stop()
      await store.close()
    }
  }

  async stopMoru(): Promise<void> {
    await this.#stopMoru?.()
    this.#stopMoru = undefined
  }

  /** Durable ones, in their order. */
  async shots(): Promise<readonly Cycle[]> {
    return (await this.loop?.history.cycles.read({ from, to })) ?? []
  }

  async ledger(): Promise<readonly LedgerRecord[]> {
    return (await this.loop?.store.ledger.list({ limit: 1000 })) ?? []
  }

  /** What the machine has made, by its own log of truth. */
  async newestMade(): Promise<number> {
    // The last line may still be in the writing.
    const lines = (await readFile(this.#truth, "utf8")).split("\n").slice(0, -1)
    const shot = lines.map((line) => JSON.parse(line)).findLast(({ says }) => says === "shot")
    return shot?.facts.number ?? 0
  }

  async close(): Promise<void> {
    await this.stopMoru()
    await this.#machine?.stop()
    await rm(this.#folder, { recursive: true, force: true })
  }

  get #truth(): string {
    return join(this.#folder, "machine", "truth.jsonl")
  }
}
