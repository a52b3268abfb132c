import type { Random } from "../../../kernel/random.ts"
import type { Instant } from "../../../model/instant.ts"

const hourMs = 3_600_000
const dayMs = 24 * hourMs

/** Hours of the day's work from the start of its first shift, and how much of the plant works then. */
const day = [
  { fromH: 0, share: 0.6 },
  { fromH: 0.5, share: 1 },
  { fromH: 4, share: 0.55 },
  { fromH: 5, share: 1 },
  { fromH: 9, share: 0.7 },
  { fromH: 12, share: 0.3 },
  { fromH: 13, share: 0.12 },
] as const

/** Of local time. */
const firstShiftH = 8
/** Time after which a share that something goes to has come by 63 %. */
const lagS = 300
/** How long it takes until a deviation is forgotten, and its size. */
const wanderS = 900
const wander = 0.06

/** How much of a plant is at work: a pattern of the day, and what comes and goes by itself. Seeded. */
export class DailyLoad {
  /** 0 to about 1.2. */
  share: number
  readonly #random: Random
  readonly #fromUtcMs: number
  readonly #restDays: number
  #wanders = 0

  /** `startHour` is the hour in UTC at which the day's first shift begins. */
  constructor(of: { readonly random: Random; readonly startHour: number; readonly at: Instant }) {
    this.#random = of.random.fork("load")
    // The shift that begins is a morning's: 23 h in UTC is in the zone 9 h east.
    const zoneH = ((firstShiftH - of.startHour + 36) % 24) - 12
    this.#fromUtcMs = (zoneH - firstShiftH) * hourMs
    this.#restDays = 0.2 + 0.3 * of.random.fork("weekend").next()
    this.share = this.#planned(of.at)
  }

  /** One second. */
  step(at: Instant): void {
    const keeps = Math.exp(-1 / wanderS)
    this.#wanders =
      keeps * this.#wanders + wander * Math.sqrt(1 - keeps * keeps) * this.#random.normal()
    const wanted = Math.max(0.02, this.#planned(at) * (1 + this.#wanders))
    this.share += (wanted - this.share) / lagS
  }

  #planned(at: Instant): number {
    const days = (at + this.#fromUtcMs) / dayMs
    const hour = 24 * (days - Math.floor(days))
    const share = day.findLast(({ fromH }) => hour >= fromH)?.share ?? 0
    // 1970-01-01 was a Thursday; Saturday and Sunday are days 2 and 3 of a week that begins with it.
    const isRestDay = [2, 3].includes(((Math.floor(days) % 7) + 7) % 7)
    return isRestDay ? share * this.#restDays : share
  }
}
