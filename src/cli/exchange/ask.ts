import { formatIso } from "../../codec/iso-time.ts"
import type { SqlAnswer, SqlValue } from "../../exchange/sql.ts"
import { columns } from "../connect/show.ts"
import { complain, print } from "../print.ts"
import { MoruClient } from "../values/client.ts"
import { type EnterOptions, enter } from "../values/enter.ts"
import { readTime } from "./time.ts"

export interface AskOptions extends EnterOptions {
  readonly sql: string
  readonly tags?: string
  readonly from?: string
  readonly to?: string
  readonly limit: number
  readonly after: number
  readonly json: boolean
}

/** Asks a running Moru in SQL and prints the answer as a table. */
export async function askSql(options: AskOptions, signal: AbortSignal): Promise<void> {
  const { sql, tags, from, to, limit, after, json, url } = options
  const client = new MoruClient(url, signal)
  await enter(client, options)
  const { timezone } = await client.plant()
  const answer = await client.sql({
    ...{ sql, limit, after },
    ...(tags !== undefined && { tags }),
    ...(from !== undefined && { from: readTime("from", from, timezone) }),
    ...(to !== undefined && { to: readTime("to", to, timezone) }),
  })
  if (json) print(JSON.stringify(answer))
  else for (const line of linesOf(answer)) print(line)
  if (!json && answer.more) complain(`there are more rows: --after ${after + answer.rows.length}`)
}

function linesOf({ columns: heads, rows }: SqlAnswer): string[] {
  const cells = rows.map((row) => row.map((value, i) => shown(value, heads[i]?.type ?? "")))
  return columns([heads.map(({ name }) => name), ...cells], 80)
}

function shown(value: SqlValue, type: string): string {
  if (typeof value === "number" && type === "TIMESTAMP") return formatIso(value).slice(0, -1)
  if (value === null) return "-"
  return typeof value === "object" ? JSON.stringify(value) : String(value)
}
