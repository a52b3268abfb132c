import type { Clock } from "../../kernel/clock.ts"
import type { Metrics } from "../../kernel/metrics.ts"
import type { Block } from "../../model/block.ts"
import type { Instant } from "../../model/instant.ts"
import { compilePattern, type Path } from "../../model/path.ts"
import type { Sample, Tag, TagId } from "../../model/tag.ts"
import type { Registry } from "../../store/store.ts"
import type { FollowOptions, Late, Namespace, Values } from "../namespace.ts"
import { Follower } from "./follower.ts"
import { Latest } from "./latest.ts"

export interface NamespaceOptions {
  readonly registry: Registry
  readonly clock: Clock
  /** Counts rows of unknown tags and blocks that slow followers lost. */
  readonly metrics?: Metrics
  /** Hears of rows that came late, before followers do. They are durable then. */
  readonly late?: (late: Late) => void
}

/** All values of the house in one process. */
export class MemoryNamespace implements Namespace {
  readonly #registry: Registry
  readonly #clock: Clock
  readonly #metrics: Metrics | undefined
  readonly #heardLate: ((late: Late) => void) | undefined
  readonly #tags = new Map<TagId, Tag>()
  /** Replaced, never changed: snapshots go on with the one they were made with. */
  #ids: ReadonlyMap<Path, TagId> = new Map()
  readonly #latest: Latest
  readonly #followers = new Set<Follower>()
  #all = new Uint8Array(0)

  constructor(options: NamespaceOptions) {
    this.#registry = options.registry
    this.#clock = options.clock
    this.#metrics = options.metrics
    this.#heardLate = options.late
    this.#latest = new Latest(options.registry)
  }

  async define(tags: readonly Tag[]): Promise<readonly TagId[]> {
    const ids = tags.map((tag) => this.#registry.tagId(tag.path, tag.kind))
    await this.#registry.flush()
    const byPath = new Map(this.#ids)
    for (const [index, tag] of tags.entries()) {
      const id = ids[index] ?? 0
      const former = byPath.get(tag.path)
      if (former !== undefined && former !== id) this.#tags.delete(former)
      this.#tags.set(id, tag)
      byPath.set(tag.path, id)
    }
    this.#ids = byPath
    this.#all = this.#select(() => true)
    for (const follower of this.#followers) follower.select(this.#select(follower.matches))
    return ids
  }

  tag(id: TagId): Tag | undefined {
    return this.#tags.get(id)
  }

  idOf(path: Path): TagId | undefined {
    return this.#ids.get(path)
  }

  tags(): readonly (Tag & { readonly id: TagId })[] {
    return [...this.#tags].map(([id, tag]) => ({ ...tag, id }))
  }

  async publish(block: Block): Promise<void> {
    const unknown = this.#latest.take(block, this.#all)
    if (unknown > 0) this.#metrics?.count("moru_namespace_unknown_rows_total", {}, unknown)
    const late = this.#latest.takeLate(block.source)
    if (late) this.#heardLate?.(late)
    const waits: Promise<void>[] = []
    for (const follower of this.#followers) {
      const wait = follower.offer(block)
      if (wait) waits.push(wait)
      const dropped = follower.takeDropped()
      if (dropped > 0) this.#metrics?.count("moru_namespace_dropped_blocks_total", {}, dropped)
    }
    await Promise.all(waits)
  }

  /** The computer's clock was set back to `now`. */
  putBack(now: Instant): void {
    this.#latest.putBack(now)
  }

  latest(tag: TagId): Sample | undefined {
    return this.#tags.has(tag) ? this.#latest.get(tag) : undefined
  }

  /** Follows from this call on, not only from the first block that is asked for. */
  follow(pattern: string, options: FollowOptions): AsyncIterable<Block> {
    const follower = new Follower(compilePattern(pattern), options)
    follower.select(this.#select(follower.matches))
    this.#followers.add(follower)
    const ended = () => {
      options.signal.removeEventListener("abort", ended)
      this.#followers.delete(follower)
      follower.close()
    }
    options.signal.addEventListener("abort", ended)
    if (options.signal.aborted) ended()
    return follower.blocks(ended)
  }

  snapshot(): Values {
    return new FrozenValues(this.#clock.now(), this.#ids, this.#latest.copy())
  }

  /** One byte a tag id: 1 where the tag is wanted, so that a row costs one look-up. */
  #select(wanted: (path: Path) => boolean): Uint8Array<ArrayBuffer> {
    const selection = new Uint8Array(Math.max(0, ...this.#tags.keys()) + 1)
    for (const [id, tag] of this.#tags) if (wanted(tag.path)) selection[id] = 1
    return selection
  }
}

class FrozenValues implements Values {
  readonly at: Instant
  readonly #ids: ReadonlyMap<Path, TagId>
  readonly #latest: Latest

  constructor(at: Instant, ids: ReadonlyMap<Path, TagId>, latest: Latest) {
    this.at = at
    this.#ids = ids
    this.#latest = latest
  }

  get(path: Path): Sample | undefined {
    const id = this.#ids.get(path)
    return id === undefined ? undefined : this.#latest.get(id)
  }

  ageMs(path: Path): number | undefined {
    const sample = this.get(path)
    return sample && this.at - sample.at
  }
}
