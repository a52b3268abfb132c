import type { Transaction } from "kysely"
import type { Instant } from "../../model/instant.ts"
import { Problem } from "../../model/problem.ts"
import { canonicalJson, hashOf, ledgerId, numberIn } from "../chain.ts"
import type { LedgerDraft, LedgerRecord } from "../ledger.ts"
import type { Change, Put } from "../store.ts"
import type { Database } from "./database.ts"
import type { Tables } from "./tables.ts"

/** The end of the chain: what the next record builds on. */
export interface Tip {
  readonly number: number
  readonly hash: string
}

type Draft = Omit<LedgerRecord, "id" | "number" | "hash">

interface Waiting {
  readonly drafts: readonly Draft[]
  readonly documents: readonly Document[]
  readonly done: (records: readonly LedgerRecord[]) => void
  readonly failed: (thrown: unknown) => void
}

interface Document {
  readonly put: Put
  /** JSON; undefined removes. */
  readonly body: string | undefined
}

const mostRecords = 500
const mostRowsAtOnce = 500

/** The one writer of the chain. Changes that wait at the same moment share a transaction and its fsync, in their order. */
export class Writer {
  readonly #database: Database
  readonly #node: string
  readonly #committed: (tip: Tip) => Promise<void>
  readonly #waiting: Waiting[] = []
  #tip: Tip
  #running: Promise<void> | undefined
  #closed = false

  constructor(
    database: Database,
    chain: { readonly node: string; readonly tip: Tip },
    /** Called after each transaction that added records, before the next one. */
    committed: (tip: Tip) => Promise<void>,
  ) {
    this.#database = database
    this.#node = chain.node
    this.#tip = chain.tip
    this.#committed = committed
  }

  get tip(): Tip {
    return this.#tip
  }

  commit(change: Change, now: Instant): Promise<readonly LedgerRecord[]> {
    if (this.#closed) return Promise.reject(failure("the store is closed"))
    const drafts = (change.records ?? []).map((draft) => draftOf(draft, now))
    const documents = (change.puts ?? []).map(documentOf)
    const { promise, resolve, reject } = Promise.withResolvers<readonly LedgerRecord[]>()
    this.#waiting.push({ drafts, documents, done: resolve, failed: reject })
    this.#running ??= this.#run()
    return promise
  }

  /** Refuses new changes and resolves when those that wait are written. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#running
  }

  async #run(): Promise<void> {
    // Lets all who commit in this very moment join the group.
    await Promise.resolve()
    while (this.#waiting.length > 0) await this.#writeGroup(this.#takeGroup())
    this.#running = undefined
  }

  #takeGroup(): Waiting[] {
    let records = 0
    const over = this.#waiting.findIndex(({ drafts }, index) => {
      records += drafts.length
      return index > 0 && records > mostRecords
    })
    return this.#waiting.splice(0, over < 0 ? this.#waiting.length : over)
  }

  async #writeGroup(group: readonly Waiting[]): Promise<void> {
    const written: { waiting: Waiting; records: readonly LedgerRecord[] }[] = []
    let tip = this.#tip
    for (const waiting of group) {
      try {
        const records = this.#continue(tip, waiting.drafts)
        tip = records.at(-1) ?? tip
        written.push({ waiting, records })
      } catch (thrown) {
        waiting.failed(thrown)
      }
    }
    const records = written.flatMap((w) => w.records)
    try {
      await this.#database.transaction().execute(async (transaction) => {
        await insertRecords(transaction, records, (id) => this.#numberIn(id))
        await putDocuments(
          transaction,
          written.flatMap((w) => w.waiting.documents.map((d) => withRecord(d, w.records))),
        )
      })
    } catch (thrown) {
      for (const { waiting } of written) waiting.failed(failure(thrown))
      return
    }
    this.#tip = { number: tip.number, hash: tip.hash }
    for (const { waiting, records } of written) waiting.done(records)
    if (records.length > 0) await this.#committed(this.#tip)
  }

  #continue(tip: Tip, drafts: readonly Draft[]): readonly LedgerRecord[] {
    let { number, hash } = tip
    return drafts.map((draft) => {
      number += 1
      for (const cause of draft.causes) {
        const found = numberIn(this.#node, cause)
        if (found === undefined || found >= number)
          throw new Error(
            `${draft.kind} of ${draft.subject}: no record "${cause}" that could be its cause`,
          )
      }
      const record = { ...draft, id: ledgerId(this.#node, number), number }
      hash = hashOf(hash, record)
      return { ...record, hash }
    })
  }

  #numberIn(id: string): number {
    return numberIn(this.#node, id) ?? 0
  }
}

/** As it will stand in the chain: what JSON cannot say is gone, and nobody can change it afterwards. */
function draftOf({ at, kind, subject, by, causes, body }: LedgerDraft, now: Instant): Draft {
  const plain = JSON.parse(JSON.stringify({ at: at ?? now, causes, body }))
  return { kind, subject, by, ...plain }
}

function documentOf(put: Put): Document {
  return { put, body: put.document === undefined ? undefined : JSON.stringify(put.document) }
}

/** Gives a document the id of its own record, which is known only now. */
function withRecord(document: Document, records: readonly LedgerRecord[]): Document {
  const { put, body } = document
  const record = put.record === undefined ? undefined : records[put.record]
  if (!record || body === undefined) return document
  return { put, body: JSON.stringify({ ...JSON.parse(body), record: record.id }) }
}

async function insertRecords(
  transaction: Transaction<Tables>,
  records: readonly LedgerRecord[],
  numberOf: (id: string) => number,
): Promise<void> {
  const rows = records.map(({ number, at, kind, subject, by, body, hash }) => ({
    number,
    at,
    kind,
    subject,
    by,
    body: canonicalJson(body),
    hash,
  }))
  const causes = records.flatMap((record) =>
    record.causes.map((id, place) => ({ effect: record.number, place, cause: numberOf(id) })),
  )
  for (const some of inParts(rows)) await transaction.insertInto("record").values(some).execute()
  for (const some of inParts(causes)) await transaction.insertInto("cause").values(some).execute()
}

async function putDocuments(
  transaction: Transaction<Tables>,
  documents: readonly Document[],
): Promise<void> {
  for (const { put, body } of documents) {
    const { collection, id } = put
    if (body === undefined)
      await transaction
        .deleteFrom("document")
        .where("collection", "=", collection)
        .where("id", "=", id)
        .execute()
    else
      await transaction
        .insertInto("document")
        .values({ collection, id, body })
        .onConflict((conflict) => conflict.columns(["collection", "id"]).doUpdateSet({ body }))
        .execute()
  }
}

/** SQLite binds a limited count of values in one statement. */
export function inParts<Row>(rows: readonly Row[]): Row[][] {
  const parts: Row[][] = []
  for (let from = 0; from < rows.length; from += mostRowsAtOnce)
    parts.push(rows.slice(from, from + mostRowsAtOnce))
  return parts
}

export function failure(because: unknown): Problem {
  const what = because instanceof Error ? because.message : String(because)
  return new Problem("store-failed", "store", what, { cause: because })
}
