import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { type Clock, every } from "../../kernel/clock.ts"
import type { Disk } from "../../kernel/disk.ts"
import type { Log } from "../../kernel/log.ts"
import type { Block } from "../../model/block.ts"
import type { Cycle } from "../../model/cycle.ts"
import type { Instant } from "../../model/instant.ts"
import { Problem, problemOf } from "../../model/problem.ts"
import type { TagId } from "../../model/tag.ts"
import { checkAppend } from "../append.ts"
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
import { Appends } from "./appends.ts"
import { CatalogCycles } from "./catalog/cycles.ts"
import { guarded } from "./catalog/database.ts"
import type { Forgetting, Hand } from "./hand/hand.ts"
import { ThreadHand } from "./hand/thread.ts"
import { AddedRows } from "./open/open-run.ts"
import { OpenRuns } from "./open/open-runs.ts"
import { Sources } from "./open/sources.ts"
import { PartitionViews } from "./partition/partition-views.ts"
import { ChunkReader } from "./reader/chunk-reader.ts"
import { replay } from "./replay.ts"
import { Sealer } from "./sealer.ts"
import type { Shelves } from "./upkeep/retire.ts"
import { Rollups } from "./upkeep/rollups.ts"
import { TieredReader } from "./upkeep/tiered.ts"

export interface ChunkHistoryOptions {
  /** The data folder, which must exist and be locked for this process (`openStore` does). */
  readonly folder: string
  readonly log: Log
  /** Without one, runs are sealed by their size alone. */
  readonly clock?: Clock
  /** Where summaries are looked for that stand in for samples; without one there are none. */
  readonly disk?: Disk
  /** Default: one in a thread of its own. It is given the history's folder. */
  readonly hand?: (folder: string) => Hand
}

/** After so many rows a segment of the journal ends; in between, a start has so much to read again. */
const rowsOfSegment = 4_000_000
/** A segment ends earlier where so many rows are in memory. */
const mostOpenRows = 1_500_000
/** Of real time: how much a start reads again is no matter of the plant's clock. */
const segmentMs = 300_000
const tidyMs = 60_000

/**
 * Opens the samples of a data folder and reads again what a crash left in the journal. Throws `store-failed`,
 * `storage-full` or `history-corrupt`.
 */
export async function openChunkHistory(options: ChunkHistoryOptions): Promise<ChunkHistory> {
  const { hand: makeHand = (folder: string) => new ThreadHand(folder) } = options
  const folder = join(options.folder, "history")
  const log = options.log.of("historian")
  const hand = makeHand(folder)
  try {
    const found = await hand.start()
    const sources = new Sources(found.sources)
    const views = new PartitionViews(folder, found.partitions)
    const runs = new OpenRuns()
    const sealer = new Sealer({ hand, runs, sources, views, log })
    await replay({ hand, runs, sources, sealer, log })
    return new ChunkHistory({ ...options, folder, log, hand, sources, views, runs, sealer })
  } catch (thrown) {
    await hand.close()
    throw thrown
  }
}

/** Samples as chunks of one tag each, behind a journal. Made by `openChunkHistory`. */
export class ChunkHistory implements History {
  readonly cycles: Cycles
  readonly #folder: string
  readonly #hand: Hand
  readonly #sources: Sources
  readonly #views: PartitionViews
  readonly #runs: OpenRuns
  readonly #sealer: Sealer
  readonly #appends: Appends
  readonly #reader: ChunkReader
  readonly #rollups: Rollups
  readonly #tiered: TieredReader
  readonly #catalog: DatabaseSync
  readonly #log: Log
  readonly #closing = new AbortController()
  readonly #timers: readonly Promise<void>[]
  #rowsOfSegment = 0

  constructor(options: {
    readonly folder: string
    readonly log: Log
    readonly clock?: Clock
    readonly disk?: Disk
    readonly hand: Hand
    readonly sources: Sources
    readonly views: PartitionViews
    readonly runs: OpenRuns
    readonly sealer: Sealer
  }) {
    const { folder, hand, sources, views, runs, sealer, log, clock } = options
    this.#folder = folder
    this.#hand = hand
    this.#sources = sources
    this.#views = views
    this.#runs = runs
    this.#sealer = sealer
    this.#log = log
    this.#appends = new Appends({
      hand,
      sources,
      room: () => sealer.room(),
      durable: (blocks) => this.#durable(blocks),
    })
    this.#reader = new ChunkReader(
      {
        views,
        runsOf: (tag) => runs.runsOf(tag),
        damaged: ({ code, message }) => log.error("chunks cannot be read", { code, message }),
      },
      () => sources.names,
    )
    this.#rollups = new Rollups(folder, options.disk)
    this.#tiered = new TieredReader(this.#reader, this.#rollups)
    const path = join(folder, "catalog.db")
    this.#catalog = guarded(path, () => new DatabaseSync(path, { readOnly: true, timeout: 5000 }))
    this.cycles = new CatalogCycles({
      path,
      database: this.#catalog,
      lastRowOf: (source) => sources.lastRow(source),
    })
    this.#timers = clock ? [this.#turnOverRegularly(clock), this.#tidyRegularly(clock)] : []
  }

  async append(block: Block, cycles: readonly Cycle[] = []): Promise<void> {
    checkAppend(block, cycles)
    this.#throwIfClosed()
    await this.#appends.append(block, cycles)
  }

  async *read(range: Range, signal: AbortSignal): AsyncGenerator<StoredBlock> {
    const { from, to } = range
    for (const tag of range.tags) yield* this.#reader.readStored({ tag, from, to }, signal)
  }

  aggregate(range: Range, buckets: number, signal: AbortSignal): AsyncIterable<Buckets> {
    const reader = this.#rollups.starts.length > 0 ? this.#tiered : this.#reader
    return reader.aggregate(range, buckets, signal)
  }

  align(
    range: Range,
    stepMs: number,
    options: AlignOptions,
    signal: AbortSignal,
  ): AsyncIterable<Frame> {
    return this.#reader.align(range, stepMs, options, signal)
  }

  durations(range: Range, buckets: number, signal: AbortSignal): AsyncIterable<Durations> {
    const reader = this.#rollups.starts.length > 0 ? this.#tiered : this.#reader
    return reader.durations(range, buckets, signal)
  }

  async latest(tags: readonly TagId[]): Promise<readonly (LastSample | undefined)[]> {
    const lookUp = (tag: TagId) => this.#reader.before(tag, Infinity, this.#closing.signal)
    return Promise.all(tags.map((tag) => this.#runs.latest(tag, lookUp)))
  }

  async forget(before: Instant, keep: readonly Range[] = []): Promise<void> {
    this.#throwIfClosed()
    await this.#sealer.turnOver("none")
    await this.#forget({ before, keep })
  }

  /** What retention works on. */
  shelves(): Shelves {
    return {
      rollups: this.#rollups,
      partitions: () => this.#views.starts,
      tagsIn: (start) => this.#views.of(start)?.tags() ?? [],
      oldestIn: (start) => this.#views.of(start)?.oldest(),
      seal: () => this.#sealer.turnOver("none"),
      fold: (fold, range, signal) => this.#reader.fold(fold, range, signal),
      forgetTags: (tags, before, keep) => this.#forget({ tags, before, keep }),
    }
  }

  async count(): Promise<number> {
    let count = 0
    for (const tag of new Set([...this.#runs.tags, ...this.#reader.tags()]))
      count += await this.#reader.count(tag)
    return count
  }

  /** Everything into chunks, so that the next start has nothing to read again; then closes the files. Never throws. */
  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return
    this.#closing.abort(new Problem("store-failed", this.#folder, "the history is closed"))
    await Promise.all(this.#timers)
    await this.#appends.idle()
    try {
      await this.#sealer.turnOver("none")
    } catch (thrown) {
      const { code, message } = problemOf(thrown, "historian")
      this.#log.warn("the rows of the journal wait for the next start", { code, message })
    }
    await this.#hand.close()
    this.#views.close()
    this.#rollups.close()
    this.#catalog.close()
  }

  async #forget(forgetting: Forgetting): Promise<void> {
    this.#throwIfClosed()
    const empty = await this.#hand.forget(forgetting)
    this.#runs.forgetSealed()
    for (const start of empty) this.#views.drop(start)
    for (const start of await this.#hand.removeEmpty(empty)) this.#views.note(start)
  }

  #throwIfClosed(): void {
    this.#closing.signal.throwIfAborted()
  }

  #durable(blocks: readonly Block[]): void {
    for (const block of blocks) {
      const { source, sequence, length } = block
      if (length === 0) continue
      this.#runs.add(new AddedRows(block, this.#sources.idOf(source)))
      this.#sources.sawRow(source, sequence + length - 1)
      this.#rowsOfSegment += length
    }
    this.#sealer.sealSoon()
    const isMuch =
      this.#rowsOfSegment > rowsOfSegment ||
      (this.#runs.openRows > mostOpenRows && this.#rowsOfSegment > mostOpenRows / 4)
    if (!isMuch) return
    this.#rowsOfSegment = 0
    this.#sealer.turnOverSoon()
  }

  #turnOverRegularly(clock: Clock): Promise<void> {
    const work = () => (this.#rowsOfSegment > 0 ? this.#turnOverNow() : undefined)
    const failed = (thrown: unknown) => this.#log.error("chunks were not written", { thrown })
    return every(segmentMs * (clock.speed ?? 1), work, {
      clock,
      signal: this.#closing.signal,
      failed,
    })
  }

  #tidyRegularly(clock: Clock): Promise<void> {
    const { signal } = this.#closing
    const failed = (thrown: unknown) => this.#log.error("chunks were not joined", { thrown })
    return every(tidyMs, () => this.#sealer.tidy(signal), { clock, signal, failed })
  }

  async #turnOverNow(): Promise<void> {
    this.#rowsOfSegment = 0
    await this.#sealer.turnOver("recent")
  }
}
