import { type RawBuilder, sql } from "kysely"
import { ledgerId } from "../chain.ts"
import type { LedgerRecord } from "../ledger.ts"
import type { Database } from "./database.ts"

/** Records with their causes, ascending: those among the numbers, or a page of those after a number. */
export async function readRecords(
  database: Database,
  node: string,
  which:
    | { readonly among: readonly number[] }
    | { readonly after: number; readonly upTo: number; readonly limit: number },
): Promise<readonly LedgerRecord[]> {
  const base = database.selectFrom("record").selectAll().orderBy("number")
  const rows =
    "among" in which
      ? await base.where("number", "in", jsonNumbers(which.among)).execute()
      : await base
          .where("number", ">", which.after)
          .where("number", "<=", which.upTo)
          .limit(which.limit)
          .execute()
  const causes = await database
    .selectFrom("cause")
    .selectAll()
    .where("effect", "in", jsonNumbers(rows.map((row) => row.number)))
    .orderBy("effect")
    .orderBy("place")
    .execute()
  const causesOf = Map.groupBy(causes, (row) => row.effect)
  return rows.map(({ body, ...row }) => ({
    ...row,
    id: ledgerId(node, row.number),
    causes: (causesOf.get(row.number) ?? []).map(({ cause }) => ledgerId(node, cause)),
    body: parseBody(body),
  }))
}

/** A body that somebody spoiled is still shown, so that the rest can be read and the break be named. */
function parseBody(text: string): LedgerRecord["body"] {
  try {
    return JSON.parse(text)
  } catch {
    return { unreadable: text }
  }
}

/** One parameter for any count of numbers, so that no limit of parameters is met. */
export function jsonNumbers(numbers: readonly number[]): RawBuilder<number> {
  return sql<number>`(SELECT value FROM json_each(${JSON.stringify(numbers)}))`
}
