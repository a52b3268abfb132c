import type { Connector } from "../connector.ts"
import { SqlDevice } from "./device.ts"
import { type SqlOptions, sqlOptions } from "./options.ts"

/** The ERP or the tester next door: new rows of a query, each once. */
export const sql: Connector<SqlOptions> = {
  type: "sql",
  summary: "New rows of a query in PostgreSQL, MySQL, MariaDB or SQL Server, each once.",
  evidence: "interop",
  options: sqlOptions,
  create: (options, host) => new SqlDevice(options, host),
}
