import { once } from "node:events"
import { isDate } from "node:util/types"
import { Connection, Request, TYPES } from "tedious"
import type { TableCell } from "../../codec/table.ts"
import { wallTimeIn } from "../../model/zone.ts"
import type { Database, Fetch, Fetched, Login, Watermark } from "./database.ts"

export async function openSqlServer(login: Login): Promise<Database> {
  const { reached, user, password, name, tls, timeoutMs, socket } = login
  const connection = new Connection({
    server: reached.address,
    authentication: { type: "default", options: { userName: user, password } },
    options: {
      ...{ port: reached.port, database: name, appName: "moru", readOnlyIntent: true },
      ...{ encrypt: tls !== undefined, trustServerCertificate: false, serverName: reached.host },
      ...(tls?.ca !== undefined && { cryptoCredentialsDetails: { ca: tls.ca } }),
      ...{ connectTimeout: Math.ceil(timeoutMs), requestTimeout: Math.ceil(timeoutMs) },
      useUTC: true,
      // It goes to the address that was checked, even where the server sends elsewhere.
      connector: async () => {
        socket.connect({ host: reached.address, port: reached.port })
        await once(socket, "connect")
        return socket
      },
    },
  })
  connection.on("error", () => {})
  await new Promise<void>((resolve, reject) => {
    connection.on("connect", (error) => (error ? reject(error) : resolve()))
    connection.connect()
  })
  return {
    fetch: (wanted) => fetch(connection, wanted),
    close: async () => connection.close(),
  }
}

async function fetch(connection: Connection, { query, watermark, limit }: Fetch): Promise<Fetched> {
  await batch(connection, `SET ROWCOUNT ${limit}; BEGIN TRANSACTION`)
  try {
    return await select(connection, query, watermark)
  } finally {
    await batch(connection, "ROLLBACK TRANSACTION").catch(() => {})
  }
}

function batch(connection: Connection, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    connection.execSqlBatch(new Request(text, (error) => (error ? reject(error) : resolve())))
  })
}

function select(connection: Connection, query: string, watermark: Watermark): Promise<Fetched> {
  let columns: readonly Column[] = []
  const rows: TableCell[][] = []
  return new Promise((resolve, reject) => {
    const request = new Request(query, (error) => {
      if (error) return reject(error)
      resolve({
        columns: columns.map(({ colName }) => colName),
        rows,
        isUtc: columns.map(({ type }) => type.name === "DateTimeOffset"),
      })
    })
    const whole = Number.isSafeInteger(watermark) ? TYPES.BigInt : TYPES.Float
    request.addParameter(
      "watermark",
      typeof watermark === "number" ? whole : TYPES.NVarChar,
      watermark,
    )
    request.on("columnMetadata", (given) => {
      columns = Array.isArray(given) ? given : Object.values(given)
    })
    request.on("row", (row: readonly { readonly value: unknown }[]) => {
      rows.push(row.map(({ value }) => plainOf(value)))
    })
    connection.execSql(request)
  })
}

/** What is needed of the library's column. */
interface Column {
  readonly colName: string
  readonly type: { readonly name: string }
}

function plainOf(value: unknown): TableCell {
  if (isDate(value)) return timeText(value)
  if (Buffer.isBuffer(value)) return `0x${value.toString("hex")}`
  return value as TableCell
}

/** To the 100 ns of datetime2; the library gives what milliseconds cannot hold beside the date, in seconds. */
function timeText(date: { getTime(): number; readonly nanosecondsDelta?: number }): string {
  const { year, month, day, hour, minute, second } = wallTimeIn("UTC", date.getTime())
  const two = (n: number) => String(n).padStart(2, "0")
  const seconds = (second + (date.nanosecondsDelta ?? 0)).toFixed(7).padStart(10, "0")
  return `${year}-${two(month)}-${two(day)} ${two(hour)}:${two(minute)}:${seconds}`
}
