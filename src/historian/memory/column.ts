import type { Block, SourceId } from "../../model/block.ts"
import type { TagId } from "../../model/tag.ts"
import type { Interval } from "../forget.ts"
import type { LastSample, StoredBlock } from "../historian.ts"

const mostRows = 4096

/** All samples of one tag as columns, in the order of time, source and number; put in order when somebody reads. */
export class TagColumn {
  readonly #tag: TagId
  #length = 0
  /** Rows from here on came out of order. */
  #ordered = 0
  #at = new Float64Array(64)
  #value = new Float64Array(64)
  #quality = new Uint8Array(64)
  #origin = new Uint32Array(64)
  #number = new Float64Array(64)

  constructor(tag: TagId) {
    this.#tag = tag
  }

  /** Adds one row of a block. */
  add(block: Block, row: number, origin: number): void {
    if (this.#length === this.#at.length) this.#resize(this.#length * 2)
    const i = this.#length++
    this.#at[i] = block.at[row] ?? 0
    this.#value[i] = block.value[row] ?? 0
    this.#quality[i] = block.quality[row] ?? 0
    this.#origin[i] = origin
    this.#number[i] = block.sequence + row
    if (this.#ordered === i && (i === 0 || this.#compare(i - 1, i) < 0)) this.#ordered = i + 1
  }

  get length(): number {
    this.#order()
    return this.#length
  }

  /** Rows of an interval, copied, in blocks of bounded size. */
  read({ from, to }: Interval, sources: readonly SourceId[]): StoredBlock[] {
    this.#order()
    const blocks: StoredBlock[] = []
    const end = this.#firstFrom(to)
    for (let i = this.#firstFrom(from); i < end; i += mostRows)
      blocks.push(this.#slice(i, Math.min(i + mostRows, end), sources))
    return blocks
  }

  before(then: number): LastSample | undefined {
    this.#order()
    const i = this.#firstFrom(then) - 1
    if (i < 0) return undefined
    return { at: this.#at[i] ?? 0, value: this.#value[i] ?? 0, quality: this.#quality[i] ?? 0 }
  }

  forget({ from, to }: Interval): void {
    this.#order()
    const [first, end] = [this.#firstFrom(from), this.#firstFrom(to)]
    for (const column of this.#columns()) column.copyWithin(first, end, this.#length)
    this.#length -= end - first
    this.#ordered = this.#length
  }

  #slice(from: number, to: number, sources: readonly SourceId[]): StoredBlock {
    const origin = this.#origin.slice(from, to)
    return {
      source: sources[origin[0] ?? 0] as SourceId,
      sequence: this.#number[from] ?? 0,
      received: Number.NaN,
      length: to - from,
      tag: new Uint32Array(to - from).fill(this.#tag),
      at: this.#at.slice(from, to),
      value: this.#value.slice(from, to),
      quality: this.#quality.slice(from, to),
      sources,
      origin,
      number: this.#number.slice(from, to),
    }
  }

  /** Sorts late rows into their places; of rows delivered again the last stays. */
  #order(): void {
    const length = this.#length
    if (this.#ordered === length) return
    const order = Uint32Array.from({ length }, (_, i) => i)
    order.sort((a, b) => this.#compare(a, b) || a - b)
    const kept = order.filter((row, i) => {
      const next = order[i + 1]
      return next === undefined || this.#compare(row, next) !== 0
    })
    for (const column of this.#columns()) {
      const old = column.slice(0, length)
      for (const [i, row] of kept.entries()) column[i] = old[row] ?? 0
    }
    this.#length = kept.length
    this.#ordered = kept.length
  }

  #compare(a: number, b: number): number {
    return (
      (this.#at[a] ?? 0) - (this.#at[b] ?? 0) ||
      (this.#origin[a] ?? 0) - (this.#origin[b] ?? 0) ||
      (this.#number[a] ?? 0) - (this.#number[b] ?? 0)
    )
  }

  #firstFrom(at: number): number {
    let low = 0
    let high = this.#length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#at[middle] ?? 0) < at) low = middle + 1
      else high = middle
    }
    return low
  }

  #columns() {
    return [this.#at, this.#value, this.#quality, this.#origin, this.#number]
  }

  #resize(size: number): void {
    const [at, value, quality, origin, number] = [
      this.#at,
      this.#value,
      this.#quality,
      this.#origin,
      this.#number,
    ]
    this.#at = new Float64Array(size)
    this.#value = new Float64Array(size)
    this.#quality = new Uint8Array(size)
    this.#origin = new Uint32Array(size)
    this.#number = new Float64Array(size)
    this.#at.set(at)
    this.#value.set(value)
    this.#quality.set(quality)
    this.#origin.set(origin)
    this.#number.set(number)
  }
}
