import type { KeyObject } from "node:crypto"
import { join } from "node:path"
import type { Clock } from "../../kernel/clock.ts"
import type { Files } from "../../kernel/files.ts"
import type { Log } from "../../kernel/log.ts"
import { Problem, problemOf } from "../../model/problem.ts"
import { firstHash } from "../chain.ts"
import type { LedgerReader, LedgerRecord } from "../ledger.ts"
import type { Change, Collection, Registry, Store } from "../store.ts"
import { type Database, openDatabase } from "./database.ts"
import { appendHead, mendHeads, openKey, readHeads } from "./heads.ts"
import { SqliteLedger } from "./ledger.ts"
import { type FolderLock, lockFolder } from "./lock.ts"
import { SqliteRegistry } from "./registry.ts"
import { migrate } from "./tables.ts"
import { failure, type Tip, Writer } from "./writer.ts"

export interface StoreOptions {
  /** Made where it is missing. One Moru at a time. */
  readonly folder: string
  /** Name of this chain; the folder keeps it for good. */
  readonly node: string
  readonly clock: Clock
  readonly files: Files
  readonly log: Log
}

export const databaseFile = "store.db"

const headInterval = 200

/** Opens the business records of a data folder. Throws `data-locked` or `store-failed`. */
export async function openStore(options: StoreOptions): Promise<SqliteStore> {
  const { folder, files } = options
  await files.makeFolder(folder)
  const lock = await lockFolder(folder, files)
  let database: Database | undefined
  try {
    database = openDatabase(join(folder, databaseFile))
    await migrate(database)
    await keepNode(database, options.node)
    const registry = new SqliteRegistry(database)
    await registry.load()
    await mendHeads(folder, files)
    const key = await openKey(folder, files)
    const store = new SqliteStore(options, {
      database,
      lock,
      registry,
      key,
      tip: await readTip(database),
    })
    await store.compareWithHeads()
    return store
  } catch (thrown) {
    await database?.destroy()
    await lock.release()
    throw thrown instanceof Problem ? thrown : failure(thrown)
  }
}

interface Opened {
  readonly database: Database
  readonly lock: FolderLock
  readonly registry: SqliteRegistry
  readonly key: KeyObject
  readonly tip: Tip
}

/** Business records and the ledger in one SQLite file. Made by `openStore`. */
export class SqliteStore implements Store {
  readonly ledger: LedgerReader
  readonly registry: Registry
  readonly #options: StoreOptions
  readonly #log: Log
  readonly #opened: Opened
  readonly #writer: Writer
  #headNumber = 0
  #headTorn = false

  constructor(options: StoreOptions, opened: Opened) {
    const { database, registry, key } = opened
    const { node, folder, files } = options
    this.#options = options
    this.#log = options.log.of("store")
    this.#opened = opened
    this.registry = registry
    this.ledger = new SqliteLedger(database, node, () => readHeads(folder, files, key))
    this.#writer = new Writer(database, { node, tip: opened.tip }, (tip) => this.#headWhenDue(tip))
  }

  commit(change: Change): Promise<readonly LedgerRecord[]> {
    return this.#writer.commit(change, this.#options.clock.now())
  }

  async get<Document>(collection: Collection, id: string): Promise<Document | undefined> {
    const row = await this.#opened.database
      .selectFrom("document")
      .select("body")
      .where("collection", "=", collection)
      .where("id", "=", id)
      .executeTakeFirst()
    return row && JSON.parse(row.body)
  }

  async list<Document>(collection: Collection): Promise<readonly Document[]> {
    const rows = await this.#opened.database
      .selectFrom("document")
      .select("body")
      .where("collection", "=", collection)
      .orderBy("id")
      .execute()
    return rows.map((row) => JSON.parse(row.body))
  }

  /** Writes what waits, signs the last head and gives the folder free. Never throws. */
  async close(): Promise<void> {
    const { database, lock } = this.#opened
    const logged = (thrown: unknown) => this.#log.error("closing failed", { thrown })
    await this.#writer.close()
    await this.registry.flush().catch(logged)
    await this.#exportHead(this.#writer.tip)
    await database.destroy().catch(logged)
    await lock.release().catch(logged)
  }

  /** Signs the head that a crash kept from being signed, and says aloud when the end of the chain is not the signed one. */
  async compareWithHeads(): Promise<void> {
    const { folder, files } = this.#options
    const { key, tip } = this.#opened
    const last = (await readHeads(folder, files, key)).signed.at(-1)
    this.#headNumber = last?.number ?? 0
    if (last && last.number > tip.number)
      this.#log.error("the ledger ends before its last signed head; run moru doctor", {
        head: last.number,
        last: tip.number,
      })
    await this.#headWhenDue(tip)
  }

  async #headWhenDue(tip: Tip): Promise<void> {
    if (tip.number - this.#headNumber >= headInterval) await this.#exportHead(tip)
  }

  /** A head that could not be written is tried again with the next record; the records themselves are safe. */
  async #exportHead({ number, hash }: Tip): Promise<void> {
    if (number <= this.#headNumber) return
    const { folder, files, node, clock } = this.#options
    try {
      if (this.#headTorn) await mendHeads(folder, files)
      this.#headTorn = true
      const head = { node, number, hash, at: clock.now() }
      await appendHead(folder, head, { files, key: this.#opened.key })
      this.#headTorn = false
      this.#headNumber = number
    } catch (thrown) {
      this.#log.error("the ledger's head was not exported", {
        problem: problemOf(thrown, folder).message,
      })
    }
  }
}

async function keepNode(database: Database, node: string): Promise<void> {
  await database
    .insertInto("meta")
    .values({ name: "node", value: node })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  const kept = await readNode(database)
  if (kept !== node)
    throw new Problem(
      "store-failed",
      databaseFile,
      `got the node "${node}", expected "${kept}", whose records are in this folder`,
    )
}

export async function readNode(database: Database): Promise<string | undefined> {
  const row = await database
    .selectFrom("meta")
    .select("value")
    .where("name", "=", "node")
    .executeTakeFirst()
  return row?.value
}

async function readTip(database: Database): Promise<Tip> {
  const row = await database
    .selectFrom("record")
    .select(["number", "hash"])
    .orderBy("number", "desc")
    .limit(1)
    .executeTakeFirst()
  return row ?? { number: 0, hash: firstHash }
}
