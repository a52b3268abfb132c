import { join } from "node:path"
import type { Disk } from "../../../kernel/disk.ts"
import {
  type Damage,
  type Journal,
  type JournalFrame,
  openJournal,
  type Packed,
  pack,
} from "../../../kernel/journal.ts"
import { nextTurn } from "../../../kernel/turn.ts"
import type { Instant } from "../../../model/instant.ts"
import { Catalog } from "../catalog/catalog.ts"
import { historyProblem } from "../catalog/database.ts"
import { Compaction } from "../compaction/compaction.ts"
import { runIn } from "../open/shared-run.ts"
import { Partitions } from "../partition/partitions.ts"
import type { Batch, Forgetting, Found, Hand, Notes, Replayed, Sealing, Settling } from "./hand.ts"

/** A batch whose rows are packed and wait for the disk. */
interface Waiting extends Notes {
  readonly packed: Packed
  readonly done: () => void
  readonly failed: (thrown: unknown) => void
}

/** Writes in the thread that calls it. */
export class WritingHand implements Hand {
  readonly #folder: string
  readonly #disk: Disk
  readonly #damages: Damage[] = []
  #opened:
    | {
        readonly journal: Journal
        readonly catalog: Catalog
        readonly partitions: Partitions
        readonly compaction: Compaction
      }
    | undefined
  #frames: Iterator<JournalFrame> | undefined
  #waiting: Waiting[] = []
  #turns: Promise<unknown> = Promise.resolve()

  /** `folder` is the history's own. */
  constructor(folder: string, disk: Disk) {
    this.#folder = folder
    this.#disk = disk
  }

  start(): Promise<Found> {
    return this.#inTurn(async () => {
      this.#disk.makeFolder(this.#folder)
      const journal = await openJournal({
        disk: this.#disk,
        folder: join(this.#folder, "journal"),
        segmentBytes: Number.POSITIVE_INFINITY,
        onDamage: (damage) => this.#damages.push(damage),
      })
      const catalog = new Catalog(join(this.#folder, "catalog.db"))
      const partitions = new Partitions({ folder: this.#folder, disk: this.#disk })
      const compaction = new Compaction(partitions)
      this.#opened = { journal, catalog, partitions, compaction }
      this.#frames = journal.read()
      this.#disk.syncFolder(this.#folder)
      return { sources: catalog.sources(), partitions: partitions.starts }
    })
  }

  replay(): Promise<Replayed> {
    return this.#inTurn(async () => {
      const next = this.#frames?.next()
      const damages = this.#damages.splice(0)
      return next?.done === false ? { rows: next.value.payload, damages } : { damages }
    })
  }

  write({ rows, sources, cycles }: Batch): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    // Packed at once: while the batches before are on their way to the disk.
    const packed = pack(rows)
    this.#waiting.push({ packed, sources, cycles, done: resolve, failed: reject })
    if (this.#waiting.length === 1) void this.#inTurn(() => this.#writeWaiting())
    return promise
  }

  note({ sources, cycles }: Notes): Promise<void> {
    return this.#inTurn(async () => this.#files.catalog.put(sources, cycles))
  }

  seal({ runs, isReplay }: Sealing): Promise<readonly Instant[]> {
    return this.#guard(async () => {
      const { partitions } = this.#files
      if (!isReplay) return partitions.put(runs.map(runIn))
      // One after the other: what a run holds is found by those after it.
      return runs.flatMap((run) => {
        const left = partitions.withoutHeld(runIn(run))
        return left ? partitions.put([left]) : []
      })
    })
  }

  roll(): Promise<number> {
    return this.#inTurn(async () => {
      // Who waits for a batch before is told before, so that all rows of the old segment are known to be there.
      await nextTurn()
      const { journal } = this.#files
      await journal.roll()
      return journal.position
    })
  }

  settle({ sources, position }: Settling): Promise<void> {
    return this.#inTurn(async () => {
      const { journal, catalog, partitions } = this.#files
      if (!partitions.checkpoint()) throw new Error("a reader held up the checkpoint")
      catalog.put(sources, [])
      catalog.checkpoint()
      journal.dropBefore(position + 1)
    })
  }

  async forget({ before, ...of }: Forgetting): Promise<readonly Instant[]> {
    return this.#guard(async () => {
      const { partitions } = this.#files
      for (const _ of partitions.forget(before, of)) await nextTurn()
      return partitions.starts.filter((start) => partitions.file(start).tags().length === 0)
    })
  }

  removeEmpty(starts: readonly Instant[]): Promise<readonly Instant[]> {
    return this.#guard(async () =>
      starts.filter((start) => !this.#files.partitions.removeEmpty(start)),
    )
  }

  compact(): Promise<boolean> {
    return this.#guard(async () => this.#files.compaction.step())
  }

  async close(): Promise<void> {
    await this.#turns
    const files = this.#opened
    this.#opened = undefined
    if (!files) return
    files.journal.close()
    for (const one of [files.catalog, files.partitions])
      try {
        one.close()
      } catch {
        // What was durable stays so; a file that cannot be closed has nothing more to say.
      }
  }

  get #files() {
    if (!this.#opened) throw new Error("the history is closed")
    return this.#opened
  }

  async #writeWaiting(): Promise<void> {
    const group = this.#waiting
    this.#waiting = []
    try {
      const { journal, catalog } = this.#files
      // A source's number must be known before any row or cycle has it.
      catalog.put(
        group.flatMap(({ sources }) => sources),
        [],
      )
      journal.append(group.map(({ packed }) => packed))
      await journal.sync()
      catalog.put(
        [],
        group.flatMap(({ cycles }) => cycles),
      )
    } catch (thrown) {
      const problem = historyProblem(this.#folder, thrown)
      for (const { failed } of group) failed(problem)
      return
    }
    for (const { done } of group) done()
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const run = this.#turns.then(() => this.#guard(work))
    this.#turns = run.catch(() => {})
    return run
  }

  async #guard<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work()
    } catch (thrown) {
      throw historyProblem(this.#folder, thrown)
    }
  }
}
