import type { Random } from "../../../kernel/random.ts"
import { boringToolParts } from "./program.ts"

/** What a controller and the metal remember of a boring bar. */
export interface ToolMemory {
  /** 0 new, 1 at the end of its usual life. */
  readonly wear: number
  readonly parts: number
  /** How far a broken bar's bore is off, mm; absent while it is whole. */
  readonly brokenMm?: number
  /** How it sits, mm. */
  readonly seatMm: number
  /** Bars that this machine has had. */
  readonly number: number
}

const mostWear = 1.6
/** How far the bore is off at the end of a bar's life, and of a broken one. */
const wornMm = 0.035
export const brokenMm = 0.18
const seatMm = 0.003
const boreNoiseMm = 0.004

/** A boring bar: it wears with each bore, its load rises, its bore drifts off size. */
export class BoringBar {
  wear: number
  parts: number
  brokenMm: number | undefined
  readonly #number: number
  readonly #seatMm: number

  constructor(memory: ToolMemory) {
    this.wear = memory.wear
    this.parts = memory.parts
    this.brokenMm = memory.brokenMm
    this.#seatMm = memory.seatMm
    this.#number = memory.number
  }

  static fresh(number: number, random: Random): BoringBar {
    return new BoringBar({ wear: 0, parts: 0, number, seatMm: seatMm * random.normal() })
  }

  get serial(): string {
    return `BB-${String(this.#number).padStart(4, "0")}`
  }

  get number(): number {
    return this.#number
  }

  get partsLeft(): number {
    return Math.max(0, boringToolParts - this.parts)
  }

  /** Load and vibration, relative to a new one. */
  get loadGain(): number {
    return this.brokenMm === undefined ? 1 + 0.5 * this.wear : 0.15
  }

  get vibrationGain(): number {
    return this.brokenMm === undefined ? 1 + 0.9 * this.wear : 2.4
  }

  /** One bore; `wear` is what it costs. Gives the bore's deviation in mm. */
  bore(wear: number, random: Random): number {
    this.parts++
    this.wear = Math.min(mostWear, this.wear + wear)
    const noise = boreNoiseMm * random.normal()
    return this.#seatMm + wornMm * this.wear ** 1.5 + (this.brokenMm ?? 0) + noise
  }

  memory(): ToolMemory {
    const { wear, parts } = this
    const broken = this.brokenMm === undefined ? {} : { brokenMm: this.brokenMm }
    return { wear, parts, ...broken, seatMm: this.#seatMm, number: this.#number }
  }
}
