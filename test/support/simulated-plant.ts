import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { AnalyserRunner } from "../../src/analyse/runner/runner.ts"
import { cycleOf } from "../../src/connect/cycles.ts"
import type { Hands } from "../../src/decide/runner/carry-out.ts"
import { DecisionRunner } from "../../src/decide/runner/runner.ts"
import { MemoryHistory } from "../../src/historian/memory/history.ts"
import { SimulatedClock } from "../../src/kernel/clock/simulated.ts"
import { nodeFiles } from "../../src/kernel/files/node.ts"
import { timedIds } from "../../src/kernel/ids.ts"
import { silentLog } from "../../src/kernel/log.ts"
import { seededRandom } from "../../src/kernel/random.ts"
import { BlockWriter, type SourceId, sourceId } from "../../src/model/block.ts"
import type { Cycle } from "../../src/model/cycle.ts"
import type { Instant } from "../../src/model/instant.ts"
import type { Path } from "../../src/model/path.ts"
import type { Plant } from "../../src/model/plant.ts"
import { quality } from "../../src/model/quality.ts"
import type { Value } from "../../src/model/tag.ts"
import { MemoryNamespace } from "../../src/namespace/memory/namespace.ts"
import { openStore, type SqliteStore } from "../../src/store/sqlite/store.ts"
import { DieCasting, type Shot } from "../../src/twin/machines/die-casting/die-casting.ts"

/** Where plant time begins in simulations. */
export const simulatedStart = Date.parse("2026-03-02T08:00:00+09:00")

const lastName = (address: string) => address.replace(/^.*s=/, "")

/**
 * The example's die caster with the real parts from the namespace to the decisions, in one process and in simulated
 * time; only the line between machine and house is left out. The same seed gives the same run.
 */
export class SimulatedPlant {
  readonly clock: SimulatedClock
  readonly machine: DieCasting
  readonly namespace: MemoryNamespace
  readonly history = new MemoryHistory()
  readonly store: SqliteStore
  readonly analyse: AnalyserRunner
  readonly decide: DecisionRunner
  readonly #plant: Plant
  readonly #folder: string
  readonly #ending = new AbortController()
  readonly #rows = new Map<SourceId, number>()

  private constructor(given: {
    seed: number
    plant: Plant
    store: SqliteStore
    clock: SimulatedClock
    folder: string
    hands: Hands
  }) {
    const { seed, plant, store, clock } = given
    const { history } = this
    this.clock = clock
    this.#plant = plant
    this.#folder = given.folder
    this.store = store
    this.machine = new DieCasting({ seed, mould: "8722", at: clock.now() })
    this.namespace = new MemoryNamespace({ registry: store.registry, clock })
    const ids = timedIds(clock, seededRandom(seed))
    const shared = { plant, namespace: this.namespace, store, clock, ids, log: silentLog }
    this.analyse = new AnalyserRunner({ ...shared, history })
    this.decide = new DecisionRunner({
      ...shared,
      cycles: history.cycles,
      findings: this.analyse,
      hands: given.hands,
      canWrite: () => true,
      mayApprove: (role) => role !== "viewer",
    })
  }

  static async open(given: { seed: number; plant: Plant; hands: Hands }): Promise<SimulatedPlant> {
    const folder = mkdtempSync(join(tmpdir(), "moru-simulated-"))
    const clock = new SimulatedClock(simulatedStart)
    const store = await openStore({
      folder,
      node: "plant",
      clock,
      files: nodeFiles,
      log: silentLog,
    })
    const plant = new SimulatedPlant({ ...given, store, clock, folder })
    await plant.namespace.define(given.plant.tags)
    await plant.analyse.start(plant.#ending.signal)
    await plant.decide.start(plant.#ending.signal)
    return plant
  }

  /** Lets so much plant time pass, a minute at a time. */
  async run(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= 60_000) {
      this.machine.step(Math.min(60_000, left))
      await this.clock.advance(this.machine.at - this.clock.now())
      await this.#live(this.machine.tags())
      const cycles: Cycle[] = []
      for (const shot of this.machine.shots.splice(0)) cycles.push(await this.#shot(shot))
      await this.analyse.observe(cycles)
      await this.analyse.settled()
      this.decide.observe(cycles)
      await this.decide.settled()
    }
  }

  async close(): Promise<void> {
    this.#ending.abort()
    await this.decide.stop()
    await this.analyse.stop()
    await this.store.close()
    rmSync(this.#folder, { recursive: true, force: true })
  }

  async #live(tags: Readonly<Record<string, number | boolean>>): Promise<void> {
    const points = this.#plant.devices.flatMap((device) => device.points)
    const values = points.map(({ tag, address }) => ({ tag, value: tags[lastName(address)] }))
    await this.#store(sourceId({ name: "dc-1", epoch: "1" }), this.machine.at, values)
  }

  async #shot(shot: Shot): Promise<Cycle> {
    const [record] = this.#plant.devices.flatMap((device) => device.records)
    const [config] = this.#plant.cycles
    if (!record || !config) throw new Error("the example has a machine with records")
    const source = sourceId({ name: "dc-1/shot", epoch: "1" })
    const fields = record.fields.map(({ name, tag, address }) => ({
      name,
      tag,
      value: shot.values[address],
    }))
    const values = Object.fromEntries(
      fields.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]])),
    )
    const cycle = cycleOf({ source, number: shot.number, at: shot.at, values }, config)
    await this.#store(source, shot.at, fields, [cycle])
    return cycle
  }

  async #store(
    source: SourceId,
    at: Instant,
    values: readonly { tag: Path; value: Value | undefined }[],
    cycles: readonly Cycle[] = [],
  ): Promise<void> {
    const { registry } = this.store
    const rows = new BlockWriter(values.length)
    for (const { tag, value } of values) {
      const id = this.namespace.idOf(tag)
      if (id === undefined || value === undefined) continue
      const number = typeof value === "string" ? registry.textId(id, value) : Number(value)
      rows.add(id, at, number, quality.good)
    }
    const sequence = this.#rows.get(source) ?? 0
    const block = rows.take({ source, sequence, received: at })
    this.#rows.set(source, sequence + block.length)
    await this.history.append(block, cycles)
    await this.namespace.publish(block)
  }
}
