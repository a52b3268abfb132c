import { createHash } from "node:crypto"
import type { Block } from "../model/block.ts"

/**
 * SHA-256, hex, over samples as they were read: over the digests of their columns tag (unsigned 32-bit), at, value
 * (IEEE 754 binary64, every NaN the same) and quality (8-bit), little-endian. How the rows are cut into blocks makes no
 * difference, so evidence can be checked whenever its interval is read again.
 */
export async function digestOf(blocks: Iterable<Block> | AsyncIterable<Block>): Promise<string> {
  const digest = new SampleDigest()
  for await (const block of blocks) digest.add(block)
  return digest.hex()
}

/** The digest of samples that are given piece by piece. */
export class SampleDigest {
  readonly #columns = [0, 1, 2, 3].map(() => createHash("sha256"))

  /** Rows `from` to before `to`, all where absent. */
  add({ length, tag, at, value, quality }: Block, from = 0, to = length): void {
    if (from >= to) return
    const parts = [tag, at, withOneNaN(value.subarray(from, to)), quality]
    for (const [i, part] of parts.entries())
      this.#columns[i]?.update(i === 2 ? part : part.subarray(from, to))
  }

  hex(): string {
    const whole = createHash("sha256")
    for (const column of this.#columns) whole.update(column.digest())
    return whole.digest("hex")
  }
}

/** The bits of a NaN carry no meaning and may differ between machines; those of numbers stay as they are. */
function withOneNaN(value: Float64Array): Float64Array {
  return value.some(Number.isNaN) ? value.map((v) => (Number.isNaN(v) ? Number.NaN : v)) : value
}
