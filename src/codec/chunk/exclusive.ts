import { blockRows, unpack } from "./bits.ts"
import { type ChunkReader, DamagedChunk } from "./bytes.ts"
import { type Rows, Shape } from "./rows.ts"

/*
 * Doubles that are no decimals, by XOR with the one before: neighbours share sign, exponent and the highest bits of the
 * fraction, 32-bit floats also the lowest. Blocks of `blockRows`, each with two bytes - how many of the lowest bits
 * are 0 in all of its rows, how many stay above them - and then the bits that stay: of all rows the lower 32, then the rest.
 */

const lower = new Uint32Array(blockRows)
const upper = new Uint32Array(blockRows)

/** Reads what `writeExclusive` wrote into the rows; `words` are the whole column's. */
export function readExclusive(reader: ChunkReader, words: Uint32Array, rows: Rows): void {
  let low = 0
  let high = 0
  for (let from = rows.from; from < rows.to; from += blockRows) {
    const count = Math.min(blockRows, rows.to - from)
    const shift = reader.byte()
    const width = reader.byte()
    if (shift + width > 64) throw new DamagedChunk(`got ${width} bits above ${shift}`)
    const lowWidth = Math.min(width, 32)
    unpack(lower, new Shape(count, lowWidth), reader)
    unpack(upper, new Shape(count, width - lowWidth), reader)
    for (let i = 0; i < count; i++) {
      const l = lower[i] ?? 0
      const u = upper[i] ?? 0
      if (shift === 0) {
        low ^= l
        high ^= u
      } else if (shift < 32) {
        low ^= l << shift
        high ^= (u << shift) | (l >>> (32 - shift))
      } else high ^= l << (shift - 32)
      words[2 * (from + i)] = low
      words[2 * (from + i) + 1] = high
    }
  }
}
