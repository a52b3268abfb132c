import { type Random, seededRandom } from "../../../kernel/random.ts"
import type { FaultOrder } from "../../twin.ts"

const ratedV = 220
const phases = [0, 1, 2] as const
/** The register of 32 bits counts tenths of a kWh and then begins from 0. */
const wrapsAtKwh = 2 ** 32 / 10

/** An energy meter in one feeder. Pure and seeded. */
export class EnergyMeter {
  readonly #random: Random
  readonly #volts: number
  readonly #unbalance: readonly number[]
  readonly #usualFactor: number
  #wh: number
  #kw = 0
  #frozenKw: number | undefined

  constructor(seed: number, wattHours?: number) {
    const character = seededRandom(seed).fork("meter")
    this.#random = character.fork("sensors")
    this.#volts = ratedV * (0.985 + 0.03 * character.next())
    this.#unbalance = phases.map(() => 1 + 0.02 * character.normal())
    this.#usualFactor = 0.84 + 0.1 * character.next()
    this.#wh = wattHours ?? Math.floor(1e9 * (0.2 + character.next()))
  }

  get wattHours(): number {
    return this.#wh
  }

  order({ fault, state }: FaultOrder): void {
    if (fault === "frozen-sensor") this.#frozenKw = state === "on" ? this.#kw : undefined
    if (fault === "counter-reset" && state === "on") this.#wh = 0
  }

  /** One second in which the feeder takes so much. */
  step(kw: number): void {
    this.#kw = kw
    this.#wh += (this.#frozenKw ?? kw) / 3.6
  }

  /** What its registers show. `share` is how much of its feeder's rated load it carries. */
  values(share: number) {
    const power = this.#frozenKw ?? this.#kw
    const factor = Math.min(0.99, this.#usualFactor * (0.75 + 0.25 * Math.min(1, share)))
    // Of a load in star: P = sum of U I cos phi; the net gives way a little under load.
    const volts = phases.map(() => this.#volts - 3 * share + 0.3 * this.#random.normal())
    const amps = phases.map(
      (i) => ((1000 * power) / 3 / ((volts[i] ?? ratedV) * factor)) * (this.#unbalance[i] ?? 1),
    )
    const [voltage1 = 0, voltage2 = 0, voltage3 = 0] = volts
    const [current1 = 0, current2 = 0, current3 = 0] = amps
    const kwh = this.#wh / 1000
    return {
      ...{ voltage1, voltage2, voltage3, current1, current2, current3 },
      ...{ power, powerFactor: factor },
      frequency: 60 + 0.015 * this.#random.normal(),
      energyWh: Math.floor(this.#wh),
      energy32: kwh % wrapsAtKwh,
      energyFloat: kwh,
    }
  }
}
