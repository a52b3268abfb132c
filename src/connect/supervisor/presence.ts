import { type Block, BlockWriter, type SourceId, sourceId } from "../../model/block.ts"
import type { Instant } from "../../model/instant.ts"
import { quality } from "../../model/quality.ts"
import type { TagId } from "../../model/tag.ts"
import { liveSource, type Point } from "../connector.ts"

/**
 * What the line itself has to say about values that stand until the next (source `<device>/live@...`): that they are
 * not connected and, after a return, that a value which did not change meanwhile still stands. These rows have a
 * source of their own.
 */
export class Presence {
  readonly source: SourceId
  readonly #live: string
  /** The smallest tag; the columns count from it, in the order in which a device's tags got their ids. */
  #first = 0
  /** The newest live sample by tag; NaN where none was seen. */
  #at = new Float64Array(0)
  #value = new Float64Array(0)
  /** From when on nobody knows a point, until it is seen again; from the beginning for all. NaN where it is known. */
  #unknownSince = new Float64Array(0)
  #next = 0
  /** Source time of the newest live sample. */
  lastAt: Instant | undefined

  constructor(of: { device: string; epoch: string; points: readonly Point[]; since: Instant }) {
    this.source = sourceId({ name: `${of.device}/line`, epoch: of.epoch })
    this.#live = liveSource({ device: of.device, epoch: "" })
    for (const { id } of of.points) this.#unknownSince[this.#placeOf(id)] = of.since
  }

  isLive(block: Block): boolean {
    return block.length > 0 && block.source.startsWith(this.#live)
  }

  /** Takes note of live rows; gives rows that confirm old values which stand again, if there are any. */
  see(block: Block, now: Instant): Block | undefined {
    const rows = new BlockWriter(8)
    let lastAt = this.lastAt ?? Number.NEGATIVE_INFINITY
    for (let i = 0; i < block.length; i++) {
      const tag = block.tag[i] ?? 0
      const at = block.at[i] ?? now
      const value = block.value[i] ?? Number.NaN
      const place = this.#placeOf(tag)
      this.#at[place] = at
      this.#value[place] = value
      if (at > lastAt) lastAt = at
      const since = this.#unknownSince[place] ?? Number.NaN
      if (Number.isNaN(since)) continue
      this.#unknownSince[place] = Number.NaN
      if (at <= since) rows.add(tag, Math.max(now, since), value, block.quality[i] ?? quality.good)
    }
    this.lastAt = lastAt
    return this.#take(rows, now)
  }

  /** Rows that say of every point seen before that nobody knows it any more. */
  lose(now: Instant): Block | undefined {
    const rows = new BlockWriter()
    for (let place = 0; place < this.#at.length; place++) {
      const lastAt = this.#at[place] ?? Number.NaN
      if (Number.isNaN(lastAt) || !Number.isNaN(this.#unknownSince[place])) continue
      const at = Math.max(now, lastAt)
      this.#unknownSince[place] = at
      rows.add(this.#first + place, at, this.#value[place] ?? Number.NaN, quality.badNotConnected)
    }
    return this.#take(rows, now)
  }

  #placeOf(tag: TagId): number {
    const place = tag - this.#first
    return place >= 0 && place < this.#at.length ? place : this.#widen(tag)
  }

  #widen(tag: TagId): number {
    const { length } = this.#at
    const first = length === 0 ? tag : Math.min(tag, this.#first)
    const end = Math.max(tag + 1, length === 0 ? 0 : this.#first + length)
    const widened = (from: Float64Array) => {
      const to = new Float64Array(end - first).fill(Number.NaN)
      to.set(from, length === 0 ? 0 : this.#first - first)
      return to
    }
    this.#at = widened(this.#at)
    this.#value = widened(this.#value)
    this.#unknownSince = widened(this.#unknownSince)
    this.#first = first
    return tag - first
  }

  #take(rows: BlockWriter, received: Instant): Block | undefined {
    if (rows.length === 0) return undefined
    const block = rows.take({ source: this.source, sequence: this.#next, received })
    this.#next += block.length
    return block
  }
}
