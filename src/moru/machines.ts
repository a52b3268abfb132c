import { join } from "node:path"
import type { SystemClock } from "../kernel/clock/system.ts"
import type { Component, Health } from "../kernel/component.ts"
import type { Log } from "../kernel/log.ts"
import type { MachineConfig } from "../model/plant.ts"
import { problemOf } from "../model/problem.ts"
import { type SpawnedMachine, spawnMachine } from "../twin/machines/spawn.ts"

export interface MachinesOptions {
  readonly machines: readonly MachineConfig[]
  /** Each machine gets a folder of its own beneath, outside what Moru keeps. */
  readonly folder: string
  readonly seed: number
  readonly clock: SystemClock
  readonly log: Log
}

const againMs = 2000

/** Starts the simulated machines of a plant as processes, and again when one dies. */
export class Machines implements Component {
  readonly name = "machines"
  readonly #options: MachinesOptions
  readonly #stopping = new AbortController()
  readonly #running = new Map<string, SpawnedMachine>()
  #loops: Promise<void>[] = []
  #health: Health = { state: "stopped" }

  constructor(options: MachinesOptions) {
    this.#options = options
  }

  /** Resolves when every machine can be connected to. Throws the problem of one that cannot start. */
  async start(): Promise<void> {
    this.#health = { state: "starting" }
    const first = await Promise.allSettled(
      this.#options.machines.map((config) => this.#spawn(config)),
    )
    const failed = first.find((result) => result.status === "rejected")
    if (failed) {
      await this.stop()
      throw failed.reason
    }
    this.#loops = this.#options.machines.map((config) => this.#keep(config))
    this.#health = { state: "running" }
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await Promise.all([...this.#running.values()].map((machine) => machine.stop()))
    await Promise.all(this.#loops)
    this.#health = { state: "stopped" }
  }

  health(): Health {
    return this.#health
  }

  /** Where each machine can be reached, by its name. */
  endpoints(): ReadonlyMap<string, string> {
    return new Map([...this.#running].map(([name, { ready }]) => [name, ready.endpoint]))
  }

  /** Control port of a machine that runs, where its options give it one. */
  control(name: string): number | undefined {
    const control = this.#running.get(name)?.ready.control
    return control === undefined ? undefined : Number(control.split(":")[1])
  }

  async #spawn(config: MachineConfig): Promise<SpawnedMachine> {
    const { folder, seed, clock } = this.#options
    const machine = await spawnMachine(config, {
      folder: join(folder, config.name),
      truth: join(folder, config.name, "truth.jsonl"),
      seed,
      speed: clock.speed,
      realOrigin: clock.realOrigin,
      plantOrigin: clock.plantOrigin,
    })
    this.#running.set(config.name, machine)
    return machine
  }

  async #keep(config: MachineConfig): Promise<void> {
    const { clock, log } = this.#options
    const { signal } = this.#stopping
    while (!signal.aborted) {
      const code = await this.#running.get(config.name)?.exited
      if (signal.aborted) return
      log.warn("a simulated machine ended and is started again", { machine: config.name, code })
      await clock.sleep(againMs * clock.speed, signal).catch(() => {})
      if (signal.aborted) return
      await this.#spawn(config).catch((thrown) =>
        log.error("a simulated machine did not start", {
          machine: config.name,
          problem: problemOf(thrown, config.name).message,
        }),
      )
    }
  }
}
