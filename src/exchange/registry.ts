import type { Exporter, ExportFormat } from "./export.ts"

/** Each writes one kind of file; loaded when it is asked for. */
export const exporters: Readonly<Record<ExportFormat, () => Promise<Exporter>>> = {
  csv: async () => (await import("./csv/csv.ts")).writeCsv,
  parquet: async () => (await import("./parquet/parquet.ts")).writeParquet,
}
