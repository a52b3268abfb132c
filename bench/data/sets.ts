// The one source of samples for every bench: seeded, as columns, the same from every machine. See README.md.
import { type Random, seededRandom } from "../../src/kernel/random.ts"
import { quality } from "../../src/model/quality.ts"

/** Columns to fill; the same as a chunk's. */
export interface SampleColumns {
  /** Milliseconds since 1970, whole. */
  readonly at: Float64Array
  /** Number; on/off 1/0; text = its place in `texts`. */
  readonly value: Float64Array
  readonly quality: Uint8Array
}

/** One tag's endless samples. What it gives does not depend on how many are asked for at once, nor on other tags. */
export interface Series {
  readonly kind: SeriesKind
  /** Writes the next samples into rows `from` (in) to `to` (out). */
  fill(into: SampleColumns, from: number, to: number): void
}

export type SeriesKind = "walk" | "float" | "counter" | "state" | "text" | "noise"

export const setNames = ["mixed", "decimals", "floats", "texts", "noise"] as const
export type SetName = (typeof setNames)[number]

export interface SetOptions {
  readonly seed?: number
  readonly tags?: number
  /** Between two samples of a tag. */
  readonly periodMs?: number
  /** Time of the first samples. */
  readonly start?: number
}

/** The values of a text tag: a batch's recipe steps. */
export const texts: readonly string[] = [
  "idle",
  "heating",
  "filling",
  "holding pressure",
  "cooling",
  "opening",
  "ejecting",
  "closing",
  "fault: door open",
  "fault: oil too hot",
  "set-up",
  "maintenance",
]

/** The tags of a set. `floats` are the same walks as `decimals`, as a PLC's 32-bit floats. */
export function makeSet(name: SetName, options: SetOptions = {}): Series[] {
  const { seed = 1, tags = 1000, periodMs = 1000, start = Date.UTC(2026, 0, 1) } = options
  const random = seededRandom(seed)
  return Array.from({ length: tags }, (_, i) => {
    const kind = kindOf(name, i)
    const times = new Times(random.fork(`times ${i}`), start + ((i * 997) % periodMs), periodMs)
    return new TagSeries(kind, times, valuesOf(kind, i, random.fork(`values ${i}`)))
  })
}

function kindOf(name: SetName, tag: number): SeriesKind {
  if (name === "decimals") return "walk"
  if (name === "floats") return "float"
  if (name === "texts") return "text"
  if (name === "noise") return "noise"
  const share = tag % 10
  if (share < 6) return "walk"
  return share < 8 ? "counter" : "state"
}

function valuesOf(kind: SeriesKind, tag: number, random: Random): () => number {
  const walk = () => walkOf(random, { around: 20 + (tag % 200), decimals: 1 + (tag % 3) })
  switch (kind) {
    case "walk":
      return walk()
    case "float": {
      const next = walk()
      return () => Math.fround(next())
    }
    case "counter":
      return counterOf(random)
    case "state":
      return heldOf(random, (last) => 1 - last)
    case "text":
      return heldOf(random, () => Math.floor(random.next() * texts.length))
    case "noise":
      return () => doubleOf(random)
  }
}

class TagSeries implements Series {
  readonly kind: SeriesKind
  readonly #times: Times
  readonly #value: () => number

  constructor(kind: SeriesKind, times: Times, value: () => number) {
    this.kind = kind
    this.#times = times
    this.#value = value
  }

  fill(into: SampleColumns, from: number, to: number): void {
    for (let i = from; i < to; i++) {
      into.at[i] = this.#times.next()
      into.quality[i] = this.#times.quality()
      into.value[i] = this.#value()
    }
  }
}

/** A steady period, each sample 0 to 4 ms late; one in a thousand is of uncertain quality. */
class Times {
  readonly #random: Random
  readonly #start: number
  readonly #periodMs: number
  #row = 0

  constructor(random: Random, start: number, periodMs: number) {
    this.#random = random
    this.#start = start
    this.#periodMs = periodMs
  }

  next(): number {
    return this.#start + this.#row++ * this.#periodMs + Math.floor(this.#random.next() * 5)
  }

  quality(): number {
    return this.#random.next() < 0.001 ? quality.uncertain : quality.good
  }
}

/** Half of the samples move by up to 0.1, drawn back to the middle; read with so many decimals. */
function walkOf(random: Random, shape: { around: number; decimals: number }): () => number {
  const scale = 10 ** shape.decimals
  let value = shape.around
  return () => {
    if (random.next() < 0.5) value += (random.next() - 0.5) * 0.2 + (shape.around - value) * 0.002
    return Math.round(value * scale) / scale
  }
}

/** Three of five samples count one or two on; a shift of 8 h at 1 s starts from 0. */
function counterOf(random: Random): () => number {
  let row = 0
  let value = 0
  return () => {
    if (row++ % 28_800 === 0) value = 0
    else if (random.next() < 0.6) value += random.next() < 0.5 ? 1 : 2
    return value
  }
}

/** A value that stands for 20 to 219 samples. */
function heldOf(random: Random, change: (last: number) => number): () => number {
  let left = Math.floor(random.next() * 50)
  let value = 0
  return () => {
    if (--left < 0) {
      value = change(value)
      left = 19 + Math.floor(random.next() * 200)
    }
    return value
  }
}

/** Uniform in [-1, 1) with 53 bits of chance: nothing to compress but sign and exponent. */
function doubleOf(random: Random): number {
  const high = Math.floor(random.next() * 2 ** 21)
  return (high * 2 ** 32 + random.next() * 2 ** 32) / 2 ** 52 - 1
}
