import { join } from "node:path"
import {
  decodeEntry,
  encodeEntry,
  encodeParcel,
  type LogEntry,
  parcelHead,
} from "../../codec/delivery.ts"
import type { Disk } from "../../kernel/disk.ts"
import { type Damage, type Journal, openJournal } from "../../kernel/journal.ts"
import type { Log } from "../../kernel/log.ts"
import type { SourceId } from "../../model/block.ts"
import type { Instant } from "../../model/instant.ts"
import { Problem } from "../../model/problem.ts"
import type { Registry } from "../../store/store.ts"
import { sortRows } from "./runs.ts"
import { openShelf, type Shelf, type Shelved } from "./shelf.ts"
import { Sources } from "./sources.ts"
import { gapsOfDropped, summaryOf } from "./summary.ts"
import { textsOf } from "./tables.ts"

export interface EdgeLogOptions {
  readonly disk: Disk
  /** Made where it is missing. */
  readonly folder: string
  readonly budgetBytes: number
  /** Where more rows wait in memory, they become a parcel; with three times as many the devices wait. */
  readonly parcelRows: number
  /** Of the files in its folder; a part of the budget where absent. */
  readonly segmentBytes?: number
  readonly registry: Registry
  readonly log: Log
  /** Names a log that begins anew. */
  readonly newEpoch: () => string
}

/** An entry that waits in memory, durable, for its way to the centre. */
export interface Waiting {
  readonly number: number
  readonly entry: LogEntry
}

export interface Fresh {
  /** Numbers that the entries stand for, both in; 0 where there are none. */
  readonly first: number
  readonly last: number
  readonly entries: readonly Waiting[]
}

export interface LogState {
  readonly bytes: number
  readonly budgetBytes: number
  /** Time of receipt or sample of what waits longest; absent where nothing waits. */
  readonly oldestAt?: Instant
  /** Of a sample in the last parcel; an estimate before the first. */
  readonly bytesARow: number
  /** Samples of which only summaries, or nothing, are left since the start. */
  readonly lost: number
}

/** Of one message of fresh entries. */
const mostMessageRows = 50_000
const entryFrame = 0
const sourcesFrame = 1

/** Opens an edge's log, with all that was durable in it. Throws what the disk throws. */
export async function openEdgeLog(options: EdgeLogOptions): Promise<EdgeLog> {
  const { disk, folder, budgetBytes } = options
  const log = options.log.of("edge-log")
  disk.makeFolder(folder)
  const epoch = await openEpoch(options)
  const onDamage = ({ file, bytes, tail }: Damage) => {
    if (!tail) log.error("the edge's log is damaged", { file, bytes })
  }
  const share = Math.min(Math.max(Math.floor(budgetBytes / 64), 16_384), 16 * 1024 * 1024)
  const { segmentBytes = share } = options
  const own = { disk, folder, segmentBytes, onDamage }
  const fresh = await openJournal({ ...own, folder: join(folder, "fresh") })
  const parcels = await openShelf(own, "parcels")
  const minutes = await openShelf(own, "minutes")
  const edgeLog = new EdgeLog({ ...options, log }, { epoch, fresh, parcels, minutes, segmentBytes })
  await edgeLog.recall()
  return edgeLog
}

interface Opened {
  readonly epoch: string
  readonly fresh: Journal
  readonly parcels: Shelf
  readonly minutes: Shelf
  readonly segmentBytes: number
}

/**
 * What the edge's devices handed over, kept until the centre has confirmed it. Entries wait in memory and in a journal
 * (*fresh*); where the line is cut they become parcels, a tenth of the size; where the budget is used up, the oldest
 * parcels become one-minute summaries. Made by `openEdgeLog`.
 */
export class EdgeLog {
  readonly epoch: string
  readonly #options: EdgeLogOptions
  readonly #opened: Opened
  readonly #sources = new Sources()
  #waiting: Waiting[] = []
  #rows = 0
  /** Number of the first entry that is neither confirmed nor in a parcel. */
  #next = 1
  #lost = 0
  #bytesARow = 1.5
  /** What reads or shortens the shelves: one at a time. */
  #turn: Promise<unknown> = Promise.resolve()
  #sealing: Promise<void> = Promise.resolve()
  #isSealing = false
  #arrived: PromiseWithResolvers<void> | undefined

  constructor(options: EdgeLogOptions, opened: Opened) {
    this.epoch = opened.epoch
    this.#options = options
    this.#opened = opened
  }

  /** Called once by `openEdgeLog`. What waits from before becomes a parcel. */
  async recall(): Promise<void> {
    const { fresh, parcels, minutes } = this.#opened
    const shelved = Math.max(parcels.last, minutes.last)
    for (const { position, payload } of fresh.read()) {
      if (payload[0] === sourcesFrame) this.#sources.merge(payload.subarray(1))
      else {
        const entry = decodeEntry(payload.subarray(1))
        this.#sources.saw(entry)
        if (position > shelved) this.#add({ number: position, entry })
      }
    }
    this.#next = Math.max(shelved + 1, fresh.first)
    for (let parcel = parcels.peek(); parcel; parcel = parcels.peek()) {
      if (parcel.head.last > minutes.last) break
      await parcels.pass()
    }
    await this.seal()
  }

  /** Durable when it resolves. Throws `storage-full` where there is no room, and then it holds nothing of it. */
  async append(entry: LogEntry): Promise<void> {
    if (this.#rows > 3 * this.#options.parcelRows)
      throw new Problem("storage-full", "edge", "the edge's log takes no more, expected room")
    await this.#write(entry)
    if (this.#rows >= this.#options.parcelRows && !this.#isSealing)
      void this.seal().catch(this.#failed)
  }

  lastRow(source: SourceId): number {
    return this.#sources.lastRow(source)
  }

  lastSequence(source: SourceId): number {
    return this.#sources.lastSequence(source)
  }

  get state(): LogState {
    const { fresh, parcels, minutes } = this.#opened
    const [late] = [minutes, parcels].filter(({ isEmpty }) => !isEmpty)
    const oldest = late?.peek()?.head.from || this.#waiting[0]?.entry.block?.received
    return {
      bytes: fresh.bytes + parcels.bytes + minutes.bytes,
      budgetBytes: this.#options.budgetBytes,
      ...(oldest !== undefined && { oldestAt: oldest }),
      bytesARow: this.#bytesARow,
      lost: this.#lost,
    }
  }

  /** Rows that wait in memory. */
  get waitingRows(): number {
    return this.#rows
  }

  get hasLate(): boolean {
    return !this.#opened.parcels.isEmpty || !this.#opened.minutes.isEmpty
  }

  /** Resolves when something waits in memory, at once where it does. */
  arrival(): Promise<void> {
    if (this.#waiting.length > 0) return Promise.resolve()
    this.#arrived ??= Promise.withResolvers()
    return this.#arrived.promise
  }

  /**
   * Hands the oldest entries that wait in memory to `send`, with the numbers that they stand for, and lets them go once
   * that resolved; none where none waits. Throws what `send` throws; then they stay.
   */
  sendLive(send: (fresh: Fresh) => Promise<void>): Promise<void> {
    const done = this.#sealing.then(async () => {
      const fresh = this.#oldest(mostMessageRows)
      await send(fresh)
      this.#forget(fresh.last)
      if (this.#opened.fresh.bytes > this.#opened.segmentBytes) await this.#tidy()
    })
    this.#sealing = done.catch(() => {})
    return done
  }

  #oldest(mostRows: number): Fresh {
    let rows = 0
    const entries: Waiting[] = []
    for (const one of this.#waiting) {
      rows += one.entry.block?.length ?? 0
      if (entries.length > 0 && rows > mostRows) break
      entries.push(one)
    }
    const last = entries.at(-1)?.number ?? 0
    return { first: last && this.#next, last, entries }
  }

  /**
   * Makes a parcel of what waits in memory; durable when it resolves. Never while entries are under way, so that what the
   * centre got of them is not told twice.
   */
  seal(): Promise<void> {
    this.#isSealing = true
    const done = this.#sealing
      .then(() => this.#seal())
      .finally(() => {
        this.#isSealing = false
      })
    this.#sealing = done.catch(() => {})
    return done
  }

  /**
   * Hands the oldest parcel to `send` and lets it go once that resolved. False where there is none. Throws what `send`
   * throws; then the parcel stays.
   */
  sendLate(send: (parcel: Shelved) => Promise<void>): Promise<boolean> {
    return this.#inTurn(async () => {
      const { parcels, minutes } = this.#opened
      const shelf = minutes.isEmpty ? parcels : minutes
      const parcel = shelf.peek()
      if (!parcel) return false
      await send(parcel)
      await shelf.pass()
      return true
    })
  }

  async close(): Promise<void> {
    await this.#sealing
    for (const opened of [this.#opened.fresh, this.#opened.parcels, this.#opened.minutes])
      opened.close()
  }

  readonly #failed = (thrown: unknown) => {
    this.#options.log.error("what waits could not become a parcel", { because: String(thrown) })
  }

  #add(waiting: Waiting): void {
    this.#waiting.push(waiting)
    this.#rows += waiting.entry.block?.length ?? 0
    this.#arrived?.resolve()
    this.#arrived = undefined
  }

  #forget(last: number): void {
    let count = 0
    for (const { number, entry } of this.#waiting) {
      if (number > last) break
      count++
      this.#rows -= entry.block?.length ?? 0
    }
    this.#waiting = this.#waiting.slice(count)
    this.#next = Math.max(this.#next, last + 1)
  }

  async #seal(): Promise<void> {
    const entries = this.#waiting.map(({ entry }) => entry)
    const last = this.#waiting.at(-1)?.number
    if (last === undefined) return
    const blocks = entries.flatMap(({ block }) => (block ? [block] : []))
    const { runs, ...sorted } = sortRows(blocks)
    const head = {
      ...{ ...sorted, first: this.#next, last, isSummary: false },
      cycles: entries.flatMap(({ cycles }) => cycles),
      gaps: entries.flatMap(({ gaps }) => gaps),
      texts: textsOf(blocks, this.#options.registry),
    }
    const parcel = encodeParcel({ head, runs })
    await this.#opened.parcels.put(parcel)
    if (sorted.rows > 10_000) this.#bytesARow = parcel.length / sorted.rows
    this.#forget(last)
    await this.#tidy()
    await this.#keepBudget()
  }

  /** Frees the segments of what is confirmed or in parcels. What the sources' counts stand at goes before. */
  async #tidy(): Promise<void> {
    const { fresh } = this.#opened
    await fresh.roll()
    fresh.append([framed(sourcesFrame, this.#sources.bytes())])
    await fresh.sync()
    fresh.dropBefore(this.#next)
  }

  /** The oldest raw samples go first, then the oldest summaries. */
  async #keepBudget(): Promise<void> {
    const { parcels, minutes } = this.#opened
    const isOver = () => this.state.bytes > this.#options.budgetBytes
    while (isOver() && !parcels.isEmpty) await this.#inTurn(() => this.#summarise())
    while (isOver() && !minutes.isEmpty) await this.#inTurn(() => this.#dropMinutes())
  }

  async #summarise(): Promise<void> {
    const { parcels, minutes, segmentBytes } = this.#opened
    const some = parcels.look(segmentBytes)
    const summary = summaryOf(some)
    await minutes.put(summary)
    this.#count(some, parcelHead(summary).rows)
    await parcels.pass(some.length)
  }

  /** Of summaries for which there is no room either stays how much is missing, as an entry like any other. */
  async #dropMinutes(): Promise<void> {
    const { minutes, segmentBytes } = this.#opened
    const some = minutes.look(segmentBytes)
    await this.#write({ cycles: [], gaps: gapsOfDropped(some.map(({ head }) => head)) })
    this.#count(some, 0)
    await minutes.pass(some.length)
  }

  #count(parcels: readonly Shelved[], left: number): void {
    for (const { head } of parcels) this.#lost += head.rows
    this.#lost -= left
  }

  async #write(entry: LogEntry): Promise<void> {
    const { fresh } = this.#opened
    try {
      const number = fresh.append([framed(entryFrame, encodeEntry(entry))])
      await fresh.sync()
      this.#sources.saw(entry)
      this.#add({ number, entry })
    } catch (thrown) {
      const { message } = thrown as Error
      throw new Problem("storage-full", "edge", `the edge's log could not be written: ${message}`)
    }
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work)
    this.#turn = done.catch(() => {})
    return done
  }
}

function framed(kind: number, payload: Uint8Array): Uint8Array {
  const frame = new Uint8Array(payload.length + 1)
  frame[0] = kind
  frame.set(payload, 1)
  return frame
}

/** One name for all that was ever written in the folder: a log that lost its files counts anew. */
async function openEpoch({ disk, folder, newEpoch }: EdgeLogOptions): Promise<string> {
  const file = disk.open(join(folder, "epoch"))
  try {
    const bytes = new Uint8Array(64)
    const length = file.read(bytes, 0)
    if (length > 0) return new TextDecoder().decode(bytes.subarray(0, length))
    const epoch = newEpoch()
    file.append([new TextEncoder().encode(epoch)])
    await file.sync()
    disk.syncFolder(folder)
    return epoch
  } finally {
    file.close()
  }
}
