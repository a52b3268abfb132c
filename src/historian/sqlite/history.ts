import { join } from "node:path"
import type { DatabaseSync } from "node:sqlite"
import type { Log } from "../../kernel/log.ts"
import { nextTurn } from "../../kernel/turn.ts"
import type { Block } from "../../model/block.ts"
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
import { SqliteCycles } from "./cycles.ts"
import { type Databases, guarded, historyProblem, openDatabases } from "./database.ts"
import { forgetInterval, tagsIn } from "./forget.ts"
import { SampleReader } from "./reader.ts"
import { HistoryWriter } from "./writer.ts"

/**
 * Opens the samples of a data folder, which must exist and be locked for this process (`openStore` does). Throws
 * `store-failed` or `history-corrupt`.
 */
export async function openHistory(options: {
  readonly folder: string
  readonly log: Log
}): Promise<SqliteHistory> {
  const path = join(options.folder, "history.db")
  return new SqliteHistory(path, openDatabases(path), options.log.of("historian"))
}

/** Samples and cycles in one SQLite file. Made by `openHistory`. */
export class SqliteHistory implements History {
  readonly cycles: Cycles
  readonly #path: string
  readonly #databases: Databases
  readonly #log: Log
  readonly #writer: HistoryWriter
  readonly #samples: SampleReader

  constructor(path: string, databases: Databases, log: Log) {
    this.#path = path
    this.#databases = databases
    this.#log = log
    this.#writer = new HistoryWriter(path, databases.writer)
    this.cycles = new SqliteCycles(path, databases.reader)
    this.#samples = new SampleReader(path, databases.reader)
  }

  async append(block: Block, cycles: readonly Cycle[] = []): Promise<void> {
    checkAppend(block, cycles)
    await this.#writer.append(block, cycles)
  }

  async *read({ tags, from, to }: Range, signal: AbortSignal): AsyncGenerator<StoredBlock> {
    for (const tag of tags) yield* this.#samples.read({ tag, from, to }, signal)
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
    return Promise.all(tags.map((tag) => this.#samples.before(tag, Infinity)))
  }

  async forget(before: Instant, keep: readonly Range[] = []): Promise<void> {
    for (const tag of this.#tags())
      for (const interval of intervalsToForget(tag, before, keep)) {
        let rest = { tag, ...interval }
        for (;;) {
          const next = await this.#change((database) => forgetInterval(database, rest))
          if (next === undefined) break
          rest = { ...rest, from: next }
          await nextTurn()
        }
      }
  }

  async count(): Promise<number> {
    const ofTag = this.#databases.reader.prepare("SELECT count(*) AS n FROM sample WHERE tag = ?")
    let count = 0
    for (const tag of this.#tags()) {
      count += guarded(this.#path, () => Number(ofTag.get(tag)?.n))
      await nextTurn()
    }
    return count
  }

  /** Writes what waits and closes the file. Never throws. */
  async close(): Promise<void> {
    await this.#writer.close()
    const { reader, writer } = this.#databases
    for (const database of [reader, writer]) this.#closeOne(database)
  }

  #tags(): readonly number[] {
    return guarded(this.#path, () => tagsIn(this.#databases.reader))
  }

  async #change<Result>(work: (database: DatabaseSync) => Result): Promise<Result> {
    try {
      return await this.#writer.between(work)
    } catch (thrown) {
      throw historyProblem(this.#path, thrown)
    }
  }

  #closeOne(database: DatabaseSync): void {
    try {
      if (database.isOpen) database.close()
    } catch (thrown) {
      this.#log.error("closing failed", { thrown })
    }
  }
}
