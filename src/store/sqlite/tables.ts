import { type Kysely, sql } from "kysely"
import { type Migration, Migrator } from "kysely/migration"
import type { LedgerKind } from "../ledger.ts"
import type { Collection } from "../store.ts"

export interface Tables {
  readonly meta: { readonly name: string; readonly value: string }
  readonly record: {
    readonly number: number
    readonly at: number
    readonly kind: LedgerKind
    readonly subject: string
    readonly by: string
    /** Canonical JSON. */
    readonly body: string
    readonly hash: string
  }
  /** The only place of a record's causes: walked both ways. */
  readonly cause: { readonly effect: number; readonly place: number; readonly cause: number }
  readonly document: {
    readonly collection: Collection
    readonly id: string
    /** JSON. */
    readonly body: string
  }
  readonly tag: { readonly id: number; readonly path: string; readonly kind: string }
  readonly text: { readonly tag: number; readonly id: number; readonly text: string }
  /** SQLite's own: the highest number ever given in a table. */
  readonly sqlite_sequence: { readonly name: string; readonly seq: number }
}

/** Brings the file to the newest form. A file of a newer Moru is refused, never changed. */
export async function migrate(database: Kysely<Tables>): Promise<void> {
  const migrator = new Migrator({
    db: database,
    provider: { getMigrations: async () => migrations },
  })
  const { error } = await migrator.migrateToLatest()
  if (error) throw error
}

/** Only ever added to: a migration that has been released is never changed. */
const migrations: Record<string, Migration> = {
  "0001-first": {
    up: async (database: Kysely<unknown>) => {
      for (const statement of first) await sql.raw(statement).execute(database)
    },
  },
}

const first = [
  "CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID",
  `CREATE TABLE record (
    number INTEGER PRIMARY KEY AUTOINCREMENT, at REAL NOT NULL, kind TEXT NOT NULL, subject TEXT NOT NULL,
    by TEXT NOT NULL, body TEXT NOT NULL, hash TEXT NOT NULL) STRICT`,
  "CREATE INDEX record_kind ON record (kind, number)",
  "CREATE INDEX record_subject ON record (subject, number)",
  "CREATE INDEX record_by ON record (by, number)",
  "CREATE INDEX record_at ON record (at)",
  `CREATE TABLE cause (
    effect INTEGER NOT NULL REFERENCES record, place INTEGER NOT NULL,
    cause INTEGER NOT NULL REFERENCES record, PRIMARY KEY (effect, place)) STRICT, WITHOUT ROWID`,
  "CREATE INDEX cause_cause ON cause (cause, effect)",
  `CREATE TABLE document (
    collection TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (collection, id)) STRICT, WITHOUT ROWID`,
  "CREATE TABLE tag (id INTEGER PRIMARY KEY, path TEXT NOT NULL, kind TEXT NOT NULL, UNIQUE (path, kind)) STRICT",
  `CREATE TABLE text (
    tag INTEGER NOT NULL REFERENCES tag, id INTEGER NOT NULL, text TEXT NOT NULL,
    PRIMARY KEY (tag, id)) STRICT, WITHOUT ROWID`,
]
