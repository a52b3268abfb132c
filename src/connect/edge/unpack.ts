import { DamagedChunk, type Parcel, type TagRun } from "../../codec/delivery.ts"
import type { Block, SourceId } from "../../model/block.ts"

/** A parcel may hold at most so many rows; an edge makes them of a third. */
const mostRows = 4_000_000

/** The rows of a parcel as they once came: blocks of each source, whose numbers count on, in their order. */
export function blocksOf({ head, runs }: Parcel): readonly Block[] {
  if (head.rows > mostRows)
    throw new DamagedChunk(`got ${head.rows} rows, expected at most ${mostRows}`)
  const bySource = Map.groupBy(runs, ({ source }) => source)
  return [...bySource].flatMap(([source, some]) =>
    blocksOfSource(head.sources[source] as SourceId, some),
  )
}

function blocksOfSource(source: SourceId, runs: readonly TagRun[]): readonly Block[] {
  const rows = new Rows(runs)
  const places = rows.places()
  const sorted = new Rows([], rows.length)
  for (let row = 0; row < rows.length; row++) sorted.copy(rows, row, places[row] as number)
  const blocks: Block[] = []
  for (let from = 0; from < sorted.length; ) {
    let to = from + 1
    while (to < sorted.length && sorted.number[to] === (sorted.number[to - 1] as number) + 1) to++
    blocks.push(sorted.block(source, from, to))
    from = to
  }
  return blocks
}

/** Rows of one source as columns. */
class Rows {
  readonly length: number
  readonly number: Float64Array
  readonly #tag: Uint32Array
  readonly #at: Float64Array
  readonly #value: Float64Array
  readonly #quality: Uint8Array

  constructor(runs: readonly TagRun[], length = rowsOf(runs)) {
    this.length = length
    this.number = new Float64Array(length)
    this.#tag = new Uint32Array(length)
    this.#at = new Float64Array(length)
    this.#value = new Float64Array(length)
    this.#quality = new Uint8Array(length)
    let next = 0
    for (const { tag, at, value, quality, number } of runs) {
      this.#tag.fill(tag, next, next + at.length)
      this.#at.set(at, next)
      this.#value.set(value, next)
      this.#quality.set(quality, next)
      this.number.set(number, next)
      next += at.length
    }
  }

  copy(from: Rows, row: number, to: number): void {
    this.number[to] = from.number[row] as number
    this.#tag[to] = from.#tag[row] as number
    this.#at[to] = from.#at[row] as number
    this.#value[to] = from.#value[row] as number
    this.#quality[to] = from.#quality[row] as number
  }

  block(source: SourceId, from: number, to: number): Block {
    return {
      ...{ source, sequence: this.number[from] as number, received: 0, length: to - from },
      tag: this.#tag.subarray(from, to),
      at: this.#at.subarray(from, to),
      value: this.#value.subarray(from, to),
      quality: this.#quality.subarray(from, to),
    }
  }

  /** Where each row stands in the order of numbers; rows that came twice stand behind all others. */
  places(): Uint32Array {
    const { number, length } = this
    let least = Number.POSITIVE_INFINITY
    for (let i = 0; i < length; i++) if ((number[i] as number) < least) least = number[i] as number
    const places = new Uint32Array(length)
    const isTaken = new Uint8Array(length)
    for (let i = 0; i < length; i++) {
      const place = (number[i] as number) - least
      if (!(place < length) || isTaken[place] === 1) return this.#sortedPlaces()
      isTaken[place] = 1
      places[i] = place
    }
    return places
  }

  #sortedPlaces(): Uint32Array {
    const { number, length } = this
    const order = Uint32Array.from({ length }, (_, i) => i)
    order.sort((a, b) => (number[a] as number) - (number[b] as number) || a - b)
    const again = new Uint32Array(length)
    for (let i = 1; i < length; i++) {
      const [row, before] = [order[i] as number, order[i - 1] as number]
      if (number[row] === number[before]) again[row] = (again[before] as number) + 1
    }
    order.sort(
      (a, b) =>
        (again[a] as number) - (again[b] as number) ||
        (number[a] as number) - (number[b] as number),
    )
    const places = new Uint32Array(length)
    for (let i = 0; i < length; i++) places[order[i] as number] = i
    return places
  }
}

function rowsOf(runs: readonly TagRun[]): number {
  let rows = 0
  for (const { at } of runs) rows += at.length
  return rows
}
