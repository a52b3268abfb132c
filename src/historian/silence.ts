import type { Instant } from "../model/instant.ts"
import type { TagId } from "../model/tag.ts"
import type { History } from "./historian.ts"

export interface Interval {
  readonly from: Instant
  /** Out. */
  readonly to: Instant
}

const mostCells = 20_000

/** An interval in equal cells, each of which holds a row or not: finds where nothing came for too long. */
export class Cells {
  readonly interval: Interval
  readonly cellMs: number
  readonly #full: Uint8Array

  /** Four cells to what may be silent, but never more than some thousand. */
  constructor(interval: Interval, silentMs: number) {
    const length = Math.max(1, interval.to - interval.from)
    const count = Math.max(1, Math.min(mostCells, Math.ceil((4 * length) / silentMs)))
    this.interval = interval
    this.cellMs = length / count
    this.#full = new Uint8Array(count)
  }

  get count(): number {
    return this.#full.length
  }

  mark(cell: number): void {
    this.#full[cell] = 1
  }

  markAt(at: Instant): void {
    if (at >= this.interval.from && at < this.interval.to)
      this.mark(Math.floor((at - this.interval.from) / this.cellMs))
  }

  /** Runs of empty cells longer than `silentMs`; a run is as long as the times on both its sides may at least be apart. */
  silences(silentMs: number): readonly Interval[] {
    const { interval, cellMs } = this
    const found: Interval[] = []
    let start = 0
    const end = (cell: number) => {
      const from = interval.from + start * cellMs
      const to = Math.min(interval.to, interval.from + cell * cellMs)
      if (to - from > silentMs) found.push({ from, to })
    }
    for (let cell = 0; cell < this.#full.length; cell++) {
      if (this.#full[cell] !== 1) continue
      end(cell)
      start = cell + 1
    }
    end(this.#full.length)
    return found
  }
}

/** Where no usable row of any of these tags stands for longer than `silentMs`, and how many stand in the interval. */
export async function silencesIn(
  history: Pick<History, "aggregate">,
  asked: {
    readonly tags: readonly TagId[]
    readonly interval: Interval
    readonly silentMs: number
  },
  signal: AbortSignal,
): Promise<{ readonly left: readonly Interval[]; readonly rows: number }> {
  const { tags, interval, silentMs } = asked
  if (interval.to <= interval.from) return { left: [], rows: 0 }
  const cells = new Cells(interval, silentMs)
  let rows = 0
  const range = { tags, ...interval }
  for await (const { count } of history.aggregate(range, cells.count, signal))
    for (let cell = 0; cell < count.length; cell++) {
      if (count[cell] === 0) continue
      rows += count[cell] ?? 0
      cells.mark(cell)
    }
  return { left: cells.silences(silentMs), rows }
}
