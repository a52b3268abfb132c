import { BlockWriter, type SourceId } from "../model/block.ts"
import type { Instant } from "../model/instant.ts"
import { Problem } from "../model/problem.ts"
import { classOf, type Quality, quality } from "../model/quality.ts"
import type { TagId } from "../model/tag.ts"
import { type Deliver, type Gap, type Host, liveSource, type Point } from "./connector.ts"
import { cellOf, isPlausible, shown } from "./values.ts"

/** Where a device's live rows stand in their count; outlives one connection. */
export interface LiveCount {
  readonly source: SourceId
  next: number
}

export function liveCount(host: Host, epoch: string): LiveCount {
  return { source: liveSource({ device: host.name, epoch }), next: 0 }
}

export interface Row {
  readonly at: Instant
  readonly value: number
  readonly quality: Quality
}

/** Gathers what a machine says now into rows of the device's live source. */
export class LiveRows {
  readonly #host: Host
  readonly #count: LiveCount
  readonly #deliver: Deliver
  readonly #rows = new BlockWriter()
  #refused: Problem[] = []
  #gaps: Gap[] = []

  constructor(host: Host, count: LiveCount, deliver: Deliver) {
    this.#host = host
    this.#count = count
    this.#deliver = deliver
  }

  get length(): number {
    return this.#rows.length
  }

  /**
   * A value as the machine gave it, at the machine's time where it has one. What is not of the tag's kind is refused, an implausible time
   * is replaced by the present; `said` is the machine's own word on the value.
   */
  add(point: Point, given: unknown, from: { at?: Instant; said?: Quality } = {}): void {
    const { clock, registry, name } = this.#host
    const now = clock.now()
    const { at = now, said = quality.good } = from
    const plausible = isPlausible(at, now)
    const cell = cellOf(given, point, registry)
    const time = plausible ? at : now
    if (classOf(said) === "bad")
      this.#rows.add(point.id, time, cell.expected ? Number.NaN : cell.value, said)
    else if (classOf(cell.quality) === "bad")
      this.#rows.add(point.id, time, cell.value, cell.quality)
    else {
      const worst = Math.max(said, cell.quality) as Quality
      this.#rows.add(point.id, time, cell.value, plausible ? worst : quality.uncertainTime)
    }
    if (!cell.expected || classOf(said) === "bad") return
    const what = `got ${shown(given)}, expected ${cell.expected}`
    this.refuse(new Problem("value-refused", `${name} ${point.tag.path}`, what))
  }

  /** A row as it shall stand. */
  row(point: Point, { at, value, quality: said }: Row): void {
    this.#rows.add(point.id, at, value, said)
  }

  /** The same, without an object for it. */
  put(tag: TagId, at: Instant, value: number, said: Quality): void {
    this.#rows.add(tag, at, value, said)
  }

  /** A row without value. */
  bad(point: Point, because: Quality, problem?: Problem): void {
    this.#rows.add(point.id, this.#host.clock.now(), Number.NaN, because)
    if (problem) this.refuse(problem)
  }

  /** The machine has no such point, or its address cannot be read: the others go on. */
  unknown(point: Point, because: string): void {
    const where = `${this.#host.name} ${point.tag.path}`
    const what = `got ${because} for ${point.address}`
    this.bad(point, quality.badConfig, new Problem("point-unknown", where, what))
  }

  /** What could not be taken over and has no row of its own. */
  refuse(problem: Problem): void {
    this.#refused.push(problem)
  }

  /** The protocol knows no numbered records: each buffer that is wanted all the same is named. */
  refuseRecords(records: readonly { readonly name: string }[], because: string): void {
    for (const { name } of records)
      this.refuse(new Problem("point-unknown", `${this.#host.name} ${name}`, because))
  }

  lost(gap: Omit<Gap, "source">): void {
    this.#gaps.push({ source: this.#count.source, ...gap })
  }

  /** Resolves once all rows so far are durable. */
  async deliver(): Promise<void> {
    if (this.#rows.length === 0 && this.#refused.length === 0 && this.#gaps.length === 0) return
    const count = this.#count
    const received = this.#host.clock.now()
    const block = this.#rows.take({ source: count.source, sequence: count.next, received })
    const [refused, gaps] = [this.#refused, this.#gaps]
    this.#refused = []
    this.#gaps = []
    count.next += block.length
    await this.#deliver({ block, refused, gaps })
  }
}

/** Rows for somebody who asked once: `deliver` puts them into what the asker gave. */
export function rowsInto(into: BlockWriter, host: Host): LiveRows {
  return new LiveRows(host, liveCount(host, "read"), async ({ block }) => {
    for (let i = 0; i < block.length; i++) {
      const [tag = -1, at = 0] = [block.tag[i], block.at[i]]
      into.add(tag, at, block.value[i] ?? Number.NaN, block.quality[i] ?? quality.bad)
    }
  })
}
