import pg from "pg"
import type { TableCell } from "../../codec/table.ts"
import type { Database, Fetch, Fetched, Login } from "./database.ts"

const { bool, int2, int4, float4, float8 } = {
  bool: 16,
  int2: 21,
  int4: 23,
  float4: 700,
  float8: 701,
}

/** Everything else stays as the server writes it: times to the microsecond, long integers and decimals to their last digit. */
function parserOf(oid: number): (text: string) => TableCell {
  if (oid === bool) return (text) => text === "t"
  return [int2, int4, float4, float8].includes(oid) ? Number : (text) => text
}

export async function openPostgres(login: Login): Promise<Database> {
  const { reached, user, password, name, tls, timeoutMs, socket } = login
  const client = new pg.Client({
    ...{ host: reached.address, port: reached.port, user, password, database: name },
    stream: () => socket,
    ssl: tls ? { servername: reached.host, ...tls } : false,
    application_name: "moru",
    connectionTimeoutMillis: timeoutMs,
    types: { getTypeParser: (oid: number) => parserOf(oid) } as pg.CustomTypesConfig,
  })
  client.on("error", () => {})
  await client.connect()
  await client.query(
    `SET TIME ZONE 'UTC'; SET DateStyle = ISO; SET default_transaction_read_only = on;
     SET statement_timeout = ${Math.ceil(timeoutMs)}; SET extra_float_digits = 1`,
  )
  return {
    fetch: (wanted) => fetch(client, wanted),
    close: () => client.end(),
  }
}

async function fetch(client: pg.Client, { query, watermark, limit }: Fetch): Promise<Fetched> {
  await client.query("BEGIN READ ONLY")
  try {
    const text = `DECLARE moru NO SCROLL CURSOR FOR ${query}`
    await client.query({ text, values: [String(watermark)] })
    const { fields, rows } = await client.query<TableCell[]>({
      text: `FETCH FORWARD ${limit} FROM moru`,
      rowMode: "array",
    })
    return { columns: fields.map(({ name }) => name), rows, isUtc: fields.map(() => false) }
  } finally {
    await client.query("ROLLBACK").catch(() => {})
  }
}
