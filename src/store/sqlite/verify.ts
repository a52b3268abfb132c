import { sql } from "kysely"
import { nextTurn } from "../../kernel/turn.ts"
import { firstHash, hashOf } from "../chain.ts"
import type { LedgerBreak, LedgerRecord } from "../ledger.ts"
import type { Database } from "./database.ts"
import type { Head, Heads } from "./heads.ts"
import { readRecords } from "./records.ts"

/** So many records may stand after the last head, at most: a group of changes comes on top of the interval. */
const mostAfterHead = 1000
const page = 500

interface Chain {
  readonly database: Database
  readonly node: string
  readonly heads: Heads
}

/** Reads the whole chain and holds it against the exported heads. */
export async function verifyChain(
  { database, node, heads }: Chain,
  signal: AbortSignal,
): Promise<readonly LedgerBreak[]> {
  const { last, given } = await extent(database)
  const walk = new Walk(heads.signed.filter((head) => head.node === node))
  for (let after = 0; after < last; ) {
    signal.throwIfAborted()
    const records = await readRecords(database, node, { after, upTo: last, limit: page })
    for (const record of records) walk.step(record)
    after = records.at(-1)?.number ?? last
    await nextTurn()
  }
  return [...walk.breaks, ...endBreaks({ last, given }, heads), ...headBreaks(heads)]
}

/** The last number there is, and the last that SQLite says to have given. */
async function extent(database: Database): Promise<{ last: number; given: number }> {
  const { rows } = await sql<{ last: number; given: number }>`
    SELECT coalesce((SELECT max(number) FROM record), 0) AS last,
      coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'record'), 0) AS given`.execute(
    database,
  )
  return rows[0] ?? { last: 0, given: 0 }
}

/** One pass over the records in ascending order. */
class Walk {
  readonly breaks: LedgerBreak[] = []
  readonly #heads: ReadonlyMap<number, Head>
  #expected = 1
  #previous: string | undefined = firstHash
  #lastGoodHead = 0
  #rewritten = false

  constructor(heads: readonly Head[]) {
    this.#heads = new Map(heads.map((head) => [head.number, head]))
  }

  step(record: LedgerRecord): void {
    const { number, hash } = record
    if (number > this.#expected) this.#missing(number - 1)
    if (this.#previous !== undefined && hashOf(this.#previous, record) !== hash)
      this.#add(
        number,
        "tampered",
        `record ${number} is not what was written, or not after what was written before it`,
      )
    this.#compare(number, hash)
    this.#previous = hash
    this.#expected = number + 1
  }

  #missing(to: number): void {
    const from = this.#expected
    this.#add(
      from,
      "missing",
      from === to ? `record ${from} is missing` : `records ${from} to ${to} are missing`,
    )
    this.#previous = undefined
  }

  #compare(number: number, hash: string): void {
    const head = this.#heads.get(number)
    if (!head || this.#rewritten) return
    if (head.hash === hash) this.#lastGoodHead = number
    else {
      this.#rewritten = true
      this.#add(
        number,
        "rewritten",
        `the chain was written anew somewhere in records ${this.#lastGoodHead + 1} to ${number}: its hash is not the one that was signed as head ${number}`,
      )
    }
  }

  #add(number: number, kind: LedgerBreak["kind"], says: string): void {
    this.breaks.push({ number, kind, says })
  }
}

function endBreaks(
  { last, given }: { readonly last: number; readonly given: number },
  { signed }: Heads,
): LedgerBreak[] {
  const head = Math.max(0, ...signed.map((h) => h.number))
  const end = Math.max(head, given)
  if (end > last) {
    const proof = head > last ? `head ${head} was signed` : `the file has given number ${given}`
    const says = `records ${last + 1} to ${end} were cut from the end: ${proof}`
    return [{ number: last + 1, kind: "cut-tail", says }]
  }
  if (last - head < mostAfterHead) return []
  const says = `heads.jsonl has no head after ${head}, though the chain goes on to ${last}: heads are missing`
  return [{ number: head + 1, kind: "missing", says }]
}

function headBreaks({ wrong }: Heads): LedgerBreak[] {
  return wrong.map((says) => ({ number: 0, kind: "tampered", says }))
}
