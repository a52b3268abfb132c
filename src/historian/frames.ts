import type { Block } from "../model/block.ts"
import type { Instant } from "../model/instant.ts"
import { isUsable } from "../model/quality.ts"
import type { ReadTag } from "./buckets.ts"
import type { AlignOptions, Frame, Range } from "./historian.ts"

const mostSteps = 4096

/** Puts many tags on one grid, reading each tag once. */
export async function* alignTags(
  readTag: ReadTag,
  wanted: { readonly range: Range; readonly stepMs: number; readonly options: AlignOptions },
  signal: AbortSignal,
): AsyncGenerator<Frame> {
  const { range, stepMs } = wanted
  const { holdMs } = wanted.options
  if (!(stepMs > 0)) throw new RangeError(`stepMs is ${stepMs}, expected more than 0`)
  const { tags, from, to } = range
  const steps = Math.max(0, Math.ceil((to - from) / stepMs))
  const held = tags.map((tag) => new Held(readTag({ tag, from: from - holdMs, to }, signal)))
  try {
    for (let first = 0; first < steps; first += mostSteps) {
      signal.throwIfAborted()
      const at = new Float64Array(Math.min(mostSteps, steps - first))
      for (let i = 0; i < at.length; i++) at[i] = from + (first + i) * stepMs
      const values: Float64Array[] = []
      for (const tag of held) values.push(await tag.on(at, holdMs))
      yield { at, values }
    }
  } finally {
    for (const tag of held) await tag.close()
  }
}

/** One tag's samples, gone through once in the order of their times. */
class Held {
  readonly #blocks: AsyncIterator<Block>
  #block: Block | undefined
  #row = 0
  #ended = false
  #at: Instant = Number.NEGATIVE_INFINITY
  #value = Number.NaN

  constructor(blocks: AsyncIterable<Block>) {
    this.#blocks = blocks[Symbol.asyncIterator]()
  }

  async on(steps: Float64Array, holdMs: number): Promise<Float64Array> {
    const values = new Float64Array(steps.length)
    for (let i = 0; i < steps.length; i++) {
      const step = steps[i] ?? 0
      while (!this.#goOn(step)) await this.#nextBlock()
      values[i] = step - this.#at <= holdMs ? this.#value : Number.NaN
    }
    return values
  }

  async close(): Promise<void> {
    await this.#blocks.return?.()
  }

  /** Takes the rows until then; false where the block ended before, so that more may follow. */
  #goOn(step: Instant): boolean {
    if (this.#ended) return true
    const { length, at, value, quality } = this.#block ?? nothing
    for (; this.#row < length; this.#row++) {
      const time = at[this.#row] ?? 0
      if (time > step) return true
      this.#at = time
      this.#value = isUsable(quality[this.#row] ?? 0) ? (value[this.#row] ?? 0) : Number.NaN
    }
    return false
  }

  async #nextBlock(): Promise<void> {
    const next = await this.#blocks.next()
    this.#ended = next.done === true
    this.#block = next.done ? undefined : next.value
    this.#row = 0
  }
}

const nothing = {
  length: 0,
  at: new Float64Array(0),
  value: new Float64Array(0),
  quality: new Uint8Array(0),
}
