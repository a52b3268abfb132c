import { type ChunkReader, DamagedChunk } from "./bytes.ts"
import { readExclusive } from "./exclusive.ts"
import { readIntegers } from "./integers.ts"
import type { Rows } from "./rows.ts"

/**
 * How a column of doubles is written; its first byte, with the decimals in the lower four bits. `exclusive`: by XOR
 * (see `exclusive.ts`). `decimal`: as whole numbers of the last decimal, above the first; `float`: so too, each rounded
 * to 32 bits after division, as a PLC's floats are. With `steady`, the numbers stand above a line of steady rise.
 */
export const form = { exclusive: 0, decimal: 64, float: 128, steady: 32 } as const

/** At most so many decimals: a nanosecond of a second, a micrometre of a kilometre. */
export const mostDecimals = 9

/** A column's words: its doubles bit by bit, the lower 32 bits first. */
export function wordsOf(column: Float64Array): Uint32Array {
  return new Uint32Array(column.buffer, column.byteOffset, column.length * 2)
}

/** Reads what `writeColumn` wrote into the rows. */
export function readColumn(reader: ChunkReader, into: Float64Array, rows: Rows): void {
  const head = reader.byte()
  if (head === form.exclusive) {
    readExclusive(reader, wordsOf(into), rows)
    return
  }
  const decimals = head & 15
  const kind = head & ~(15 | form.steady)
  if (decimals > mostDecimals || (kind !== form.decimal && kind !== form.float))
    throw new DamagedChunk(`got ${head} as form of a column`)
  const first = reader.double()
  const rise = head & form.steady ? reader.double() : 0
  const others = readOthers(reader, rows)
  readIntegers(reader, into, rows)
  if (rise !== 0) addLine(into, rows, rise)
  divide(into, rows, new Scale(first, 10 ** decimals, kind === form.float))
  const words = wordsOf(into)
  for (const { from, to, low, high } of others)
    for (let i = from; i < to; i++) {
      words[2 * i] = low
      words[2 * i + 1] = high
    }
}

/** The line's height at row i, from the column's first row on: the same for who writes and who reads. */
export function lineAt(row: number, rise: number): number {
  return Math.floor(row * rise)
}

function addLine(into: Float64Array, { from, to }: Rows, rise: number): void {
  for (let i = from; i < to; i++) into[i] = (into[i] ?? 0) + lineAt(i - from, rise)
}

class Scale {
  readonly first: number
  readonly unit: number
  readonly isFloat: boolean

  constructor(first: number, unit: number, isFloat: boolean) {
    this.first = first
    this.unit = unit
    this.isFloat = isFloat
  }
}

function divide(into: Float64Array, { from, to }: Rows, { first, unit, isFloat }: Scale): void {
  if (isFloat) {
    for (let i = from; i < to; i++) into[i] = Math.fround((first + (into[i] ?? 0)) / unit)
  } else if (unit === 1) for (let i = from; i < to; i++) into[i] = first + (into[i] ?? 0)
  else for (let i = from; i < to; i++) into[i] = (first + (into[i] ?? 0)) / unit
}

/** Rows that hold no such decimal, each run with its bits. */
interface Run {
  readonly from: number
  readonly to: number
  readonly low: number
  readonly high: number
}

function readOthers(reader: ChunkReader, rows: Rows): Run[] {
  const runs = reader.whole()
  const found: Run[] = []
  let at = rows.from
  for (let i = 0; i < runs; i++) {
    const from = at + reader.whole()
    at = from + reader.whole()
    if (at > rows.to) throw new DamagedChunk("got a value behind the last row")
    const place = reader.take(8)
    const low = reader.view.getUint32(place, true)
    found.push({ from, to: at, low, high: reader.view.getUint32(place + 4, true) })
  }
  return found
}
