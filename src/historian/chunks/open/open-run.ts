import type { Block } from "../../../model/block.ts"
import type { TagId } from "../../../model/tag.ts"
import type { LastSample } from "../../historian.ts"
import type { Run } from "../run.ts"
import type { Rooms } from "./rooms.ts"
import { columnsIn, type SharedRun } from "./shared-run.ts"

/** Rows at which a run is sealed. */
export const fullRun = 1024

const firstRoom = 32

/** A block's rows as they are added: always of one shape, which is what V8 compiles best. */
export class AddedRows {
  readonly length: number
  readonly tag: Uint32Array
  readonly at: Float64Array
  readonly value: Float64Array
  readonly quality: Uint8Array
  readonly origin: number
  readonly sequence: number

  constructor(block: Block, origin: number) {
    this.length = block.length
    this.tag = block.tag
    this.at = block.at
    this.value = block.value
    this.quality = block.quality
    this.origin = origin
    this.sequence = block.sequence
  }
}

/** A last sample and its place among others of its time. */
export interface Newest extends LastSample {
  readonly origin: number
  readonly number: number
}

/** The last of so many rows. */
export function newestIn(run: Omit<Run, "tag">, length: number): Newest | undefined {
  const i = length - 1
  if (i < 0) return undefined
  return {
    at: run.at[i] as number,
    value: run.value[i] as number,
    quality: run.quality[i] as number,
    origin: run.origin[i] as number,
    number: run.number[i] as number,
  }
}

/** One tag's newest rows, in order; a row that is there already is replaced. */
export class OpenRun {
  readonly tag: TagId
  /** The journal's generation in which its first row came. */
  readonly since: number
  readonly #rooms: Rooms
  readonly #full: number
  #length = 0
  #capacity = firstRoom
  #buffer: SharedArrayBuffer
  #at: Float64Array
  #value: Float64Array
  #quality: Uint8Array
  #origin: Uint32Array
  #number: Float64Array

  constructor(options: {
    readonly tag: TagId
    readonly since: number
    readonly rooms: Rooms
    /** For how many rows, about, there should be room at first. */
    readonly usual: number
    /** Rows at which it is to be sealed. */
    readonly full: number
  }) {
    this.tag = options.tag
    this.since = options.since
    this.#rooms = options.rooms
    this.#full = options.full
    while (this.#capacity < Math.min(options.usual, fullRun)) this.#capacity *= 2
    this.#buffer = this.#rooms.take(this.#capacity)
    const columns = columnsIn(this.#buffer, this.#capacity)
    this.#at = columns.at
    this.#value = columns.value
    this.#quality = columns.quality
    this.#origin = columns.origin
    this.#number = columns.number
  }

  get length(): number {
    return this.#length
  }

  get isFull(): boolean {
    return this.#length >= this.#full
  }

  get lastAt(): number {
    return this.#at[this.#length - 1] ?? Number.NEGATIVE_INFINITY
  }

  newest(): Newest | undefined {
    return newestIn(columnsIn(this.#buffer, this.#capacity), this.#length)
  }

  /** False where it replaced a row. */
  add(rows: AddedRows, row: number): boolean {
    const at = rows.at[row] as number
    const number = rows.sequence + row
    const last = this.#length - 1
    if (
      last < 0 ||
      at > (this.#at[last] as number) ||
      this.#compare(last, at, rows.origin, number) < 0
    ) {
      if (this.#length === this.#capacity) this.#grow()
      this.#put(this.#length++, rows, row)
      return true
    }
    return this.#insert(rows, row)
  }

  /** The rows as they are now, without copying: to be frozen, so nothing may be added any more. */
  share(): SharedRun {
    const { tag } = this
    return { tag, buffer: this.#buffer, capacity: this.#capacity, length: this.#length }
  }

  /** A copy of the rows as they are now. */
  copy(): Run {
    const length = this.#length
    return {
      tag: this.tag,
      at: this.#at.slice(0, length),
      value: this.#value.slice(0, length),
      quality: this.#quality.slice(0, length),
      origin: this.#origin.slice(0, length),
      number: this.#number.slice(0, length),
    }
  }

  #insert(rows: AddedRows, row: number): boolean {
    const at = rows.at[row] as number
    const number = rows.sequence + row
    let low = 0
    let high = this.#length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#compare(middle, at, rows.origin, number) < 0) low = middle + 1
      else high = middle
    }
    if (low < this.#length && this.#compare(low, at, rows.origin, number) === 0) {
      this.#put(low, rows, row)
      return false
    }
    if (this.#length === this.#capacity) this.#grow()
    const end = this.#length++
    for (const column of this.#columns()) column.copyWithin(low + 1, low, end)
    this.#put(low, rows, row)
    return true
  }

  #put(i: number, rows: AddedRows, row: number): void {
    this.#at[i] = rows.at[row] as number
    this.#value[i] = rows.value[row] as number
    this.#quality[i] = rows.quality[row] as number
    this.#origin[i] = rows.origin
    this.#number[i] = rows.sequence + row
  }

  #compare(i: number, at: number, origin: number, number: number): number {
    return (
      (this.#at[i] as number) - at ||
      (this.#origin[i] as number) - origin ||
      (this.#number[i] as number) - number
    )
  }

  #columns() {
    return [this.#at, this.#value, this.#quality, this.#origin, this.#number]
  }

  #grow(): void {
    const capacity = this.#capacity * 2
    const buffer = this.#rooms.take(capacity)
    const columns = columnsIn(buffer, capacity)
    columns.at.set(this.#at)
    columns.value.set(this.#value)
    columns.quality.set(this.#quality)
    columns.origin.set(this.#origin)
    columns.number.set(this.#number)
    this.#rooms.give(this.#buffer)
    this.#capacity = capacity
    this.#buffer = buffer
    this.#at = columns.at
    this.#value = columns.value
    this.#quality = columns.quality
    this.#origin = columns.origin
    this.#number = columns.number
  }
}
