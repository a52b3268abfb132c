import { Rollup, Spans } from "../../../codec/rollup.ts"
import { isUsable } from "../../../model/quality.ts"
import type { FoldColumns } from "../../buckets.ts"

export const minuteMs = 60_000
export const hourMs = 3_600_000

/** Sums are kept to so many digits: more is the noise of adding, which would not pack. */
const digits = 12

/**
 * Rolls one tag's rows, ascending by time, up into stretches of `stepMs` from `from` (in) to `to` (out), both on the
 * step. A value holds until the next row.
 */
export class RollFold {
  readonly #stepMs: number
  readonly #rows: Row[] = []
  /** The value that holds since then; NaN where none does. */
  #held: number
  #since: number

  /** `carry` held before the first row; NaN where nothing did. */
  constructor(stepMs: number, from: number, carry: number) {
    this.#stepMs = stepMs
    this.#since = from
    this.#held = carry
  }

  add({ at, value, quality }: FoldColumns, first: number, end: number): void {
    for (let i = first; i < end; i++) {
      const time = at[i] as number
      this.holdUntil(time)
      const v = isUsable(quality[i] as number) ? (value[i] as number) : Number.NaN
      this.#held = v
      if (!Number.isNaN(v)) this.#rowAt(time).add(v)
    }
  }

  /** Samples alone: nothing is told of what held before and between them. */
  addAlone({ at, value, quality }: FoldColumns, first: number, end: number): void {
    for (let i = first; i < end; i++) {
      const v = value[i] as number
      if (isUsable(quality[i] as number) && !Number.isNaN(v)) this.#rowAt(at[i] as number).add(v)
    }
  }

  /** What is in force at the end. */
  get carry(): number {
    return this.#held
  }

  holdUntil(time: number): void {
    while (this.#since < time) {
      const next = (Math.floor(this.#since / this.#stepMs) + 1) * this.#stepMs
      const end = Math.min(next, time)
      // Where nothing holds there is no stretch to tell of.
      if (Number.isNaN(this.#held)) {
        this.#since = time
        return
      }
      this.#rowAt(this.#since).hold(this.#held, end - this.#since)
      this.#since = end
    }
  }

  /** Rows without the sum's noise; at most `maxRows` in each. */
  *take(maxRows: number): Generator<Rollup> {
    for (let from = 0; from < this.#rows.length; from += maxRows)
      yield columnsOf(this.#rows.slice(from, from + maxRows))
  }

  #rowAt(time: number): Row {
    const from = Math.floor(time / this.#stepMs) * this.#stepMs
    const last = this.#rows.at(-1)
    if (last?.from === from) return last
    const row = new Row(from)
    this.#rows.push(row)
    return row
  }
}

class Row {
  readonly from: number
  count = 0
  min = Number.NaN
  max = Number.NaN
  sum = 0
  first = Number.NaN
  last = Number.NaN
  integral = 0
  heldMs = 0

  constructor(from: number) {
    this.from = from
  }

  add(v: number): void {
    if (this.count === 0) {
      this.min = v
      this.max = v
      this.first = v
    } else if (v < this.min) this.min = v
    else if (v > this.max) this.max = v
    this.count += 1
    this.sum += v
    this.last = v
  }

  hold(v: number, ms: number): void {
    this.integral += v * ms
    this.heldMs += ms
  }

  /** A finer stretch within, the next in time. */
  join(rows: Rollup, i: number): void {
    const { first, count } = this
    this.#addValues(rows, i)
    if (count > 0) this.first = first
    this.integral += rows.integral[i] as number
    this.heldMs += rows.heldMs[i] as number
  }

  /** Samples that came after the stretch was rolled up; what held within it stays as it was known. */
  joinLate(rows: Rollup, i: number): void {
    const { first, last, count } = this
    this.#addValues(rows, i)
    if (count === 0) return
    this.first = first
    this.last = last
  }

  #addValues(rows: Rollup, i: number): void {
    const count = rows.count[i] as number
    if (count === 0) return
    const [min, max] = [rows.min[i] as number, rows.max[i] as number]
    this.min = this.count === 0 ? min : Math.min(this.min, min)
    this.max = this.count === 0 ? max : Math.max(this.max, max)
    this.first = rows.first[i] as number
    this.last = rows.last[i] as number
    this.sum += rows.sum[i] as number
    this.count += count
  }
}

/** Finer stretches as coarser ones: those of a minute as those of an hour. */
export function coarser(finer: Iterable<Rollup>, stepMs: number): Rollup | undefined {
  const rows: Row[] = []
  for (const rollup of finer)
    for (let i = 0; i < rollup.rows; i++) {
      const from = Math.floor((rollup.from[i] as number) / stepMs) * stepMs
      let row = rows.at(-1)
      if (row?.from !== from) {
        row = new Row(from)
        rows.push(row)
      }
      row.join(rollup, i)
    }
  return rows.length === 0 ? undefined : columnsOf(rows)
}

/** Stretches with the counts, bounds and sums of samples that came after they were rolled up. */
export function joinLate(kept: Rollup, late: Rollup): Rollup {
  const rows = new Map<number, Row>()
  const rowAt = (from: number) => {
    const row = rows.get(from) ?? new Row(from)
    rows.set(from, row)
    return row
  }
  for (let i = 0; i < kept.rows; i++) rowAt(kept.from[i] as number).join(kept, i)
  for (let i = 0; i < late.rows; i++) rowAt(late.from[i] as number).joinLate(late, i)
  return columnsOf([...rows.values()].sort((a, b) => a.from - b.from))
}

function columnsOf(rows: readonly Row[]): Rollup {
  const columns = new Rollup(rows.length)
  rows.forEach((row, i) => {
    columns.from[i] = row.from
    columns.count[i] = row.count
    columns.min[i] = row.min
    columns.max[i] = row.max
    columns.sum[i] = rounded(row.sum)
    columns.first[i] = row.first
    columns.last[i] = row.last
    columns.integral[i] = rounded(row.integral)
    columns.heldMs[i] = row.heldMs
  })
  return columns
}

function rounded(x: number): number {
  return Number.isFinite(x) ? Number(x.toPrecision(digits)) : x
}

/** For how long a tag stood at each value, in stretches of `stepMs`: what is kept of texts, switches and states. */
export class SpanFold {
  readonly #stepMs: number
  readonly #from: number[] = []
  readonly #value: number[] = []
  readonly #ms: number[] = []
  /** Rows of the present stretch by value. */
  readonly #open = new Map<number, number>()
  #stretch = Number.NaN
  #held: number
  #since: number

  constructor(stepMs: number, from: number, carry: number) {
    this.#stepMs = stepMs
    this.#since = from
    this.#held = carry
  }

  get carry(): number {
    return this.#held
  }

  /** How many values it stood at. */
  get values(): number {
    return new Set(this.#value).size
  }

  add({ at, value, quality }: FoldColumns, first: number, end: number): void {
    for (let i = first; i < end; i++) {
      this.holdUntil(at[i] as number)
      this.#held = isUsable(quality[i] as number) ? (value[i] as number) : Number.NaN
    }
  }

  holdUntil(time: number): void {
    while (this.#since < time && !Number.isNaN(this.#held)) {
      const from = Math.floor(this.#since / this.#stepMs) * this.#stepMs
      const end = Math.min(from + this.#stepMs, time)
      this.#put(from, this.#held, end - this.#since)
      this.#since = end
    }
    this.#since = Math.max(this.#since, time)
  }

  /** Finer spans of the same tag. */
  join(spans: Spans): void {
    for (let i = 0; i < spans.rows; i++) {
      const from = Math.floor((spans.from[i] as number) / this.#stepMs) * this.#stepMs
      this.#put(from, spans.value[i] as number, spans.ms[i] as number)
    }
  }

  *take(maxRows: number): Generator<Spans> {
    for (let first = 0; first < this.#from.length; first += maxRows) {
      const spans = new Spans(Math.min(maxRows, this.#from.length - first))
      for (let i = 0; i < spans.rows; i++) {
        spans.from[i] = this.#from[first + i] as number
        spans.value[i] = this.#value[first + i] as number
        spans.ms[i] = this.#ms[first + i] as number
      }
      yield spans
    }
  }

  #put(from: number, value: number, ms: number): void {
    if (from !== this.#stretch) {
      this.#open.clear()
      this.#stretch = from
    }
    const known = this.#open.get(value)
    if (known !== undefined) this.#ms[known] = (this.#ms[known] as number) + ms
    else {
      this.#open.set(value, this.#from.length)
      this.#from.push(from)
      this.#value.push(value)
      this.#ms.push(ms)
    }
  }
}
