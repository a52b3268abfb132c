import { type Block, isHistorySource, type SourceId } from "../../model/block.ts"
import type { Instant } from "../../model/instant.ts"
import { isUsable } from "../../model/quality.ts"
import type { Sample, TagId, Value } from "../../model/tag.ts"
import type { Registry } from "../../store/store.ts"
import type { Late } from "../namespace.ts"

/** Source time of a tag that has no sample yet. */
const nothing = Number.NEGATIVE_INFINITY
/** Samples of one tag that pass each other on the way are not late. */
const inPassingMs = 1000

interface LateRows {
  readonly tags: Set<TagId>
  from: Instant
  to: Instant
  rows: number
}

/** The newest sample of each tag, as columns by tag id. */
export class Latest {
  readonly #registry: Registry
  #at = new Float64Array(0)
  #value = new Float64Array(0)
  #quality = new Uint8Array(0)
  /** Of the newest usable sample, which a source tells again when it is followed anew. */
  #usableAt = new Float64Array(0)
  #late: LateRows | undefined

  constructor(registry: Registry) {
    this.#registry = registry
  }

  /**
   * Takes over the rows that are newest by source time, of the known tags; gives the count of unknown rows. Of rows of
   * the same time the one that came last counts, but never one that its sender had kept back.
   */
  take(block: Block, known: Uint8Array): number {
    if (known.length > this.#at.length) this.#grow(known.length)
    const { length, tag, at, value, quality } = block
    const isHistory = isHistorySource(block.source)
    this.#lookForLate(block, isHistory)
    let unknown = 0
    for (let row = 0; row < length; row++) {
      const id = tag[row] ?? 0
      if (known[id] !== 1) {
        unknown += 1
        continue
      }
      const time = at[row] ?? Number.NaN
      if (!replaces(time, this.#at[id] ?? 0, isHistory)) continue
      this.#at[id] = time
      this.#value[id] = value[row] ?? Number.NaN
      this.#quality[id] = quality[row] ?? 0
      if (isUsable(this.#quality[id])) this.#usableAt[id] = time
    }
    return unknown
  }

  /** What was late since this was asked last. */
  takeLate(source: SourceId): Late | undefined {
    const late = this.#late
    if (!late) return undefined
    this.#late = undefined
    return { source, tags: [...late.tags], from: late.from, to: late.to + 1, rows: late.rows }
  }

  /** The clock was set back: what seems to be of the future is of now, so that the next sample replaces it. */
  putBack(now: Instant): void {
    for (const times of [this.#at, this.#usableAt])
      for (let id = 0; id < times.length; id++) if ((times[id] ?? 0) > now) times[id] = now
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
    copy.#usableAt = this.#usableAt.slice()
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

  /** Against what was there before the block: its own rows may stand in any order. */
  #lookForLate({ length, tag, at, quality }: Block, isHistory: boolean): void {
    for (let row = 0; row < length; row++) {
      const id = tag[row] ?? 0
      const time = at[row] ?? Number.NaN
      const isOlder = time < (this.#at[id] ?? 0) - inPassingMs && time !== this.#usableAt[id]
      if ((isHistory || isOlder) && isUsable(quality[row] ?? 0)) this.#noteLate(id, time)
    }
  }

  #noteLate(id: TagId, time: Instant): void {
    this.#late ??= { tags: new Set(), from: time, to: time, rows: 0 }
    const late = this.#late
    late.tags.add(id)
    late.from = Math.min(late.from, time)
    late.to = Math.max(late.to, time)
    late.rows += 1
  }

  #grow(size: number): void {
    const [at, value, quality, usableAt] = [this.#at, this.#value, this.#quality, this.#usableAt]
    this.#at = new Float64Array(size).fill(nothing)
    this.#usableAt = new Float64Array(size).fill(nothing)
    this.#usableAt.set(usableAt)
    this.#value = new Float64Array(size)
    this.#quality = new Uint8Array(size)
    this.#at.set(at)
    this.#value.set(value)
    this.#quality.set(quality)
  }
}

/** Not for NaN. */
function replaces(time: Instant, newest: Instant, isHistory: boolean): boolean {
  return isHistory ? time > newest : time >= newest
}
