import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite"
import { Kysely, type SqliteDatabase, SqliteDialect, type SqliteStatement } from "kysely"
import type { Tables } from "./tables.ts"

export type Database = Kysely<Tables>

const mostStatements = 200

/** Opens the file for its one writer: what is committed is on the disk before the commit returns. */
export function openDatabase(path: string): Database {
  const raw = new DatabaseSync(path, { enableForeignKeyConstraints: true, timeout: 5000 })
  raw.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL")
  return kyselyOver(raw)
}

/** Opens the file without a possibility to change it. */
export function openReadOnly(path: string): Database {
  return kyselyOver(new DatabaseSync(path, { readOnly: true, timeout: 5000 }))
}

function kyselyOver(raw: DatabaseSync): Database {
  return new Kysely<Tables>({ dialect: new SqliteDialect({ database: new NodeSqlite(raw) }) })
}

/** node:sqlite in the shape that Kysely's dialect asks for, with its statements kept. */
class NodeSqlite implements SqliteDatabase {
  readonly #raw: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()

  constructor(raw: DatabaseSync) {
    this.#raw = raw
  }

  close(): void {
    this.#raw.close()
  }

  prepare(sql: string): SqliteStatement {
    const statement = this.#statement(sql)
    return {
      reader: statement.columns().length > 0,
      all: (parameters) => statement.all(...(parameters as SQLInputValue[])),
      run: (parameters) => statement.run(...(parameters as SQLInputValue[])),
      iterate: (parameters) =>
        this.#raw
          .prepare(sql)
          .iterate(...(parameters as SQLInputValue[])) as IterableIterator<unknown>,
    }
  }

  #statement(sql: string): StatementSync {
    const kept = this.#statements.get(sql)
    if (kept) return kept
    if (this.#statements.size === mostStatements) this.#statements.clear()
    const statement = this.#raw.prepare(sql)
    this.#statements.set(sql, statement)
    return statement
  }
}
