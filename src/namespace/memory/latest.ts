import type { Block } from "../../model/block.ts"
import { isUsable } from "../../model/quality.ts"
import type { Sample, TagId, Value } from "../../model/tag.ts"
import type { Registry } from "../../store/store.ts"

/** Source time of a tag that has no sample yet. */
const nothing = Number.NEGATIVE_INFINITY

/** The newest sample of each tag, as columns by tag id. */
export class Latest {
  readonly #registry: Registry
  #at = new Float64Array(0)
  #value = new Float64Array(0)
  #quality = new Uint8Array(0)

  constructor(registry: Registry) {
    this.#registry = registry
  }

  /** Takes over the rows that are newest by source time, of the known tags; gives the count of unknown rows. */
  take(block: Block, known: Uint8Array): number {
    if (known.length > this.#at.length) this.#grow(known.length)
    const { length, tag, at, value, quality } = block
    let unknown = 0
    for (let row = 0; row < length; row++) {
      const id = tag[row] ?? 0
      if (known[id] !== 1) {
        unknown += 1
        continue
      }
      const time = at[row] ?? Number.NaN
      if (!(time >= (this.#at[id] ?? 0))) continue
      this.#at[id] = time
      this.#value[id] = value[row] ?? Number.NaN
      this.#quality[id] = quality[row] ?? 0
    }
    return unknown
  }

  get(tag: TagId): Sample | undefined {
    const at = this.#at[tag]
    if (at === undefined || at === nothing) return undefined
    return { tag, at, value: this.#valueOf(tag), quality: this.#quality[tag] ?? 0 }
  }

  copy(): Latest {
    const copy = new Latest(this.#registry)
    copy.#at = this.#at.slice()
    copy.#value = this.#value.slice()
    copy.#quality = this.#quality.slice()
    return copy
  }

  /** Null where there is none: a bad sample that carries no number, or a text nobody knows. */
  #valueOf(tag: TagId): Value | null {
    const value = this.#value[tag] ?? Number.NaN
    const kind = this.#registry.kindOf(tag)
    if (kind === "text") return this.#registry.textOf(tag, value) ?? null
    if (Number.isNaN(value) && (kind === "boolean" || !isUsable(this.#quality[tag] ?? 0)))
      return null
    return kind === "boolean" ? value !== 0 : value
  }

  #grow(size: number): void {
    const [at, value, quality] = [this.#at, this.#value, this.#quality]
    this.#at = new Float64Array(size).fill(nothing)
    this.#value = new Float64Array(size)
    this.#quality = new Uint8Array(size)
    this.#at.set(at)
    this.#value.set(value)
    this.#quality.set(quality)
  }
}
