import { seededRandom } from "../../../kernel/random.ts"
import type { Instant } from "../../../model/instant.ts"
import type { UtilitiesOptions } from "../../machine-options.ts"
import type { FaultOrder } from "../../twin.ts"
import { Compressor, type CompressorMemory } from "./compressor.ts"
import { DailyLoad } from "./load.ts"
import { EnergyMeter } from "./meter.ts"

/** What the utilities remember without power; energy by unit. */
export interface UtilitiesMemory {
  readonly compressor: CompressorMemory
  readonly wattHours: Readonly<Record<string, number>>
}

export interface UtilitiesSetup {
  readonly seed: number
  readonly at: Instant
  readonly meters: UtilitiesOptions["meters"]
  /** Hour in UTC at which the day's first shift begins. */
  readonly startHour: number
  readonly memory?: UtilitiesMemory
}

interface Feeder {
  readonly of: UtilitiesOptions["meters"][number]
  readonly meter: EnergyMeter
  readonly load: DailyLoad
  kw: number
}

/** A holding furnace heats in turns. */
const heatTurnS = 480
/** What computers, light and control take of a feeder at any time. */
const standby = 0.04

/** Compressed air and electricity of a small plant, as far as its gateway knows of them. Pure and seeded. */
export class Utilities {
  readonly compressor: Compressor
  at: Instant
  readonly #load: DailyLoad
  readonly #feeders: readonly Feeder[]
  #restMs = 0

  constructor({ seed, at, meters, startHour, memory }: UtilitiesSetup) {
    const random = seededRandom(seed)
    this.at = at
    this.compressor = new Compressor(seed, memory?.compressor)
    this.#load = new DailyLoad({ random: random.fork("air"), startHour, at })
    this.#feeders = meters.map((of) => {
      const own = Math.floor(random.fork(`meter ${of.unit}`).next() * 2 ** 32)
      const load = new DailyLoad({ random: seededRandom(own), startHour, at })
      return { of, load, meter: new EnergyMeter(own, memory?.wattHours[of.unit]), kw: 0 }
    })
  }

  /** Runs so much plant time, second by second; what is left of a second waits for the next call. */
  step(ms: number): void {
    this.#restMs += ms
    while (this.#restMs >= 1000) {
      this.#restMs -= 1000
      this.at += 1000
      this.#load.step(this.at)
      this.compressor.step(this.#load.share)
      for (const feeder of this.#feeders) this.#feed(feeder)
    }
  }

  /** Befalls the compressor's gauge or counters, and those of the first meter. */
  order(order: FaultOrder): void {
    this.compressor.order(order)
    this.#feeders[0]?.meter.order(order)
  }

  /** What each meter's registers show, by unit. */
  meters() {
    return new Map(
      this.#feeders.map(({ of, meter, kw }) => [of.unit, meter.values(kw / of["rated-kw"])]),
    )
  }

  memory(): UtilitiesMemory {
    return {
      compressor: this.compressor.memory(),
      wattHours: Object.fromEntries(
        this.#feeders.map(({ of, meter }) => [of.unit, Math.floor(meter.wattHours)]),
      ),
    }
  }

  #feed(feeder: Feeder): void {
    feeder.load.step(this.at)
    feeder.kw = this.#loadOf(feeder)
    feeder.meter.step(feeder.kw)
  }

  #loadOf({ of, load }: Feeder): number {
    const rated = of["rated-kw"]
    const works = standby + (1 - standby) * load.share
    switch (of.follows) {
      case "compressor":
        return this.compressor.kw
      case "work":
        return rated * 0.8 * works
      case "heat": {
        const turn = (this.at / 1000 / heatTurnS) % 1
        return rated * (turn < 0.35 + 0.4 * works ? 0.9 : 0.05)
      }
    }
  }
}
