import type { Clock } from "../../kernel/clock.ts"

/** How far the average may reach back. */
const spanSeconds = 10

/** A limit on the rate of one publisher (token bucket), averaged over ten seconds of plant time. */
export class Bucket {
  readonly #clock: Clock
  readonly #perMs: number
  readonly #most: number
  #left: number
  #at: number

  constructor(clock: Clock, perSecond: number) {
    this.#clock = clock
    this.#perMs = (perSecond * (clock.speed ?? 1)) / 1000
    this.#most = this.#perMs * spanSeconds * 1000
    this.#left = this.#most
    this.#at = clock.monotonic()
  }

  /** Takes one, or so many; gives how many of the computer's milliseconds to wait before the last is due. */
  take(count = 1): number {
    const now = this.#clock.monotonic()
    this.#left = Math.min(this.#most, this.#left + (now - this.#at) * this.#perMs) - count
    this.#at = now
    return this.#left >= 0 ? 0 : Math.ceil(-this.#left / this.#perMs)
  }

  /** How many of the computer's milliseconds until all that was taken is due. */
  owedMs(): number {
    return this.take(0)
  }
}
