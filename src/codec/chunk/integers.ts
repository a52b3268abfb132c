import { blockRows, unpack } from "./bits.ts"
import { type ChunkReader, DamagedChunk } from "./bytes.ts"
import { type Rows, Shape } from "./rows.ts"

/**
 * How a block of whole numbers is written; the block's first byte, with the width of its packed numbers in the lower
 * six bits. `levels`: above the block's least, which is written as its difference to the number before the block.
 * `steps`: differences from number to number, above the least difference. `patched`: differences, folded (0, -1, 1, ...
 * as 0, 1, 2, ...); the wide ones are 0 and written apart: how many, then row and difference of each.
 */
export const form = { levels: 0, steps: 64, patched: 128 } as const

const packed = new Uint32Array(blockRows)
const apartRow = new Uint8Array(256)
const apartStep = new Float64Array(256)

/** Reads what `writeIntegers` wrote into the rows. */
export function readIntegers(reader: ChunkReader, into: Float64Array, rows: Rows): void {
  let before = 0
  for (let from = rows.from; from < rows.to; from += blockRows) {
    const to = Math.min(from + blockRows, rows.to)
    before = readBlock(reader, into, new Block(from, to, before))
  }
}

class Block {
  readonly from: number
  readonly to: number
  /** The number before the first. */
  readonly before: number

  constructor(from: number, to: number, before: number) {
    this.from = from
    this.to = to
    this.before = before
  }
}

/** Returns the block's last number. */
function readBlock(reader: ChunkReader, into: Float64Array, block: Block): number {
  const head = reader.byte()
  const width = head & 63
  const kind = head - width
  if (width > 32 || kind > form.patched) throw new DamagedChunk(`got ${head} as form of a block`)
  const shape = new Shape(block.to - block.from, width)
  if (kind === form.patched) {
    const apart = readApart(reader)
    unpack(packed, shape, reader)
    return addPatched(into, block, apart)
  }
  const base = reader.signed()
  unpack(packed, shape, reader)
  return kind === form.levels ? addLevels(into, block, base) : addSteps(into, block, base)
}

function addLevels(into: Float64Array, { from, to, before }: Block, base: number): number {
  const least = before + base
  for (let i = from; i < to; i++) into[i] = least + (packed[i - from] ?? 0)
  return into[to - 1] ?? 0
}

function addSteps(into: Float64Array, { from, to, before }: Block, base: number): number {
  let last = before
  for (let i = from; i < to; i++) {
    last += base + (packed[i - from] ?? 0)
    into[i] = last
  }
  return last
}

/** Fills `apartRow` and `apartStep`; returns how many. */
function readApart(reader: ChunkReader): number {
  const apart = reader.byte()
  for (let i = 0; i < apart; i++) {
    apartRow[i] = reader.byte()
    apartStep[i] = reader.signed()
  }
  return apart
}

function addPatched(into: Float64Array, { from, to, before }: Block, apart: number): number {
  let last = before
  let next = 0
  for (let i = from; i < to; i++) {
    const step = packed[i - from] ?? 0
    if (next < apart && apartRow[next] === i - from) last += apartStep[next++] ?? 0
    else last += (step >>> 1) ^ -(step & 1)
    into[i] = last
  }
  if (next !== apart) throw new DamagedChunk("got a difference for a row that is not there")
  return last
}
