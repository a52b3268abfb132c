import type { Instant } from "../model/instant.ts"
import { isUsable } from "../model/quality.ts"
import type { TagId } from "../model/tag.ts"
import type { AlignOptions, Frame, Range } from "./historian.ts"
import type { SampleBlock, TagSamples } from "./tag-samples.ts"

const mostSteps = 4096

/** Puts many tags on one grid, reading each tag once. */
export async function* alignTags(
  samples: TagSamples,
  wanted: { readonly range: Range; readonly stepMs: number; readonly options: AlignOptions },
  signal: AbortSignal,
): AsyncGenerator<Frame> {
  const { range, stepMs, options } = wanted
  if (!(stepMs > 0)) throw new RangeError(`stepMs is ${stepMs}, expected more than 0`)
  const { tags, from, to } = range
  const steps = Math.max(0, Math.ceil((to - from) / stepMs))
  const lines = tags.map((tag) => new TagLine(samples, { tag, from, to, options }, signal))
  try {
    for (let first = 0; first < steps; first += mostSteps) {
      signal.throwIfAborted()
      const at = new Float64Array(Math.min(mostSteps, steps - first))
      for (let i = 0; i < at.length; i++) at[i] = from + (first + i) * stepMs
      const values: Float64Array[] = []
      for (const line of lines) values.push(await line.on(at))
      yield { at, values }
    }
  } finally {
    for (const line of lines) await line.close()
  }
}

interface TagOnGrid {
  readonly tag: TagId
  readonly from: Instant
  readonly to: Instant
  readonly options: AlignOptions
}

/** One tag's samples, gone through once in the order of their times. */
class TagLine {
  readonly #samples: TagSamples
  readonly #wanted: TagOnGrid
  readonly #signal: AbortSignal
  #blocks: AsyncIterator<SampleBlock> | undefined
  #block: SampleBlock = nothing
  #row = 0
  #ended = false
  /** The last sample until the step; its value is NaN where it is not usable. */
  #at: Instant = Number.NEGATIVE_INFINITY
  #value = Number.NaN

  constructor(samples: TagSamples, wanted: TagOnGrid, signal: AbortSignal) {
    this.#samples = samples
    this.#wanted = wanted
    this.#signal = signal
  }

  async on(steps: Float64Array): Promise<Float64Array> {
    const { between, holdMs } = this.#wanted.options
    this.#blocks ??= await this.#begin()
    const values = new Float64Array(steps.length)
    for (let i = 0; i < steps.length; i++) {
      const step = steps[i] as number
      while (!this.#goOn(step)) await this.#nextBlock(this.#blocks)
      if (between === "linear") values[i] = this.#lineAt(step)
      else values[i] = step - this.#at <= holdMs ? this.#value : Number.NaN
    }
    return values
  }

  async close(): Promise<void> {
    await this.#blocks?.return?.()
  }

  /** A line's other end may lie behind the interval, by less than `holdMs`. */
  async #begin(): Promise<AsyncIterator<SampleBlock>> {
    const { tag, from, to, options } = this.#wanted
    const before = await this.#samples.before(tag, from, this.#signal)
    if (before !== undefined) this.#take(before.at, before.value, before.quality)
    const end = options.between === "linear" ? to + options.holdMs : to
    return this.#samples.read({ tag, from, to: end }, this.#signal)[Symbol.asyncIterator]()
  }

  #take(at: Instant, value: number, quality: number): void {
    this.#at = at
    this.#value = isUsable(quality) ? value : Number.NaN
  }

  /** Takes the rows until then; false where the block ended before, so that more may follow. */
  #goOn(step: Instant): boolean {
    if (this.#ended) return true
    const { length, at, value, quality } = this.#block
    for (; this.#row < length; this.#row++) {
      const time = at[this.#row] as number
      if (time > step) return true
      this.#take(time, value[this.#row] as number, quality[this.#row] as number)
    }
    return false
  }

  /** On the straight line to the row that follows; a sample on the step itself needs no other. */
  #lineAt(step: Instant): number {
    if (step === this.#at) return this.#value
    if (this.#ended) return Number.NaN
    const { at, value, quality } = this.#block
    const wide = (at[this.#row] as number) - this.#at
    if (wide > this.#wanted.options.holdMs || !isUsable(quality[this.#row] as number))
      return Number.NaN
    const rise = (value[this.#row] as number) - this.#value
    return this.#value + rise * ((step - this.#at) / wide)
  }

  async #nextBlock(blocks: AsyncIterator<SampleBlock>): Promise<void> {
    const next = await blocks.next()
    this.#ended = next.done === true
    this.#block = next.done ? nothing : next.value
    this.#row = 0
  }
}

const nothing = {
  length: 0,
  at: new Float64Array(0),
  value: new Float64Array(0),
  quality: new Uint8Array(0),
}
