import { Socket } from "node:net"
import { resolve } from "node:path"
import { parseDuration } from "../../kernel/tag-file.ts"
import { Problem, type ProblemCode } from "../../model/problem.ts"
import type { Host } from "../connector.ts"
import { within } from "../waiting.ts"
import type { Database, Fetch, Fetched, Open } from "./database.ts"
import type { SqlOptions } from "./options.ts"

const kinds: Readonly<
  Record<SqlOptions["database"], { readonly port: number; readonly load: () => Promise<Open> }>
> = {
  postgresql: {
    port: 5432,
    load: async () => (await import("./postgresql.ts")).openPostgres,
  },
  mysql: { port: 3306, load: async () => (await import("./mysql.ts")).openMysql },
  sqlserver: {
    port: 1433,
    load: async () => (await import("./sqlserver.ts")).openSqlServer,
  },
}

export function whereOf({ host, name }: SqlOptions, device: string): string {
  return `${device} (${name} on ${host})`
}

/** A connection whose failures are Problems, and which ends with its signals and time-outs. */
export class Line {
  readonly #socket: Socket
  readonly #database: Database
  readonly #options: SqlOptions
  readonly #host: Host

  constructor(of: { socket: Socket; database: Database; options: SqlOptions; host: Host }) {
    this.#socket = of.socket
    this.#database = of.database
    this.#options = of.options
    this.#host = of.host
  }

  fetch(wanted: Fetch, signal: AbortSignal): Promise<Fetched> {
    const [options, host] = [this.#options, this.#host]
    const work = () => this.#database.fetch(wanted)
    return timed(work, { options, host, socket: this.#socket, signal })
  }

  close(): void {
    this.#database.close().catch(() => {})
    this.#socket.destroySoon()
  }
}

/** Connects and signs in. Throws a Problem. */
export async function openLine(
  options: SqlOptions,
  host: Host,
  signal: AbortSignal,
): Promise<Line> {
  const { database, user, password, name, tls, timeout } = options
  const kind = kinds[database]
  const where = whereOf(options, host.name)
  const place = { host: options.host, port: options.port ?? kind.port }
  const reached = await host.network.reach(place, where)
  const ca = tls === "verify" ? await caOf(options, host) : undefined
  const open = await kind.load()
  const socket = new Socket()
  const login = {
    ...{ reached, user, password, name, socket, timeoutMs: parseDuration(timeout) },
    ...(tls === "verify" && { tls: ca === undefined ? {} : { ca } }),
  }
  signal.throwIfAborted()
  const opened = await timed(() => open(login), { options, host, socket, signal })
  return new Line({ socket, database: opened, options, host })
}

async function timed<T>(
  work: () => Promise<T>,
  of: { options: SqlOptions; host: Host; socket: Socket; signal: AbortSignal },
): Promise<T> {
  const { options, host, socket, signal } = of
  const { clock } = host
  const where = whereOf(options, host.name)
  const late = () => new Problem("connection-timeout", where, `got no answer in ${options.timeout}`)
  try {
    return await within(parseDuration(options.timeout), work, { clock, signal, late })
  } catch (thrown) {
    socket.destroy()
    if (signal.aborted || thrown instanceof Problem) throw thrown
    throw problemIn(thrown, where)
  }
}

async function caOf({ ca }: SqlOptions, host: Host): Promise<string | undefined> {
  if (ca === undefined) return undefined
  const bytes = await host.files.read(resolve(host.plantFolder, ca))
  if (bytes) return new TextDecoder().decode(bytes)
  throw new Problem("config-unreadable", host.name, `got no file "${ca}"`)
}

interface LibraryError {
  readonly code?: string
  readonly sqlState?: string
  readonly message?: string
}

/** By the SQLSTATE of PostgreSQL and MySQL, the codes of MySQL and tedious, and those of the system. */
function problemIn(thrown: unknown, where: string): Problem {
  const { code = "", sqlState = "", message = String(thrown) } = thrown as LibraryError
  const says = `got "${message.split("\n")[0]?.slice(0, 300)}"`
  return new Problem(codeOf(`${code} ${sqlState}`, message), where, says, { cause: thrown })
}

function codeOf(codes: string, message: string): ProblemCode {
  if (/\b28\w{3}\b|ER_ACCESS_DENIED|ELOGIN/.test(codes)) return "credentials-refused"
  if (/\b57014\b|ER_QUERY_TIMEOUT|ETIMEOUT/.test(codes)) return "connection-timeout"
  // tedious says the system's code in its message only.
  const system = /ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|\b57P03\b/
  if (system.test(codes) || system.test(message)) return "connection-refused"
  if (/\b(42|22|25|3D|0A)\w{3}\b|EREQUEST|ER_BAD_DB|ER_WRONG_ARGUMENTS/.test(codes))
    return "option-invalid"
  const isTls = /CERT|SELF_SIGNED|UNABLE_TO|ERR_TLS|HANDSHAKE/.test(codes)
  if (isTls || /does not support SSL|not support secure/.test(message)) return "protocol-error"
  return "connection-lost"
}
