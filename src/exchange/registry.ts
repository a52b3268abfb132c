import type { Exporter, ExportFormat } from "./export.ts"
import type { SqlEngine } from "./sql.ts"

/** Each writes one kind of file; loaded when it is asked for. */
export const exporters: Readonly<Record<ExportFormat, () => Promise<Exporter>>> = {
  csv: async () => (await import("./csv/csv.ts")).writeCsv,
  parquet: async () => (await import("./parquet/parquet.ts")).writeParquet,
}

/** Needs @duckdb/node-api, which is optional: without it each question ends in `part-missing`. Loaded when asked first. */
export function sqlEngine(): SqlEngine {
  let engine: Promise<SqlEngine> | undefined
  return {
    ask: async (question, source, signal) => {
      engine ??= import("./sql/engine.ts").then(({ SqlProcess }) => new SqlProcess())
      return (await engine).ask(question, source, signal)
    },
  }
}
