import { createHash } from "node:crypto"
import type { TableCell } from "../../codec/table.ts"
import { Problem } from "../../model/problem.ts"
import type { Fetched, Watermark } from "./database.ts"
import type { Place } from "./memory.ts"
import type { SqlOptions } from "./options.ts"

export interface NewRows {
  readonly rows: readonly (readonly TableCell[])[]
  /** Where to go on once these are durable. */
  readonly after: Place
  /** True where the database may have more at once. */
  readonly hasMore: boolean
}

interface Row {
  readonly cells: readonly TableCell[]
  readonly watermark: Watermark
  readonly digest: string
}

/**
 * The rows of a reading that were not stored before, in an order that another reading gives too. Where the reading is full, rows
 * with its last watermark are left to the next, for there may be more of them. Throws `option-invalid` for a query that does
 * not go up by its watermark.
 */
export function newRows(
  fetched: Fetched,
  of: { readonly place: Place; readonly options: SqlOptions; readonly where: string },
): NewRows {
  const { place, options, where } = of
  const wrong = (what: string) => new Problem("option-invalid", where, what)
  const rows = readRows(fetched, options.watermark, wrong)
  const isFull = fetched.rows.length >= options.rows
  const last = rows.at(-1)?.watermark
  const seen = new Set(place.seen)
  const isNew = ({ watermark, digest }: Row) => watermark !== place.watermark || !seen.has(digest)
  let fresh = rows.filter((row) => isNew(row) && !(isFull && row.watermark === last))
  // A query that asks for >= gives the rest of its ties again; one that asks for > never would.
  const asksAgain = rows.some(({ watermark }) => watermark === place.watermark)
  if (isFull && fresh.length === 0 && asksAgain) fresh = rows.filter(isNew)
  if (isFull && fresh.length === 0) {
    const what = `option "rows": got ${options.rows}, expected more than rows share the watermark "${last}"`
    throw wrong(what)
  }
  const end = fresh.at(-1)?.watermark ?? place.watermark
  const before = end === place.watermark ? place.seen : []
  return {
    rows: fresh.map(({ cells }) => cells),
    after: {
      epoch: place.epoch,
      watermark: end,
      seen: [...before, ...fresh.filter((row) => row.watermark === end).map((row) => row.digest)],
      next: place.next + fresh.length,
    },
    hasMore: isFull,
  }
}

function readRows(
  { columns, rows, isUtc }: Fetched,
  column: string,
  wrong: (what: string) => Problem,
): readonly Row[] {
  const place = columns.indexOf(column)
  if (place < 0) {
    const got = columns.map((name) => `"${name}"`).join(", ")
    throw wrong(`option "watermark": got columns ${got}, expected "${column}" among them`)
  }
  const read = rows.map((cells): Row => {
    const watermark = cells[place]
    if (typeof watermark !== "string" && typeof watermark !== "number")
      throw wrong(
        `option "watermark": got ${JSON.stringify(watermark)}, expected a number or a time`,
      )
    const told = cells.map((cell, i) => (isUtc[i] && typeof cell === "string" ? `${cell}Z` : cell))
    return { cells: told, watermark, digest: digestOf(cells) }
  })
  for (const [i, { watermark }] of read.entries()) {
    const before = read[i - 1]?.watermark
    if (before !== undefined && isBefore(watermark, before))
      throw wrong(
        `option "query": got "${watermark}" after "${before}", expected ORDER BY ${column}`,
      )
  }
  return inOneOrder(read)
}

/** Rows of one watermark come in any order; their digests give them one. */
function inOneOrder(rows: readonly Row[]): readonly Row[] {
  const runs: Row[][] = []
  for (const row of rows) {
    const run = runs.at(-1)
    if (run?.[0]?.watermark === row.watermark) run.push(row)
    else runs.push([row])
  }
  return runs.flatMap((run) => run.toSorted((a, b) => (a.digest < b.digest ? -1 : 1)))
}

/** False where nobody can say: the order of texts is the database's own. */
function isBefore(a: Watermark, b: Watermark): boolean {
  if (typeof a === "number" && typeof b === "number") return a < b
  const [one, other] = [String(a), String(b)]
  if (/^-?\d+$/.test(one) && /^-?\d+$/.test(other)) return BigInt(one) < BigInt(other)
  const isTime = [one, other].every((text) => /^\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d/.test(text))
  return isTime && one < other
}

function digestOf(cells: readonly TableCell[]): string {
  return createHash("sha256").update(JSON.stringify(cells)).digest("hex").slice(0, 16)
}
