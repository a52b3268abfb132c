import type { ChunkReader } from "./bytes.ts"
import type { Shape } from "./rows.ts"

/** Columns are packed in blocks of so many rows, each with the width that its own values need. */
export const blockRows = 128

/** Bits of a whole number from 0 on; 33 stands for all beyond 32 bits. */
export function widthOf(value: number): number {
  return value < 2 ** 32 ? 32 - Math.clz32(value) : 33
}

/** Bytes that so many values of this width take: whole words. */
export function packedBytes(count: number, width: number): number {
  return ((count * width + 31) >>> 5) << 2
}

/** Writes `count` values, each below 2^width, one behind the other from the lowest bit on. */
export function pack(
  values: Uint32Array,
  { count, width }: Shape,
  to: { view: DataView; position: number },
): void {
  if (width === 0) return
  const { view } = to
  let { position } = to
  let word = 0
  let filled = 0
  for (let i = 0; i < count; i++) {
    const value = values[i] ?? 0
    word |= value << filled
    filled += width
    if (filled >= 32) {
      view.setUint32(position, word, true)
      position += 4
      filled -= 32
      word = filled > 0 ? value >>> (width - filled) : 0
    }
  }
  if (filled > 0) {
    view.setUint32(position, word, true)
    position += 4
  }
  to.position = position
}

/** Reads what `pack` wrote. */
export function unpack(values: Uint32Array, { count, width }: Shape, reader: ChunkReader): void {
  if (width === 0) {
    values.fill(0, 0, count)
    return
  }
  const mask = 0xffffffff >>> (32 - width)
  const { view } = reader
  let at = reader.take(packedBytes(count, width))
  let word = 0
  let left = 0
  for (let i = 0; i < count; i++) {
    if (left >= width) {
      values[i] = word & mask
      word >>>= width
      left -= width
      continue
    }
    const next = view.getUint32(at, true)
    at += 4
    values[i] = (word | (next << left)) & mask
    const used = width - left
    word = used < 32 ? next >>> used : 0
    left = 32 - used
  }
}
