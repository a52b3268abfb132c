import { DatabaseSync } from "node:sqlite"
import { Problem } from "../../model/problem.ts"

const version = 1

/**
 * Samples by tag and time; a value has no type of its own in SQLite so that -0 stays -0, and NaN is NULL there. Rows of
 * one time stand apart by source and number.
 */
const tables = `
  CREATE TABLE source (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, last_row INTEGER NOT NULL) STRICT;
  CREATE TABLE sample (
    tag INTEGER NOT NULL, at REAL NOT NULL, source INTEGER NOT NULL, number INTEGER NOT NULL,
    value ANY, quality INTEGER NOT NULL,
    PRIMARY KEY (tag, at, source, number)) STRICT, WITHOUT ROWID;
  CREATE TABLE cycle (
    source INTEGER NOT NULL, sequence INTEGER NOT NULL, equipment TEXT NOT NULL,
    start_at REAL NOT NULL, end_at REAL NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (source, sequence)) STRICT, WITHOUT ROWID;
  CREATE INDEX cycle_end ON cycle (end_at);
  CREATE INDEX cycle_equipment_end ON cycle (equipment, end_at);
  PRAGMA user_version = ${version};`

/** Durable at each commit; frequent small checkpoints, since each holds up the process for as long as it is large. */
const settings = `
  PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
  PRAGMA wal_autocheckpoint = 300; PRAGMA cache_size = -32768;`

/** One connection writes and another reads, so that a reader never sees half a transaction. */
export interface Databases {
  readonly writer: DatabaseSync
  readonly reader: DatabaseSync
}

/** Throws `store-failed` or `history-corrupt`. */
export function openDatabases(path: string): Databases {
  return guarded(path, () => {
    const writer = new DatabaseSync(path, { timeout: 5000 })
    writer.exec(settings)
    const found = writer.prepare("PRAGMA user_version").get()?.user_version
    if (found === 0) writer.exec(`BEGIN; ${tables} COMMIT`)
    else if (found !== version) {
      writer.close()
      const what = `got a history of version ${found}, expected ${version}: this data is of a newer Moru`
      throw new Problem("store-failed", path, what)
    }
    return { writer, reader: new DatabaseSync(path, { readOnly: true, timeout: 5000 }) }
  })
}

/** Does the work and turns what SQLite says into a problem that a person can act on. */
export function guarded<Result>(path: string, work: () => Result): Result {
  try {
    return work()
  } catch (thrown) {
    throw historyProblem(path, thrown)
  }
}

const corrupt = 11
const noDatabase = 26

export function historyProblem(path: string, thrown: unknown): Problem {
  if (thrown instanceof Problem) return thrown
  const what = thrown instanceof Error ? thrown.message : String(thrown)
  const number = thrown instanceof Error && "errcode" in thrown ? Number(thrown.errcode) & 0xff : 0
  const code = number === corrupt || number === noDatabase ? "history-corrupt" : "store-failed"
  return new Problem(code, path, what, { cause: thrown })
}
