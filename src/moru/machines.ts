import { join } from "node:path"
import type { SystemClock } from "../kernel/clock/system.ts"
import type { Component, Health } from "../kernel/component.ts"
import type { Log } from "../kernel/log.ts"
import type { MachineConfig } from "../model/plant.ts"
import { type Problem, problemOf } from "../model/problem.ts"
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
  readonly #failed = new Map<string, Problem>()
  #health: Health = { state: "stopped" }

  constructor(options: MachinesOptions) {
    this.#options = options
  }

  /**
   * Resolves when the first machine can be connected to; the others come up after it, so that a person sees values soon. Throws the
   * problem of the first; another that cannot start is tried again and told in the health.
   */
  async start(): Promise<void> {
    this.#health = { state: "starting" }
    const [first, ...others] = this.#options.machines
    if (first) await this.#spawn(first)
    this.#loops = [...(first ? [this.#keep(first)] : []), this.#bringUp(others)]
    this.#health = { state: "running" }
  }

  /** Two at a time: more would only slow each other on a small computer. */
  async #bringUp(machines: readonly MachineConfig[]): Promise<void> {
    const waiting = [...machines]
    const kept: Promise<void>[] = []
    const bring = async () => {
      for (let next = waiting.shift(); next; next = waiting.shift()) {
        if (this.#stopping.signal.aborted) return
        await this.#try(next)
        kept.push(this.#keep(next))
      }
    }
    await Promise.all([bring(), bring()])
    await Promise.all(kept)
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await Promise.all([...this.#running.values()].map((machine) => machine.stop()))
    await Promise.all(this.#loops)
    this.#health = { state: "stopped" }
  }

  health(): Health {
    const [failed] = this.#failed.values()
    if (failed && this.#health.state === "running")
      return { state: "degraded", because: failed.message, hint: failed.hint }
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
      await this.#try(config)
    }
  }

  async #try(config: MachineConfig): Promise<void> {
    try {
      await this.#spawn(config)
      this.#failed.delete(config.name)
    } catch (thrown) {
      const problem = problemOf(thrown, config.name)
      this.#failed.set(config.name, problem)
      const { message } = problem
      this.#options.log.error("a simulated machine did not start", {
        machine: config.name,
        message,
      })
    }
  }
}
