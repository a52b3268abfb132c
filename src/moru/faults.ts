import { type Static, Type } from "typebox"
import type { Clock } from "../kernel/clock.ts"
import type { Component, Health } from "../kernel/component.ts"
import { entryAt, Problems } from "../kernel/config/entry.ts"
import { checkShape } from "../kernel/config/shape.ts"
import { readYaml } from "../kernel/config/yaml.ts"
import type { Files } from "../kernel/files.ts"
import type { Log } from "../kernel/log.ts"
import { didYouMean } from "../kernel/spelling.ts"
import { durationText, parseDuration } from "../kernel/tag-file.ts"
import type { MachineConfig } from "../model/plant.ts"
import { Problem, problemOf } from "../model/problem.ts"
import { giveOrder } from "../twin/machines/control-client.ts"
import { machines } from "../twin/registry.ts"
import { type FaultName, type FaultOrder, faults } from "../twin/twin.ts"

const scheduleFile = Type.Object(
  {
    moru: Type.Literal("faults", { description: "Says what the file is." }),
    faults: Type.Array(
      Type.Object(
        {
          at: durationText({ description: "Plant time after the start." }),
          machine: Type.String({ description: "Name of the simulated machine." }),
          fault: Type.Enum([...faults], { description: "What befalls it." }),
          severity: Type.Number({ minimum: 0, maximum: 1, default: 1, description: "How bad." }),
          for: Type.Optional(
            durationText({ description: "How long it lasts; without it, to the end." }),
          ),
        },
        { additionalProperties: false },
      ),
      { description: "What goes wrong, in any order." },
    ),
  },
  { additionalProperties: false },
)

type Scheduled = Static<typeof scheduleFile>["faults"][number]

/** An order to one machine, so long after the start. */
export interface TimedOrder {
  readonly afterMs: number
  readonly machine: string
  readonly order: FaultOrder
}

/** Reads a schedule of faults, in the order of time; all that is wrong is a problem with its place. */
export async function readFaults(
  path: string,
  { plant, files }: { plant: { readonly machines: readonly MachineConfig[] }; files: Files },
): Promise<{ readonly orders: readonly TimedOrder[]; readonly problems: readonly Problem[] }> {
  const bytes = await files.read(path)
  if (!bytes) {
    const missing = new Problem("config-unreadable", path, "got no file, expected a schedule")
    return { orders: [], problems: [missing] }
  }
  const problems = new Problems()
  const root = readYaml(path, bytes, problems)
  if (!root) return { orders: [], problems: problems.list }
  const shape = checkShape(scheduleFile, root, { name: "faults", problems })
  const { faults: scheduled } = shape as Static<typeof scheduleFile>
  for (const [i, one] of scheduled.entries()) {
    const wrong = await wrongOf(one, plant.machines)
    if (!wrong) continue
    const at = entryAt(root, "faults", i, wrong.key)
    problems.add("config-invalid", at.place, `${wrong.key}, ${wrong.what}`)
  }
  const orders = problems.list.length > 0 ? [] : scheduled.flatMap(ordersOf)
  return { orders: orders.toSorted((a, b) => a.afterMs - b.afterMs), problems: problems.list }
}

async function wrongOf(
  { machine: name, fault }: Scheduled,
  known: readonly MachineConfig[],
): Promise<{ readonly key: "machine" | "fault"; readonly what: string } | undefined> {
  const machine = known.find((each) => each.name === name)
  if (!machine) {
    const names = known.map((each) => each.name)
    const expected = names.length > 0 ? `one of ${names.join(", ")}` : "a plant with machines"
    return { key: "machine", what: `got "${name}"${didYouMean(name, names)}, expected ${expected}` }
  }
  if ((machine.options as { "control-port"?: unknown })["control-port"] === undefined)
    return { key: "machine", what: `got "${name}", expected one whose options have a control-port` }
  const possible: readonly FaultName[] = (await machines[machine.kind]?.())?.faults ?? []
  if (possible.includes(fault)) return undefined
  const expected = possible.length > 0 ? `one of ${possible.join(", ")}` : "none of them"
  return { key: "fault", what: `got "${fault}" for a ${machine.kind}, expected ${expected}` }
}

function ordersOf({ at, machine, fault, severity, for: lasts }: Scheduled): TimedOrder[] {
  const afterMs = parseDuration(at)
  const on: TimedOrder = { afterMs, machine, order: { fault, state: "on", severity } }
  if (lasts === undefined) return [on]
  const ended = afterMs + parseDuration(lasts)
  return [on, { afterMs: ended, machine, order: { fault, state: "off" } }]
}

export interface FaultPlayerOptions {
  readonly orders: readonly TimedOrder[]
  /** Control port of a running machine. */
  readonly control: (machine: string) => number | undefined
  readonly clock: Clock
  readonly log: Log
}

/** Plays a schedule of faults through the machines' control ports. What a machine refuses stops none of the others. */
export class FaultPlayer implements Component {
  readonly name = "faults"
  readonly #options: FaultPlayerOptions
  readonly #stopping = new AbortController()
  #playing: Promise<void> = Promise.resolve()
  #health: Health = { state: "stopped" }

  constructor(options: FaultPlayerOptions) {
    this.#options = options
  }

  /** Plant time counts from here. */
  async start(): Promise<void> {
    this.#health = { state: "running" }
    this.#playing = this.#play(this.#options.clock.now())
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#playing
    this.#health = { state: "stopped" }
  }

  health(): Health {
    return this.#health
  }

  async #play(startedAt: number): Promise<void> {
    const { orders, clock } = this.#options
    const { signal } = this.#stopping
    for (const timed of orders) {
      const ms = startedAt + timed.afterMs - clock.now()
      if (ms > 0) await clock.sleep(ms, signal).catch(() => {})
      if (signal.aborted) return
      await this.#give(timed)
    }
  }

  async #give({ machine, order }: TimedOrder): Promise<void> {
    const port = this.#options.control(machine)
    try {
      if (port === undefined) throw new Problem("connection-refused", machine, "it does not run")
      await giveOrder(port, order)
    } catch (thrown) {
      const { message: problem, hint } = problemOf(thrown, machine)
      this.#options.log.error("a fault of the schedule did not befall its machine", {
        ...{ machine, fault: order.fault, state: order.state, problem },
      })
      this.#health = { state: "degraded", because: problem, hint }
    }
  }
}
