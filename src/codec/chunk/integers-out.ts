import { blockRows, pack, packedBytes, widthOf } from "./bits.ts"
import { type ChunkWriter, folded } from "./bytes-out.ts"
import { form } from "./integers.ts"

const packed = new Uint32Array(blockRows)
/** How many differences of a block have this width. */
const widths = new Uint32Array(34)

/** Writes the first `length` whole numbers, each within 2^50 of 0, in blocks, each in the form that takes least. */
export function writeIntegers(out: ChunkWriter, integers: Float64Array, length: number): void {
  let before = 0
  for (let from = 0; from < length; from += blockRows) {
    const to = Math.min(from + blockRows, length)
    writeBlock(out, integers, { from, to, before })
    before = integers[to - 1] ?? 0
  }
}

interface Rows {
  readonly from: number
  readonly to: number
  /** The number before the first. */
  readonly before: number
}

function writeBlock(out: ChunkWriter, integers: Float64Array, rows: Rows): void {
  const { low, level, lowStep, steps, isSkewed } = spanOf(integers, rows)
  const width = Math.min(level, steps)
  const patched = isSkewed || width > 32 ? cheapestWidth(integers, rows) : undefined
  if (patched && (width > 32 || patched.bytes < packedBytes(rows.to - rows.from, width)))
    writePatched(out, integers, { rows, width: patched.width })
  else if (level <= steps) writeLevels(out, integers, { rows, width, base: low - rows.before })
  else writeSteps(out, integers, { rows, width, base: lowStep })
}

interface Span {
  readonly low: number
  /** Bits of the numbers above the lowest. */
  readonly level: number
  readonly lowStep: number
  /** Bits of the steps above the lowest. */
  readonly steps: number
  readonly isSkewed: boolean
}

function spanOf(integers: Float64Array, { from, to, before }: Rows): Span {
  let low = Infinity
  let high = -Infinity
  let lowStep = Infinity
  let highStep = -Infinity
  let way = 0
  let last = before
  for (let i = from; i < to; i++) {
    const x = integers[i] ?? 0
    const step = x - last
    last = x
    way += Math.abs(step)
    if (x < low) low = x
    if (x > high) high = x
    if (step < lowStep) lowStep = step
    if (step > highStep) highStep = step
  }
  const isSkewed = way * skewed < (highStep - lowStep) * (to - from)
  return { low, level: widthOf(high - low), lowStep, steps: widthOf(highStep - lowStep), isSkewed }
}

/** Patching is tried where the mean step is less than such a part of their span: few wide ones among many narrow. */
const skewed = 12

/** The width for patched steps: what is wider is written apart. */
function cheapestWidth(integers: Float64Array, { from, to, before }: Rows): Choice {
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

interface Choice {
  readonly width: number
  readonly bytes: number
}

interface Form {
  readonly rows: Rows
  readonly width: number
  readonly base: number
}

function writeLevels(out: ChunkWriter, integers: Float64Array, { rows, width, base }: Form): void {
  const { from, to, before } = rows
  const least = before + base
  for (let i = from; i < to; i++) packed[i - from] = (integers[i] ?? 0) - least
  out.byte(form.levels | width)
  out.signed(base)
  pack(packed, { count: to - from, width }, out)
}

function writeSteps(out: ChunkWriter, integers: Float64Array, { rows, width, base }: Form): void {
  const { from, to } = rows
  let last = rows.before
  for (let i = from; i < to; i++) {
    const x = integers[i] ?? 0
    packed[i - from] = x - last - base
    last = x
  }
  out.byte(form.steps | width)
  out.signed(base)
  pack(packed, { count: to - from, width }, out)
}

function writePatched(
  out: ChunkWriter,
  integers: Float64Array,
  { rows, width }: Omit<Form, "base">,
): void {
  const { from, to } = rows
  out.byte(form.patched | width)
  const countAt = out.position
  out.byte(0)
  const limit = 2 ** width
  let last = rows.before
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
  pack(packed, { count: to - from, width }, out)
}
