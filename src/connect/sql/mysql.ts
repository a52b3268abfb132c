import { type Connection, createConnection, type FieldPacket } from "mysql2/promise"
import type { TableCell } from "../../codec/table.ts"
import type { Database, Fetch, Fetched, Login } from "./database.ts"

/** Column types of the protocol. */
const [timestampType, bitType] = [7, 16]

export async function openMysql(login: Login): Promise<Database> {
  const { reached, user, password, name, tls, timeoutMs, socket } = login
  const connection = await createConnection({
    // The socket goes to the address that was checked; TLS asks for a certificate of the name.
    stream: () => socket.connect({ host: reached.address, port: reached.port }),
    ...{ host: reached.host, port: reached.port, user, password, database: name },
    ...(tls && { ssl: { ...tls, rejectUnauthorized: true, verifyIdentity: true } }),
    connectTimeout: Math.ceil(timeoutMs),
    ...{ dateStrings: true, supportBigNumbers: true, rowsAsArray: true },
  })
  connection.on("error", () => {})
  await connection.query("SET time_zone = '+00:00'")
  await connection.query("SET SESSION TRANSACTION READ ONLY")
  // MySQL and MariaDB each know one of these; the device's own time-out holds anyway.
  const limits = [
    `SET SESSION max_execution_time = ${Math.ceil(timeoutMs)}`,
    `SET SESSION max_statement_time = ${timeoutMs / 1000}`,
  ]
  for (const limit of limits) await connection.query(limit).catch(() => {})
  return {
    fetch: (wanted) => fetch(connection, wanted),
    close: () => connection.end(),
  }
}

async function fetch(connection: Connection, { query, watermark, limit }: Fetch): Promise<Fetched> {
  await connection.query(`SET SESSION sql_select_limit = ${limit}`)
  await connection.query("START TRANSACTION READ ONLY")
  try {
    const [rows, fields] = await connection.execute(query, [watermark])
    const columns = fields as FieldPacket[]
    return {
      columns: columns.map(({ name }) => name),
      rows: (rows as unknown[][]).map((cells) =>
        cells.map((cell, i) => plainOf(cell, columns[i]?.columnType)),
      ),
      isUtc: columns.map(({ columnType }) => columnType === timestampType),
    }
  } finally {
    await connection.query("ROLLBACK").catch(() => {})
  }
}

function plainOf(cell: unknown, type: number | undefined): TableCell {
  if (!Buffer.isBuffer(cell)) return cell as TableCell
  return type === bitType && cell.length === 1 ? (cell[0] ?? 0) : `0x${cell.toString("hex")}`
}
