import type { Block, SourceId } from "../../model/block.ts"
import type { Cycle } from "../../model/cycle.ts"
import type { Instant } from "../../model/instant.ts"
import type { TagId } from "../../model/tag.ts"
import { checkAppend } from "../append.ts"
import { aggregateTags } from "../buckets.ts"
import { durationsOfTags } from "../durations.ts"
import { intervalsToForget } from "../forget.ts"
import { alignTags } from "../frames.ts"
import type {
  AlignOptions,
  Buckets,
  Cycles,
  Durations,
  Frame,
  History,
  LastSample,
  Range,
  StoredBlock,
} from "../historian.ts"
import type { TagRange, TagSamples } from "../tag-samples.ts"
import { TagColumn } from "./column.ts"
import { MemoryCycles } from "./cycles.ts"

/** Samples in memory only: for simulations, where a plant's year passes without a disk. Nothing waits on the event loop. */
export class MemoryHistory implements History {
  readonly #tags = new Map<TagId, TagColumn>()
  readonly #sources: SourceId[] = []
  readonly #origins = new Map<SourceId, number>()
  readonly #lastRows = new Map<SourceId, number>()
  readonly #cycles = new MemoryCycles({
    originOf: (source) => this.#originOf(source),
    lastRowOf: (source) => this.#lastRows.get(source) ?? -1,
  })
  readonly #samples: TagSamples = {
    read: (range, signal) => this.#blocksOf(range, signal),
    before: async (tag, then) => this.#tags.get(tag)?.before(then),
  }

  get cycles(): Cycles {
    return this.#cycles
  }

  async append(block: Block, cycles: readonly Cycle[] = []): Promise<void> {
    checkAppend(block, cycles)
    const { source, sequence, length, tag } = block
    const origin = this.#originOf(source)
    for (let row = 0; row < length; row++) this.#column(tag[row] ?? 0).add(block, row, origin)
    if (length > 0) {
      const last = Math.max(sequence + length - 1, this.#lastRows.get(source) ?? -1)
      this.#lastRows.set(source, last)
    }
    for (const cycle of cycles) {
      this.#originOf(cycle.source)
      this.#cycles.put(cycle)
    }
  }

  async *read({ tags, from, to }: Range, signal: AbortSignal): AsyncGenerator<StoredBlock> {
    for (const tag of tags) yield* this.#blocksOf({ tag, from, to }, signal)
  }

  aggregate(range: Range, buckets: number, signal: AbortSignal): AsyncIterable<Buckets> {
    return aggregateTags(this.#samples, { range, buckets }, signal)
  }

  align(
    range: Range,
    stepMs: number,
    options: AlignOptions,
    signal: AbortSignal,
  ): AsyncIterable<Frame> {
    return alignTags(this.#samples, { range, stepMs, options }, signal)
  }

  durations(range: Range, buckets: number, signal: AbortSignal): AsyncIterable<Durations> {
    return durationsOfTags(this.#samples, { range, buckets }, signal)
  }

  async latest(tags: readonly TagId[]): Promise<readonly (LastSample | undefined)[]> {
    return tags.map((tag) => this.#tags.get(tag)?.before(Infinity))
  }

  async forget(before: Instant, keep: readonly Range[] = []): Promise<void> {
    for (const [tag, column] of this.#tags)
      for (const interval of intervalsToForget(tag, before, keep)) column.forget(interval)
  }

  async count(): Promise<number> {
    let count = 0
    for (const column of this.#tags.values()) count += column.length
    return count
  }

  async *#blocksOf(
    { tag, ...interval }: TagRange,
    signal: AbortSignal,
  ): AsyncGenerator<StoredBlock> {
    signal.throwIfAborted()
    for (const block of this.#tags.get(tag)?.read(interval, this.#sources) ?? []) {
      yield block
      signal.throwIfAborted()
    }
  }

  #column(tag: TagId): TagColumn {
    let column = this.#tags.get(tag)
    if (!column) {
      column = new TagColumn(tag)
      this.#tags.set(tag, column)
    }
    return column
  }

  #originOf(source: SourceId): number {
    let origin = this.#origins.get(source)
    if (origin === undefined) {
      origin = this.#sources.push(source) - 1
      this.#origins.set(source, origin)
    }
    return origin
  }
}
