import { grown } from "../../model/block.ts"

/** What stands in a field. */
export const fieldKind = {
  float: 0,
  /** A whole number of 64 bits, signed (`i`) or not (`u`), that a double holds. */
  integer: 1,
  /** One that a double does not hold: the value is the double next to it. */
  rounded: 2,
  /** 0 or 1. */
  boolean: 3,
  /** The value is the place of the text in the message. */
  text: 4,
} as const

/** The fields of a message as columns: row i is one field of one line, in the order of the message. */
export class LineRows {
  length = 0
  /** Which series and field: a number that the reader gave to both together. */
  column: Uint32Array = new Uint32Array(1024)
  /** Milliseconds since 1970 UTC, with fractions; NaN where the line has no time. */
  at: Float64Array = new Float64Array(1024)
  value: Float64Array = new Float64Array(1024)
  /** Of `fieldKind`. */
  kind: Uint8Array = new Uint8Array(1024)

  /** Writes the next row, whose time is not known yet, without counting it. */
  put(value: number, kind: number): void {
    if (this.length === this.column.length) this.#grow()
    this.value[this.length] = value
    this.kind[this.length] = kind
  }

  /** Counts the row that was put. */
  keep(column: number): void {
    this.column[this.length++] = column
  }

  setTime(from: number, at: number): void {
    const { length, at: times } = this
    for (let row = from; row < length; row++) times[row] = at
  }

  #grow(): void {
    const size = this.column.length * 2
    this.column = grown(this.column, new Uint32Array(size))
    this.at = grown(this.at, new Float64Array(size))
    this.value = grown(this.value, new Float64Array(size))
    this.kind = grown(this.kind, new Uint8Array(size))
  }
}
