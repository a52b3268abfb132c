import { blockRows, pack, packedBytes, widthOf } from "./bits.ts"
import { type ChunkWriter, folded } from "./bytes-out.ts"
import { form } from "./integers.ts"
import { Shape } from "./rows.ts"

const packed = new Uint32Array(blockRows)
/** How many differences of a block have this width. */
const widths = new Uint32Array(34)

/** Writes the first `length` whole numbers, each within 2^50 of 0, in blocks, each in the form that takes least. */
export function writeIntegers(out: ChunkWriter, integers: Float64Array, length: number): void {
  let before = 0
  for (let from = 0; from < length; from += blockRows) {
    const to = Math.min(from + blockRows, length)
    writeBlock(out, integers, new Block(from, to, before))
    before = integers[to - 1] ?? 0
  }
}

class Block {
  readonly from: number
  readonly to: number
  /** The number before the first. */
  readonly before: number
  low = Infinity
  high = -Infinity
  lowStep = Infinity
  highStep = -Infinity
  /** Sum of all steps, up or down. */
  way = 0

  constructor(from: number, to: number, before: number) {
    this.from = from
    this.to = to
    this.before = before
  }

  get count(): number {
    return this.to - this.from
  }
}

/** Patching is tried where the mean step is less than such a part of their span: few wide ones among many narrow. */
const skewed = 12

function writeBlock(out: ChunkWriter, integers: Float64Array, block: Block): void {
  span(integers, block)
  const { count, low, high, lowStep, highStep, way, before } = block
  const level = widthOf(high - low)
  const steps = widthOf(highStep - lowStep)
  const width = Math.min(level, steps)
  if (width > 32 || way * skewed < (highStep - lowStep) * count) {
    const patched = cheapestPatch(integers, block)
    if (width > 32 || patched.bytes < packedBytes(count, width)) {
      writePatched(out, integers, { block, width: patched.width })
      return
    }
  }
  out.byte((level <= steps ? form.levels : form.steps) | width)
  out.signed(level <= steps ? low - before : lowStep)
  if (level <= steps) takeLevels(integers, block)
  else takeSteps(integers, block)
  pack(packed, new Shape(count, width), out)
}

function span(integers: Float64Array, block: Block): void {
  let low = Infinity
  let high = -Infinity
  let lowStep = Infinity
  let highStep = -Infinity
  let way = 0
  let last = block.before
  for (let i = block.from; i < block.to; i++) {
    const x = integers[i] ?? 0
    const step = x - last
    last = x
    way += Math.abs(step)
    if (x < low) low = x
    if (x > high) high = x
    if (step < lowStep) lowStep = step
    if (step > highStep) highStep = step
  }
  block.low = low
  block.high = high
  block.lowStep = lowStep
  block.highStep = highStep
  block.way = way
}

function takeLevels(integers: Float64Array, { from, to, low }: Block): void {
  for (let i = from; i < to; i++) packed[i - from] = (integers[i] ?? 0) - low
}

function takeSteps(integers: Float64Array, { from, to, before, lowStep }: Block): void {
  let last = before
  for (let i = from; i < to; i++) {
    const x = integers[i] ?? 0
    packed[i - from] = x - last - lowStep
    last = x
  }
}

/** The width for patched steps: what is wider is written apart. */
function cheapestPatch(
  integers: Float64Array,
  { from, to, before }: Block,
): { width: number; bytes: number } {
  widths.fill(0)
  let last = before
  for (let i = from; i < to; i++) {
    const x = integers[i] ?? 0
    const width = widthOf(folded(x - last))
    last = x
    widths[width] = (widths[width] ?? 0) + 1
  }
  let widest = 33
  while (widest > 0 && widths[widest] === 0) widest--
  const each = 1 + (widest > 32 ? 8 : Math.ceil(widest / 7))
  let best = { width: 0, bytes: Infinity }
  let apart = 0
  for (let width = widest; width >= 0; width--) {
    const bytes = packedBytes(to - from, width) + apart * each
    if (width <= 32 && bytes < best.bytes) best = { width, bytes }
    apart += widths[width] ?? 0
  }
  return best
}

function writePatched(
  out: ChunkWriter,
  integers: Float64Array,
  { block, width }: { block: Block; width: number },
): void {
  const { from, to, before, count } = block
  out.byte(form.patched | width)
  const countAt = out.position
  out.byte(0)
  const limit = 2 ** width
  let last = before
  let apart = 0
  for (let i = from; i < to; i++) {
    const x = integers[i] ?? 0
    const step = folded(x - last)
    last = x
    if (step < limit) packed[i - from] = step
    else {
      packed[i - from] = 0
      out.byte(i - from)
      out.whole(step)
      apart++
    }
  }
  out.bytes[countAt] = apart
  pack(packed, new Shape(count, width), out)
}
