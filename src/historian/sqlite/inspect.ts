import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import type { Files } from "../../kernel/files.ts"
import { Problem } from "../../model/problem.ts"
import { guarded } from "./database.ts"

/** What `moru doctor` says of a data folder's history. */
export interface HistoryInspection {
  readonly samples: number
  readonly cycles: number
  /** What SQLite finds wrong with the file; empty if nothing. */
  readonly faults: readonly string[]
}

/** Looks at the samples of a data folder without changing them. Throws `not-found` or `history-corrupt`. */
export async function inspectHistory(where: {
  readonly folder: string
  readonly files: Files
}): Promise<HistoryInspection> {
  const { folder, files } = where
  const name = "history.db"
  if (!(await files.list(folder)).includes(name))
    throw new Problem("not-found", folder, `no ${name}: no Moru has run with this folder`)
  return guarded(join(folder, name), () => {
    const database = new DatabaseSync(join(folder, name), { readOnly: true, timeout: 5000 })
    try {
      const count = (table: string) =>
        Number(database.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.n)
      const checked = database.prepare("PRAGMA quick_check(20)").all()
      const faults = checked.map((row) => String(row.quick_check)).filter((says) => says !== "ok")
      return { samples: count("sample"), cycles: count("cycle"), faults }
    } finally {
      database.close()
    }
  })
}
