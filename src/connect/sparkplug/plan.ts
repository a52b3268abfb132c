import type { Instant } from "../../model/instant.ts"
import { quality } from "../../model/quality.ts"
import type { Point } from "../connector.ts"
import { isPlausible } from "../values.ts"
import type { Birth } from "./births.ts"
import type { Reading } from "./reading.ts"

/** Where the metrics of a birth become rows, by their numbers in it. */
export class Plan {
  readonly points: readonly (readonly Point[])[]
  /** Of metrics whose values are rows as they are: the tag of their only point; 0 for all others. */
  readonly #tag: Uint32Array
  /** What the tag's sensor can show. */
  readonly #low: Float64Array
  readonly #high: Float64Array

  constructor(birth: Birth, byAddress: ReadonlyMap<string, readonly Point[]>) {
    const { length } = birth.list
    this.points = birth.list.map(({ address }) => byAddress.get(address) ?? [])
    this.#tag = new Uint32Array(length)
    this.#low = new Float64Array(length).fill(Number.NEGATIVE_INFINITY)
    this.#high = new Float64Array(length).fill(Number.POSITIVE_INFINITY)
    for (const [i, [point, ...others]] of this.points.entries()) {
      const isBoolean = birth.list[i]?.type === "Boolean"
      if (!point || others.length > 0 || !takes(point, isBoolean)) continue
      this.#tag[i] = point.id
      const { range } = point.tag
      if (!range) continue
      this.#low[i] = range[0]
      this.#high[i] = range[1]
    }
  }

  /**
   * Gives the rows that can stand as they are their tag, and lowers the quality of what the sensor cannot show; an implausible time
   * is replaced by the present.
   */
  judge(reading: Reading, now: Instant): void {
    const { length, index, isPlain, tag, at } = reading
    for (let row = 0; row < length; row++) {
      const metric = index[row] ?? -1
      const id = metric >= 0 && isPlain[row] === 1 ? (this.#tag[metric] ?? 0) : 0
      tag[row] = id
      if (id === 0) continue
      this.#judgeValue(reading, row, metric)
      if (!isPlausible(at[row] ?? Number.NaN, now)) setTime(reading, row, now)
    }
  }

  #judgeValue({ value, said }: Reading, row: number, metric: number): void {
    const number = value[row] ?? Number.NaN
    const isWithin = number >= (this.#low[metric] ?? 0) && number <= (this.#high[metric] ?? 0)
    if (!isWithin) said[row] = Math.max(said[row] ?? 0, quality.uncertainRange)
  }
}

function setTime({ at, said }: Reading, row: number, now: Instant): void {
  at[row] = now
  if ((said[row] ?? 0) < quality.bad) said[row] = quality.uncertainTime
}

/** A number under a boolean tag has to be looked at. */
function takes({ tag }: Point, isBoolean: boolean): boolean {
  if (tag.kind === "text") return false
  return tag.kind === "number" || isBoolean
}
