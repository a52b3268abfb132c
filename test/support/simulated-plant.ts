import { AnalyserRunner } from "../../src/analyse/runner/runner.ts"
import { cycleOf } from "../../src/connect/cycles.ts"
import type { Hands } from "../../src/decide/runner/carry-out.ts"
import { DecisionRunner } from "../../src/decide/runner/runner.ts"
import { silentLog } from "../../src/kernel/log.ts"
import { sourceId } from "../../src/model/block.ts"
import type { Cycle } from "../../src/model/cycle.ts"
import type { Path } from "../../src/model/path.ts"
import type { Plant } from "../../src/model/plant.ts"
import type { Value } from "../../src/model/tag.ts"
import { DieCasting, type Shot } from "../../src/twin/machines/die-casting/die-casting.ts"
import { House } from "./house.ts"

/** Where plant time begins in simulations. */
export const simulatedStart = Date.parse("2026-03-02T08:00:00+09:00")

const minuteMs = 60_000
const lastName = (address: string) => address.replace(/^.*s=/, "")

/**
 * The example's die caster with the real parts from the namespace to the decisions, in one process and in simulated
 * time; only the line between machine and house is left out. The same seed gives the same run.
 */
export class SimulatedPlant {
  readonly house: House
  readonly machine: DieCasting
  readonly analyse: AnalyserRunner
  readonly decide: DecisionRunner
  readonly #plant: Plant
  readonly #ending = new AbortController()

  private constructor(given: { seed: number; plant: Plant; house: House; hands: Hands }) {
    const { seed, plant, house, hands } = given
    const { namespace, store, clock, ids, history } = house
    this.#plant = plant
    this.house = house
    this.machine = new DieCasting({ seed, mould: "8722", at: clock.now() })
    const shared = { plant, namespace, store, clock, ids, log: silentLog }
    this.analyse = new AnalyserRunner({ ...shared, history })
    this.decide = new DecisionRunner({
      ...shared,
      cycles: history.cycles,
      findings: this.analyse,
      hands,
      canWrite: () => true,
      mayApprove: (role) => role !== "viewer",
    })
  }

  static async open(given: { seed: number; plant: Plant; hands: Hands }): Promise<SimulatedPlant> {
    const house = await House.open(given.plant.tags, { at: simulatedStart })
    const plant = new SimulatedPlant({ ...given, house })
    await plant.analyse.start(plant.#ending.signal)
    await plant.decide.start(plant.#ending.signal)
    return plant
  }

  /** Lets so much plant time pass, a minute at a time. */
  async run(ms: number): Promise<void> {
    const { clock } = this.house
    for (let left = ms; left > 0; left -= minuteMs) {
      this.machine.step(Math.min(minuteMs, left))
      await clock.advance(this.machine.at - clock.now())
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
    await this.house.close()
  }

  async #live(tags: Readonly<Record<string, number | boolean>>): Promise<void> {
    const points = this.#plant.devices.flatMap((device) => device.points)
    const samples = points.map(({ tag, address }) => sampleOf(tag, tags[lastName(address)]))
    await this.house.deliver("dc-1", samples.flat(), [])
  }

  async #shot(shot: Shot): Promise<Cycle> {
    const [record] = this.#plant.devices.flatMap((device) => device.records)
    const [config] = this.#plant.cycles
    if (!record || !config) throw new Error("the example has a machine with records")
    const source = sourceId({ name: "dc-1/shot", epoch: "1" })
    const values = Object.fromEntries(
      record.fields.flatMap(({ name, address }) => {
        const value = shot.values[address]
        return value === undefined ? [] : [[name, value]]
      }),
    )
    const cycle = cycleOf({ source, number: shot.number, at: shot.at, values }, config)
    const samples = record.fields.flatMap(({ tag, address }) =>
      sampleOf(tag, shot.values[address]).map((sample) => ({ ...sample, at: shot.at })),
    )
    await this.house.deliver("dc-1/shot", samples, [cycle])
    return cycle
  }
}

function sampleOf(path: Path, value: Value | undefined): { path: Path; value: Value }[] {
  return value === undefined ? [] : [{ path, value }]
}
