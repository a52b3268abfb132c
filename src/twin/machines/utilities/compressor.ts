import { type Random, seededRandom } from "../../../kernel/random.ts"
import type { FaultOrder } from "../../twin.ts"
import { FaultSet } from "../fault-set.ts"

/** What a compressor remembers without power. */
export interface CompressorMemory {
  readonly runningS: number
  readonly loadedS: number
}

export const compressorState = { running: 1, idle: 2 } as const

/** A screw compressor of 75 kW: what it gives when loaded, and where its pressure switch stands. */
const ratedFlow = 12_500
const loadsAtBar = 6.6
const unloadsAtBar = 7.3
const loadedKw = 78
const unloadedKw = 21
/** Receiver of 3 m3: by how much a litre of free air raises its pressure (isothermal), bar. */
const barPerLitre = 1 / 3000
/** Share of the rated flow that the plant takes when all of it works. */
const usualDemand = 0.62
/** What leaks of the net even when nobody works. */
const leaks = 0.09
/** After so long without load it stops until air is wanted. */
const idlesS = 600

/** A load/unload compressor with its receiver, dryer and hour meters. Pure and seeded. */
export class Compressor {
  readonly #random: Random
  readonly #sensors: Random
  readonly #faults = new FaultSet()
  readonly #flowRate: number
  readonly #kwGain: number
  readonly #demandGain: number
  #bar = 7
  #frozenBar: number | undefined
  #isLoaded = false
  #unloadedS = 0
  #dewPoint = 4
  #oilCel = 60
  #runningS: number
  #loadedS: number
  #kw = 0

  constructor(seed: number, memory?: CompressorMemory) {
    const character = seededRandom(seed).fork("compressor")
    this.#random = character.fork("process")
    this.#sensors = character.fork("sensors")
    this.#flowRate = ratedFlow * (0.95 + 0.1 * character.next())
    this.#kwGain = 0.96 + 0.08 * character.next()
    this.#demandGain = usualDemand * (0.9 + 0.2 * character.next())
    this.#runningS = memory?.runningS ?? Math.floor(30_000_000 + 1e7 * character.next())
    this.#loadedS = memory?.loadedS ?? Math.floor(0.6 * this.#runningS)
  }

  /** What it takes from the net now. */
  get kw(): number {
    return this.#kw
  }

  order(order: FaultOrder): void {
    this.#faults.take(order)
    const { fault, state } = order
    if (fault === "frozen-sensor") this.#frozenBar = state === "on" ? this.#bar : undefined
    if (fault !== "counter-reset" || state !== "on") return
    this.#runningS = 0
    this.#loadedS = 0
  }

  /** One second in which so much of the plant works. */
  step(share: number): void {
    const demand =
      ratedFlow * (leaks + this.#demandGain * share) * (1 + 0.05 * this.#random.normal())
    const given = this.#isLoaded ? this.#flowRate : 0
    this.#bar = Math.max(0, this.#bar + ((given - Math.max(0, demand)) / 60) * barPerLitre)
    if (this.#bar <= loadsAtBar) this.#isLoaded = true
    else if (this.#bar >= unloadsAtBar) this.#isLoaded = false
    this.#unloadedS = this.#isLoaded ? 0 : this.#unloadedS + 1
    const isTurning = this.#unloadedS < idlesS
    if (isTurning) this.#runningS++
    if (this.#isLoaded) this.#loadedS++
    // The motor works against the pressure that it makes.
    const loaded = loadedKw * (0.7 + (0.3 * this.#bar) / 7)
    this.#kw = isTurning ? this.#kwGain * (this.#isLoaded ? loaded : unloadedKw) : 0.3
    this.#oilCel += ((isTurning ? (this.#isLoaded ? 88 : 70) : 30) - this.#oilCel) / 400
    this.#dewPoint += (3 + 3 * (given / ratedFlow) - this.#dewPoint) / 300
  }

  /** What its registers show. */
  values() {
    const noise = (sd: number) => sd * this.#sensors.normal()
    const isTurning = this.#unloadedS < idlesS
    return {
      state: isTurning ? compressorState.running : compressorState.idle,
      pressure: this.#frozenBar ?? Math.max(0, this.#bar + noise(0.01)),
      flow: this.#isLoaded ? Math.max(0, this.#flowRate + noise(40)) : 0,
      power: Math.max(0, this.#kw + noise(0.2)),
      dewPoint: this.#dewPoint + noise(0.1),
      oilTemperature: this.#oilCel + noise(0.2),
      isLoaded: this.#isLoaded,
      loaded: this.#isLoaded,
      runningHours: this.#runningS / 3600,
      loadedHours: this.#loadedS / 3600,
    }
  }

  memory(): CompressorMemory {
    return { runningS: this.#runningS, loadedS: this.#loadedS }
  }
}
