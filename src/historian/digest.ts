import { createHash } from "node:crypto"
import type { Block } from "../model/block.ts"

/**
 * SHA-256, hex, over samples as they were read: over the digests of their columns tag (unsigned 32-bit), at, value
 * (IEEE 754 binary64, every NaN the same) and quality (8-bit), little-endian. How the rows are cut into blocks makes no
 * difference, so evidence can be checked whenever its interval is read again.
 */
export async function digestOf(blocks: Iterable<Block> | AsyncIterable<Block>): Promise<string> {
  const columns = [0, 1, 2, 3].map(() => createHash("sha256"))
  for await (const { length, tag, at, value, quality } of blocks) {
    const parts = [tag, at, withOneNaN(value), quality]
    for (const [i, part] of parts.entries()) columns[i]?.update(part.subarray(0, length))
  }
  const whole = createHash("sha256")
  for (const column of columns) whole.update(column.digest())
  return whole.digest("hex")
}

/** The bits of a NaN carry no meaning and may differ between machines; those of numbers stay as they are. */
function withOneNaN(value: Float64Array): Float64Array {
  return value.some(Number.isNaN) ? value.map((v) => (Number.isNaN(v) ? Number.NaN : v)) : value
}
