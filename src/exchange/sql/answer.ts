import {
  DuckDBMapType,
  DuckDBMapValue,
  type DuckDBPreparedStatement,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  DuckDBTypeId,
  type DuckDBValueConverter,
  JsonDuckDBValueConverter,
} from "@duckdb/node-api"
import { Problem } from "../../model/problem.ts"
import { type SqlAnswer, type SqlValue, sqlLimits } from "../sql.ts"

/** Runs the statement of `preparePage`. */
export async function answerOf(
  statement: DuckDBPreparedStatement,
  { limit, after }: { readonly limit: number; readonly after: number },
): Promise<Pick<SqlAnswer, "columns" | "rows" | "more">> {
  statement.bind({ limit: limit + 1, after })
  const result = await statement.run()
  const types = result.columnTypes()
  const columns = result.columnNames().map((name, i) => ({ name, type: `${types[i]}` }))
  const rows: (readonly SqlValue[])[] = []
  let bytes = 0
  for (let chunk = await result.fetchChunk(); chunk?.rowCount; chunk = await result.fetchChunk())
    for (const row of chunk.convertRows(jsonOf)) {
      bytes += JSON.stringify(row).length
      if (bytes > sqlLimits.bytes)
        throw new Problem("query-too-large", "sql", `the answer is beyond ${sqlLimits.bytes} bytes`)
      rows.push(row)
    }
  return { columns, rows: rows.slice(0, limit), more: rows.length > limit }
}

const jsonOf: DuckDBValueConverter<SqlValue> = (value, type, self) => {
  if (value === null) return null
  if (value instanceof DuckDBTimestampValue || value instanceof DuckDBTimestampTZValue)
    return Number(value.micros) / 1000
  if (value instanceof DuckDBMapValue && type instanceof DuckDBMapType)
    return Object.fromEntries(
      value.entries.map((entry) => [`${entry.key}`, self(entry.value, type.valueType, self)]),
    )
  if (typeof value === "bigint")
    return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER
      ? Number(value)
      : `${value}`
  if (typeof value === "number") return Number.isFinite(value) ? value : null
  if (type.typeId === DuckDBTypeId.DECIMAL) return Number(`${value}`)
  return JsonDuckDBValueConverter(value, type, self as never) as SqlValue
}
