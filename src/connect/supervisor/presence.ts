import { type Block, BlockWriter, type SourceId, sourceId } from "../../model/block.ts"
import type { Instant } from "../../model/instant.ts"
import { quality } from "../../model/quality.ts"
import type { TagId } from "../../model/tag.ts"
import { liveSource, type Point } from "../connector.ts"

interface Last {
  readonly at: Instant
  readonly value: number
}

/**
 * What the line itself has to say about values that stand until the next (source `<device>/live@...`): that they are
 * not connected and, after a return, that a value which did not change meanwhile still stands. These rows have a
 * source of their own.
 */
export class Presence {
  readonly source: SourceId
  readonly #live: string
  readonly #last = new Map<TagId, Last>()
  /** From when on nobody knows a point, until it is seen again; from the beginning for all. */
  readonly #unknownSince: Map<TagId, Instant>
  #next = 0
  /** Source time of the newest live sample. */
  lastAt: Instant | undefined

  constructor(of: { device: string; epoch: string; points: readonly Point[]; since: Instant }) {
    this.source = sourceId({ name: `${of.device}/line`, epoch: of.epoch })
    this.#live = liveSource({ device: of.device, epoch: "" })
    this.#unknownSince = new Map(of.points.map(({ id }) => [id, of.since]))
  }

  isLive(block: Block): boolean {
    return block.length > 0 && block.source.startsWith(this.#live)
  }

  /** Takes note of live rows; gives rows that confirm old values which stand again, if there are any. */
  see(block: Block, now: Instant): Block | undefined {
    const rows = new BlockWriter()
    for (let i = 0; i < block.length; i++) {
      const tag = block.tag[i] ?? -1
      const at = block.at[i] ?? now
      const value = block.value[i] ?? Number.NaN
      this.#last.set(tag, { at, value })
      this.lastAt = Math.max(this.lastAt ?? at, at)
      const since = this.#unknownSince.get(tag)
      if (since === undefined) continue
      this.#unknownSince.delete(tag)
      if (at <= since) rows.add(tag, Math.max(now, since), value, block.quality[i] ?? quality.good)
    }
    return this.#take(rows, now)
  }

  /** Rows that say of every point seen before that nobody knows it any more. */
  lose(now: Instant): Block | undefined {
    const rows = new BlockWriter()
    for (const [tag, last] of this.#last) {
      if (this.#unknownSince.has(tag)) continue
      const at = Math.max(now, last.at)
      this.#unknownSince.set(tag, at)
      rows.add(tag, at, last.value, quality.badNotConnected)
    }
    return this.#take(rows, now)
  }

  #take(rows: BlockWriter, received: Instant): Block | undefined {
    if (rows.length === 0) return undefined
    const block = rows.take({ source: this.source, sequence: this.#next, received })
    this.#next += block.length
    return block
  }
}
