import type { ChunkWriter } from "./bytes-out.ts"
import { form, lineAt, wordsOf } from "./column.ts"
import { findDecimals, integers, type Scaled } from "./decimals.ts"
import { writeExclusive } from "./exclusive-out.ts"
import { writeIntegers } from "./integers-out.ts"
import { riseOf } from "./rise.ts"

/** Whether a column is expected to rise steadily, as times do. */
type Course = "steady" | "free"

/** Writes a column of doubles, every bit, in the form that takes least. */
export function writeColumn(out: ChunkWriter, column: Float64Array, course: Course): void {
  const words = wordsOf(column)
  const start = out.position
  const scaled = findDecimals(column, words)
  if (scaled !== undefined) {
    writeScaled(out, words, { scaled, course })
    if (out.position - start <= column.length * 4) return
  }
  const other = out.position
  out.byte(form.exclusive)
  writeExclusive(out, words)
  if (scaled === undefined) return
  if (out.position - other < other - start) {
    out.bytes.copyWithin(start, other, out.position)
    out.position -= other - start
  } else out.position = other
}

function writeScaled(
  out: ChunkWriter,
  words: Uint32Array,
  { scaled, course }: { scaled: Scaled; course: Course },
): void {
  const { decimals, first, isFloat, others } = scaled
  const length = words.length / 2
  const rise = course === "steady" ? riseOf(integers, length) : 0
  out.byte((isFloat ? form.float : form.decimal) | (rise === 0 ? 0 : form.steady) | decimals)
  out.double(first)
  if (rise !== 0) {
    out.double(rise)
    for (let i = 0; i < length; i++) integers[i] = (integers[i] ?? 0) - lineAt(i, rise)
  }
  out.whole(others.length)
  let at = 0
  for (const { from, to } of others) {
    out.whole(from - at)
    out.whole(to - from)
    out.word(words[2 * from] ?? 0)
    out.word(words[2 * from + 1] ?? 0)
    at = to
  }
  writeIntegers(out, integers, length)
}
