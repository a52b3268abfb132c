import type { DatabaseSync, StatementSync } from "node:sqlite"
import { guarded } from "../catalog/database.ts"
import { openForReading, tagsIn } from "./database.ts"
import { type Place, type PlaceRow, placeColumns, placeOf } from "./place.ts"

/** One partition, open for reading. What SQLite says comes as a `Problem` of the file. */
export class PartitionView {
  readonly path: string
  readonly #database: DatabaseSync
  readonly #begin: StatementSync
  readonly #end: StatementSync
  readonly #version: StatementSync
  readonly #places: StatementSync
  readonly #newest: StatementSync
  readonly #record: StatementSync
  /** The last list, as long as nobody commits: the next windows of a reader ask for parts of it. */
  #listed: { readonly tag: number; readonly from: number; readonly to: number } | undefined
  #listedVersion = -1
  #list: readonly Place[] = []

  constructor(path: string) {
    this.path = path
    const database = openForReading(path)
    this.#database = database
    this.#begin = database.prepare("BEGIN")
    this.#end = database.prepare("COMMIT")
    this.#version = database.prepare("PRAGMA data_version")
    this.#places = database.prepare(
      `SELECT ${placeColumns} FROM chunk WHERE tag = ? AND first_at < ? AND last_at >= ?
       ORDER BY first_at, id`,
    )
    this.#newest = database.prepare(
      "SELECT max(first_at) AS at FROM chunk WHERE tag = ? AND first_at < ?",
    )
    this.#record = database.prepare("SELECT bytes FROM record WHERE id = ?")
    for (const statement of [this.#version, this.#places, this.#record])
      statement.setReturnArrays(true)
  }

  /** What is read within the work is of one moment. */
  snapshot<Result>(work: () => Result): Result {
    return guarded(this.path, () => {
      this.#begin.run()
      try {
        return work()
      } finally {
        this.#end.run()
      }
    })
  }

  /** The chunks that reach into `from` (in) to `to` (out), by their first time; perhaps some more before `from`. */
  places(tag: number, from: number, to: number): readonly Place[] {
    const version = one(this.#version.get())
    const listed = this.#listed
    if (
      version === this.#listedVersion &&
      listed?.tag === tag &&
      listed.from <= from &&
      listed.to === to
    )
      return this.#list
    const rows = this.#places.all(tag, to, from) as unknown as readonly PlaceRow[]
    this.#list = rows.map((row) => placeOf(tag, row))
    this.#listed = { tag, from, to }
    this.#listedVersion = version
    return this.#list
  }

  bytesOf({ id }: Place): Uint8Array {
    const row = this.#record.get(id) as unknown as readonly Uint8Array[] | undefined
    return row?.[0] ?? nothing
  }

  /** The latest time before then at which a chunk of the tag begins. */
  newestStart(tag: number, then: number): number | undefined {
    return guarded(this.path, () => {
      const at = this.#newest.get(tag, then)?.at
      return typeof at === "number" ? at : undefined
    })
  }

  tags(): readonly number[] {
    return guarded(this.path, () => tagsIn(this.#database))
  }

  /** The first time of all chunks, by one step in the index for each tag. */
  oldest(): number | undefined {
    return guarded(this.path, () => {
      const first = this.#database.prepare("SELECT min(first_at) AS at FROM chunk WHERE tag = ?")
      const times = tagsIn(this.#database).map((tag) => first.get(tag)?.at as number)
      return times.length === 0 ? undefined : times.reduce((a, b) => Math.min(a, b))
    })
  }

  close(): void {
    if (this.#database.isOpen) this.#database.close()
  }
}

const nothing = new Uint8Array(0)

function one(row: unknown): number {
  return (row as readonly number[])[0] ?? 0
}
