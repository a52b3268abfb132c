import { blockRows, pack } from "./bits.ts"
import type { ChunkWriter } from "./bytes-out.ts"
import { Rows, Shape } from "./rows.ts"

const lower = new Uint32Array(blockRows)
const upper = new Uint32Array(blockRows)

/** Writes all doubles of a column, given by their words; see `exclusive.ts`. */
export function writeExclusive(out: ChunkWriter, words: Uint32Array): void {
  const length = words.length / 2
  for (let from = 0; from < length; from += blockRows)
    writeBlock(out, words, new Rows(from, Math.min(from + blockRows, length)))
}

function writeBlock(out: ChunkWriter, words: Uint32Array, { from, to }: Rows): void {
  const count = to - from
  let anyLow = 0
  let anyHigh = 0
  for (let i = 0; i < count; i++) {
    const at = 2 * (from + i)
    const low = (words[at] ?? 0) ^ (words[at - 2] ?? 0)
    const high = (words[at + 1] ?? 0) ^ (words[at - 1] ?? 0)
    lower[i] = low
    upper[i] = high
    anyLow |= low
    anyHigh |= high
  }
  const shift = lowZeros(anyLow, anyHigh)
  const width = highestBit(anyLow, anyHigh) - shift
  out.byte(shift)
  out.byte(width)
  if (shift > 0) shiftDown(count, shift)
  pack(lower, new Shape(count, Math.min(width, 32)), out)
  pack(upper, new Shape(count, Math.max(width - 32, 0)), out)
}

/** How many of the lowest bits are 0; 0 where all are. */
function lowZeros(low: number, high: number): number {
  if (low !== 0) return 31 - Math.clz32(low & -low)
  return high === 0 ? 0 : 63 - Math.clz32(high & -high)
}

/** Where the highest bit that is 1 stands, counted from 1; 0 where all are 0. */
function highestBit(low: number, high: number): number {
  return high === 0 ? 32 - Math.clz32(low) : 64 - Math.clz32(high)
}

function shiftDown(count: number, shift: number): void {
  for (let i = 0; i < count; i++) {
    const high = upper[i] ?? 0
    if (shift < 32) {
      lower[i] = ((lower[i] ?? 0) >>> shift) | (high << (32 - shift))
      upper[i] = high >>> shift
    } else {
      lower[i] = high >>> (shift - 32)
      upper[i] = 0
    }
  }
}
