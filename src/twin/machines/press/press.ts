import { type Random, seededRandom } from "../../../kernel/random.ts"
import type { Instant } from "../../../model/instant.ts"
import type { FaultOrder } from "../../twin.ts"

export interface PressSetup {
  readonly seed: number
  readonly at: Instant
}

/** The relay counts in 16 bits. */
const wrapsAt = 65_536
/** The contact at the crank is closed for so much of a stroke. */
const closedShare = 0.3
const usualStrokeMs = 4000
/** Sheet, scrap, a chat: how long it runs and stands on average. */
const runsMs = 20 * 60_000
const standsMs = 3 * 60_000

/**
 * An old press whose only electronics is a relay that counts its strokes; without power the relay begins from 0. Pure
 * and seeded.
 */
export class Press {
  at: Instant
  readonly #random: Random
  /** Of this press and its work. */
  readonly #strokeMs: number
  readonly #jitterMs: number
  #count = 0
  /** All strokes, which nobody counts. */
  #strokes = 0
  #strokeStart: Instant
  #strokeEnd: Instant
  #runsUntil: Instant

  constructor({ seed, at }: PressSetup) {
    const character = seededRandom(seed).fork("character")
    this.#random = seededRandom(seed).fork("process")
    this.#strokeMs = usualStrokeMs * (0.9 + 0.2 * character.next())
    this.#jitterMs = 100 + 150 * character.next()
    this.at = at
    this.#strokeStart = at
    this.#strokeEnd = at + this.#strokeMs
    this.#runsUntil = at + this.#chance(runsMs)
  }

  get isRunning(): boolean {
    return this.at >= this.#strokeStart
  }

  get strokes(): number {
    return this.#strokes
  }

  step(ms: number): void {
    this.at += ms
    while (this.#strokeEnd <= this.at) this.#endStroke()
  }

  order({ fault, state }: FaultOrder): void {
    if (fault === "counter-reset" && state === "on") this.#count = 0
  }

  values() {
    const done = (this.at - this.#strokeStart) / (this.#strokeEnd - this.#strokeStart)
    return { count: this.#count, contact: done >= 0 && done < closedShare }
  }

  #endStroke(): void {
    this.#strokes++
    this.#count = (this.#count + 1) % wrapsAt
    const end = this.#strokeEnd
    const stands = end >= this.#runsUntil ? this.#chance(standsMs) : 0
    if (stands > 0) this.#runsUntil = end + stands + this.#chance(runsMs)
    this.#strokeStart = end + stands
    const usual = this.#strokeMs + this.#jitterMs * this.#random.normal()
    this.#strokeEnd = this.#strokeStart + Math.max(this.#strokeMs / 2, usual)
  }

  /** Exponential, for what comes by itself. */
  #chance(meanMs: number): number {
    return -meanMs * Math.log(1 - this.#random.next())
  }
}
