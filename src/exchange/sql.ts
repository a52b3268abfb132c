import type { Cycles } from "../historian/historian.ts"
import type { ExportRequest, ExportSource } from "./export.ts"

/** One SELECT over what the history holds of some tags and some time. */
export interface SqlQuestion extends Pick<ExportRequest, "tags" | "from" | "to" | "timezone"> {
  readonly sql: string
  /** Rows of the answer, at most `sqlLimits.rows`. */
  readonly limit: number
  /** Rows of the answer to leave out first: how many were given already. */
  readonly after: number
}

/** JSON; a time is in ms since 1970 UTC, a whole number beyond 2^53 a string, what is no number null. */
export type SqlValue =
  | null
  | boolean
  | number
  | string
  | readonly SqlValue[]
  | { readonly [key: string]: SqlValue }

export interface SqlAnswer {
  /** `type` as DuckDB calls it. */
  readonly columns: readonly { readonly name: string; readonly type: string }[]
  readonly rows: readonly (readonly SqlValue[])[]
  /** True where there are rows behind these. */
  readonly more: boolean
  /** How many samples and cycles the query looked at. */
  readonly samples: number
  readonly cycles: number
}

export interface SqlSource extends ExportSource {
  readonly cycles: Pick<Cycles, "read">
}

export interface SqlEngine {
  /**
   * Throws `query-refused` for what is no SELECT or reaches beyond the tables, `query-too-large` beyond a limit,
   * `too-many-requests` while another query runs, `part-missing` where the engine is not installed, and the signal's reason.
   */
  ask(question: SqlQuestion, source: SqlSource, signal: AbortSignal): Promise<SqlAnswer>
}

export const sqlLimits = {
  /** Characters of a query. */
  text: 20_000,
  samples: 5_000_000,
  cycles: 100_000,
  rows: 10_000,
  /** Of the answer as JSON. */
  bytes: 8 * 1024 ** 2,
  /** The tables with all that the query makes of them. */
  memoryMb: 768,
  /** From the question to the answer. */
  ms: 30_000,
} as const
