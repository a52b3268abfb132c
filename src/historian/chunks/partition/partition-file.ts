import type { DatabaseSync, StatementSync } from "node:sqlite"
import { maxChunkSamples } from "../../../codec/chunk.ts"
import { encodeRecord } from "../../../codec/chunk-record.ts"
import type { Interval } from "../../forget.ts"
import { guarded, inTransaction } from "../catalog/database.ts"
import { rowsIn } from "../merge.ts"
import type { Run } from "../run.ts"
import { openForWriting, tagsIn } from "./database.ts"
import { type Place, type PlaceRow, placeColumns, placeOf } from "./place.ts"

/** Rows of a full chunk. */
export const chunkRows = 1024

/** One partition, open for writing. What SQLite says comes as a `Problem` of the file. */
export class PartitionFile {
  readonly path: string
  readonly #database: DatabaseSync
  readonly #putChunk: StatementSync
  readonly #putRecord: StatementSync
  readonly #removeChunk: StatementSync
  readonly #removeRecord: StatementSync
  readonly #placesOf: StatementSync
  readonly #placesWithin: StatementSync
  readonly #record: StatementSync
  #lastId: number

  constructor(path: string) {
    this.path = path
    const database = openForWriting(path)
    this.#database = database
    this.#putChunk = database.prepare("INSERT INTO chunk VALUES (?, ?, ?, ?, ?)")
    this.#putRecord = database.prepare("INSERT INTO record VALUES (?, ?)")
    this.#removeChunk = database.prepare(
      "DELETE FROM chunk WHERE tag = ? AND first_at = ? AND id = ?",
    )
    this.#removeRecord = database.prepare("DELETE FROM record WHERE id = ?")
    this.#placesOf = database.prepare(
      `SELECT ${placeColumns} FROM chunk WHERE tag = ? ORDER BY first_at, id`,
    )
    this.#placesWithin = database.prepare(
      `SELECT ${placeColumns} FROM chunk WHERE tag = ? AND first_at < ? AND last_at >= ?
       ORDER BY first_at, id LIMIT ?`,
    )
    this.#record = database.prepare("SELECT bytes FROM record WHERE id = ?")
    this.#placesOf.setReturnArrays(true)
    this.#placesWithin.setReturnArrays(true)
    this.#lastId = Number(database.prepare("SELECT max(id) AS id FROM record").get()?.id ?? 0)
  }

  get lastId(): number {
    return this.#lastId
  }

  /** All that the work changes, or nothing. */
  transaction(work: () => void): void {
    inTransaction(this.path, this.#database, work)
  }

  /**
   * Adds a run as chunks of about equal size, younger than all that are there unless it says its age. Rows of one time
   * stay in one chunk where they can.
   */
  add(run: Run, age?: number): void {
    const { at } = run
    const pieces = Math.ceil(at.length / chunkRows)
    for (let first = 0, piece = 1; first < at.length; piece++) {
      let end = Math.max(first + 1, Math.floor((piece * at.length) / pieces))
      while (end < at.length && end - first < maxChunkSamples && at[end] === at[end - 1]) end++
      const rows = rowsIn(run, first, end)
      const bytes = encodeRecord(run.tag, age ?? this.#lastId + 1, rows)
      const [from, to] = [at[first] as number, at[end - 1] as number]
      this.#put({ tag: run.tag, from, to, count: end - first, bytes })
      first = end
    }
  }

  /** Puts a record as it is behind all others, where it is still there. */
  move(place: Place): void {
    const bytes = this.bytesOf(place)
    if (bytes.length === 0) return
    this.remove(place)
    this.#put({ ...place, bytes })
  }

  remove({ tag, from, id }: Place): void {
    this.#removeChunk.run(tag, from, id)
    this.#removeRecord.run(id)
  }

  /** All chunks of a tag, by their first time. */
  placesOf(tag: number): readonly Place[] {
    return guarded(this.path, () => placesOf(tag, this.#placesOf.all(tag)))
  }

  /** Those that reach into the interval, by their first time; the first of them where a limit is given. */
  placesWithin(tag: number, { from, to }: Interval, limit = -1): readonly Place[] {
    return guarded(this.path, () => placesOf(tag, this.#placesWithin.all(tag, to, from, limit)))
  }

  bytesOf({ id }: Place): Uint8Array {
    return guarded(this.path, () => this.#record.get(id)?.bytes ?? nothing) as Uint8Array
  }

  tags(): readonly number[] {
    return guarded(this.path, () => tagsIn(this.#database))
  }

  get arranged(): number {
    return guarded(this.path, () =>
      Number(this.#database.prepare("SELECT arranged FROM state").get()?.arranged),
    )
  }

  set arranged(id: number) {
    guarded(this.path, () => this.#database.prepare("UPDATE state SET arranged = ?").run(id))
  }

  /** True once all that was committed is safe in the file itself; false where a reader stood in the way. */
  checkpoint(): boolean {
    return guarded(this.path, () => {
      const done = this.#database.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get()
      return done?.busy === 0
    })
  }

  /** Gives some free room back to the disk, which has it after a checkpoint; false once none can be given. */
  giveBack(): boolean {
    return guarded(this.path, () => {
      const free = () =>
        Number(this.#database.prepare("PRAGMA freelist_count").get()?.freelist_count)
      const before = free()
      this.#database.exec("PRAGMA incremental_vacuum(256)")
      const after = free()
      // A partition that was made without this ability keeps its room for rows to come.
      return after > 0 && after < before
    })
  }

  close(): void {
    if (this.#database.isOpen) this.#database.close()
  }

  #put({ tag, from, to, count, bytes }: Omit<Place, "id"> & { readonly bytes: Uint8Array }): void {
    const id = ++this.#lastId
    this.#putChunk.run(tag, from, id, to, count)
    this.#putRecord.run(id, bytes)
  }
}

const nothing = new Uint8Array(0)

function placesOf(tag: number, rows: unknown): readonly Place[] {
  return (rows as readonly PlaceRow[]).map((row) => placeOf(tag, row))
}
