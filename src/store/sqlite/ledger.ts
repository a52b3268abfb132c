import { numberIn } from "../chain.ts"
import type {
  LedgerBreak,
  LedgerChain,
  LedgerFilter,
  LedgerId,
  LedgerReader,
  LedgerRecord,
} from "../ledger.ts"
import type { Database } from "./database.ts"
import type { Heads } from "./heads.ts"
import { jsonNumbers, readRecords } from "./records.ts"
import { verifyChain } from "./verify.ts"

const chainLimit = 500

export class SqliteLedger implements LedgerReader {
  readonly #database: Database
  readonly #node: string
  readonly #heads: () => Promise<Heads>

  constructor(database: Database, node: string, heads: () => Promise<Heads>) {
    this.#database = database
    this.#node = node
    this.#heads = heads
  }

  async get(id: LedgerId): Promise<LedgerRecord | undefined> {
    const number = numberIn(this.#node, id)
    if (number === undefined) return undefined
    const [record] = await this.#byNumbers([number])
    return record
  }

  async list(filter: LedgerFilter): Promise<readonly LedgerRecord[]> {
    const { kinds, subject, by, from, to, before, limit } = filter
    let query = this.#database.selectFrom("record").select("number").orderBy("number", "desc")
    if (kinds) query = query.where("kind", "in", kinds)
    if (subject !== undefined)
      query = query.where(({ or, and, eb }) =>
        or([
          eb("subject", "=", subject),
          // `0` is the character after `/`: all that begins with the subject and a slash.
          and([eb("subject", ">", `${subject}/`), eb("subject", "<", `${subject}0`)]),
        ]),
      )
    if (by !== undefined) query = query.where("by", "=", by)
    if (from !== undefined) query = query.where("at", ">=", from)
    if (to !== undefined) query = query.where("at", "<", to)
    if (before !== undefined) query = query.where("number", "<", before)
    const rows = await query.limit(limit).execute()
    return (await this.#byNumbers(rows.map((row) => row.number))).toReversed()
  }

  async chain(id: LedgerId, limit = chainLimit): Promise<LedgerChain | undefined> {
    const record = await this.get(id)
    if (!record) return undefined
    const led = await this.#walk(record.number, { from: "effect", to: "cause", limit })
    const followed = await this.#walk(record.number, { from: "cause", to: "effect", limit })
    const nearest = [...new Map([...led, ...followed])].sort(([, a], [, b]) => a - b)
    return { id, records: await this.#byNumbers(nearest.slice(0, limit).map(([number]) => number)) }
  }

  async verify(signal: AbortSignal): Promise<readonly LedgerBreak[]> {
    const heads = await this.#heads()
    return verifyChain({ database: this.#database, node: this.#node, heads }, signal)
  }

  /** In ascending order. */
  #byNumbers(numbers: readonly number[]): Promise<readonly LedgerRecord[]> {
    return readRecords(this.#database, this.#node, { among: numbers })
  }

  /** Everything in one direction, with how many steps away it is; the nearest first, until the limit. */
  async #walk(
    start: number,
    way: {
      readonly from: "cause" | "effect"
      readonly to: "cause" | "effect"
      readonly limit: number
    },
  ): Promise<ReadonlyMap<number, number>> {
    const far = new Map([[start, 0]])
    let border = [start]
    for (let steps = 1; border.length > 0 && far.size < way.limit; steps++) {
      const rows = await this.#database
        .selectFrom("cause")
        .select(`${way.to} as number`)
        .distinct()
        .where(way.from, "in", jsonNumbers(border))
        .execute()
      border = rows.map((row) => row.number).filter((number) => !far.has(number))
      for (const number of border) far.set(number, steps)
    }
    return far
  }
}
