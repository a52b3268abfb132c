import { DatabaseSync } from "node:sqlite"
import { Problem } from "../../../model/problem.ts"

const version = 1

const tables = `
  CREATE TABLE source (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, last_row INTEGER NOT NULL) STRICT;
  CREATE TABLE cycle (
    source INTEGER NOT NULL, sequence INTEGER NOT NULL, equipment TEXT NOT NULL,
    start_at REAL NOT NULL, end_at REAL NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (source, sequence)) STRICT, WITHOUT ROWID;
  CREATE INDEX cycle_end ON cycle (end_at);
  CREATE INDEX cycle_equipment_end ON cycle (equipment, end_at);
  PRAGMA user_version = ${version};`

/** Whole after any crash; what a power cut takes from its end stands in the journal until a checkpoint. */
const settings = "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"

/** Opens the catalog for writing, made where it is missing. Throws `store-failed`, `storage-full` or `history-corrupt`. */
export function openCatalog(path: string): DatabaseSync {
  return guarded(path, () => {
    const database = new DatabaseSync(path, { timeout: 5000 })
    try {
      database.exec(settings)
      const found = database.prepare("PRAGMA user_version").get()?.user_version
      if (found === 0) database.exec(`BEGIN; ${tables} COMMIT`)
      else if (found !== version)
        throw new Problem(
          "store-failed",
          path,
          `got a history of version ${found}, expected ${version}: this data is of a newer Moru`,
        )
      return database
    } catch (thrown) {
      database.close()
      throw thrown
    }
  })
}

/** Does the work and turns what SQLite or the disk says into a problem that a person can act on. */
export function guarded<Result>(path: string, work: () => Result): Result {
  try {
    return work()
  } catch (thrown) {
    throw historyProblem(path, thrown)
  }
}

const sqliteCorrupt = 11
const sqliteFull = 13
const sqliteNoDatabase = 26

/** `history-corrupt`, `storage-full` or `store-failed`. */
export function historyProblem(path: string, thrown: unknown): Problem {
  if (thrown instanceof Problem) return thrown
  const what = thrown instanceof Error ? thrown.message : String(thrown)
  return new Problem(codeOf(thrown), path, what, { cause: thrown })
}

function codeOf(thrown: unknown): "history-corrupt" | "storage-full" | "store-failed" {
  if (!(thrown instanceof Error)) return "store-failed"
  if ("errcode" in thrown) {
    const primary = Number(thrown.errcode) & 0xff
    if (primary === sqliteCorrupt || primary === sqliteNoDatabase) return "history-corrupt"
    if (primary === sqliteFull) return "storage-full"
  }
  const { code } = thrown as NodeJS.ErrnoException
  return code === "ENOSPC" || code === "EDQUOT" ? "storage-full" : "store-failed"
}

/** All that the work changes, or nothing. */
export function inTransaction(path: string, database: DatabaseSync, work: () => void): void {
  guarded(path, () => {
    database.exec("BEGIN IMMEDIATE")
    try {
      work()
      database.exec("COMMIT")
    } catch (thrown) {
      // After some errors, such as a full disk, SQLite has rolled back by itself.
      if (database.isTransaction) database.exec("ROLLBACK")
      throw thrown
    }
  })
}
