import { blockRows, pack } from "./bits.ts"
import type { ChunkWriter } from "./bytes-out.ts"

const lower = new Uint32Array(blockRows)
const upper = new Uint32Array(blockRows)

/** Writes all doubles of a column, given by their words; see `exclusive.ts`. */
export function writeExclusive(out: ChunkWriter, words: Uint32Array): void {
  const length = words.length / 2
  for (let from = 0; from < length; from += blockRows)
    writeBlock(out, words, { from, count: Math.min(blockRows, length - from) })
}

function writeBlock(
  out: ChunkWriter,
  words: Uint32Array,
  { from, count }: { from: number; count: number },
): void {
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
  const width = 64 - shift - (anyHigh === 0 ? 32 + Math.clz32(anyLow) : Math.clz32(anyHigh))
  out.byte(shift)
  out.byte(Math.max(width, 0))
  if (shift > 0) shiftDown(count, shift)
  pack(lower, { count, width: Math.min(Math.max(width, 0), 32) }, out)
  pack(upper, { count, width: Math.max(width - 32, 0) }, out)
}

/** How many of the lowest bits are 0; 64 where all are. */
function lowZeros(low: number, high: number): number {
  if (low !== 0) return 31 - Math.clz32(low & -low)
  return high === 0 ? 64 : 63 - Math.clz32(high & -high)
}

function shiftDown(count: number, shift: number): void {
  for (let i = 0; i < count; i++) {
    const high = upper[i] ?? 0
    if (shift < 32) {
      lower[i] = ((lower[i] ?? 0) >>> shift) | (high << (32 - shift))
      upper[i] = high >>> shift
    } else {
      lower[i] = shift < 64 ? high >>> (shift - 32) : 0
      upper[i] = 0
    }
  }
}
