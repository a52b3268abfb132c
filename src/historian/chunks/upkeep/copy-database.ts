import { backup, DatabaseSync } from "node:sqlite"
import { Problem } from "../../../model/problem.ts"

/** In one step, so that a writer in between never makes it begin again. */
const allPages = 2 ** 31 - 1

/**
 * Copies a SQLite database as it is at one moment, whoever writes to it meanwhile; the copy is one file that can be read
 * where nothing may be written. Off the event loop. Throws `store-failed`.
 */
export async function copyDatabase(from: string, to: string): Promise<void> {
  try {
    const source = new DatabaseSync(from, { readOnly: true, timeout: 5000 })
    try {
      await backup(source, to, { rate: allPages })
    } finally {
      source.close()
    }
    const copy = new DatabaseSync(to)
    try {
      copy.exec("PRAGMA journal_mode = DELETE")
    } finally {
      copy.close()
    }
  } catch (thrown) {
    const what = thrown instanceof Error ? thrown.message : String(thrown)
    throw new Problem("store-failed", from, what, { cause: thrown })
  }
}

/** One row of one query over a database that is only read. */
export function askDatabase(path: string, query: string): Readonly<Record<string, unknown>> {
  const database = new DatabaseSync(path, { readOnly: true, timeout: 5000 })
  try {
    return database.prepare(query).get() ?? {}
  } finally {
    database.close()
  }
}

/**
 * Adds sources that the catalog met since it was copied: rows of the log that was taken after it may name them. Their
 * counts begin anew, so that what is not in the copy is sent again.
 */
export function addSources(from: string, copy: string): void {
  const source = new DatabaseSync(from, { readOnly: true, timeout: 5000 })
  const target = new DatabaseSync(copy)
  try {
    const put = target.prepare(
      "INSERT OR IGNORE INTO source (id, name, last_row) VALUES (?, ?, -1)",
    )
    for (const { id, name } of source.prepare("SELECT id, name FROM source").all())
      put.run(id as number, name as string)
  } finally {
    source.close()
    target.close()
  }
}
