import type { Instant } from "../../model/instant.ts"

const dayMs = 86_400_000
/** Rates are told once they stand on so much. */
const leastMs = 60_000
/** The rate of the last so long. */
const windowMs = 3_600_000

/** How long a budget lasts at the rate at which samples come now. */
export class Fullness {
  #since: Instant
  #rows = 0
  #rowsADay: number | undefined

  constructor(now: Instant) {
    this.#since = now
  }

  saw(rows: number, now: Instant): void {
    this.#rows += rows
    const passed = now - this.#since
    if (passed < leastMs) return
    this.#rowsADay = (this.#rows / passed) * dayMs
    if (passed < windowMs) return
    this.#since = now - passed / 2
    this.#rows /= 2
  }

  /** Undefined before a rate is known. */
  lastsDays({
    budgetBytes,
    bytesARow,
  }: {
    budgetBytes: number
    bytesARow: number
  }): number | undefined {
    if (!this.#rowsADay) return undefined
    return budgetBytes / (this.#rowsADay * bytesARow)
  }
}
