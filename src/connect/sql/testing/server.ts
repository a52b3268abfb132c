import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import { existsSync, globSync } from "node:fs"
import { chmod, mkdir, writeFile } from "node:fs/promises"
import { connect } from "node:net"
import { join } from "node:path"
import { until } from "../../../../test/support/until.ts"

export const login = { user: "moru", password: "moru-secret", name: "plant" }

/** A database server of Debian's package on 127.0.0.1, with the database `plant` and the user `moru`. */
export interface DatabaseServer {
  start(): Promise<void>
  /** At once, as when its power fails; what was committed is kept. */
  kill(): Promise<void>
  /** Runs statements as the administrator; gives what the client prints. */
  run(statements: string): string
}

/** PEM files of a certificate for `localhost`, readable by the servers. */
export interface Certificate {
  readonly key: string
  readonly cert: string
}

export interface ServerKind {
  readonly database: "postgresql" | "mysql"
  /** Why there is none on this computer. */
  readonly missing: () => string | undefined
  readonly make: (folder: string, port: number, tls?: Certificate) => Promise<DatabaseServer>
}

export const postgresql: ServerKind = {
  database: "postgresql",
  missing: () => (postgresBin() ? undefined : "no PostgreSQL: apt-get install postgresql"),
  make: makePostgres,
}

export const mariadb: ServerKind = {
  database: "mysql",
  missing: () => (mariadbd() ? undefined : "no MariaDB: apt-get install mariadb-server"),
  make: makeMariadb,
}

/** Undefined where openssl is missing. */
export function makeCertificate(folder: string): Certificate | undefined {
  const [key, cert] = [join(folder, "server-key.pem"), join(folder, "server-cert.pem")]
  const subject = ["-subj", "/CN=erp", "-addext", "subjectAltName=DNS:localhost"]
  const made = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", ...subject]
  const { status } = spawnSync("openssl", [...made, "-keyout", key, "-out", cert])
  return status === 0 ? { key, cert } : undefined
}

const isRoot = process.getuid?.() === 0

/** Database servers refuse to run as root. */
function as(user: string, command: readonly string[]): readonly [string, readonly string[]] {
  const all = isRoot ? ["runuser", "-u", user, "--", ...command] : command
  return [all[0] ?? "", all.slice(1)]
}

function run(user: string, command: readonly string[], input?: string): string {
  const [program, given] = as(user, command)
  const done = spawnSync(program, given, { encoding: "utf8", input: input ?? "" })
  if (done.status === 0) return done.stdout
  throw new Error(`${command.join(" ")}: ${done.stderr || done.error?.message}`)
}

async function give(folder: string, user: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  await chmod(join(folder, ".."), 0o755)
  if (isRoot) spawnSync("chown", ["-R", user, folder])
}

async function answers(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const socket = connect(port, "127.0.0.1")
  socket.on("connect", () => resolve(true))
  socket.on("error", () => resolve(false))
  const is = await promise
  socket.destroy()
  return is
}

function startServer(user: string, command: readonly string[]): ChildProcess {
  const [program, given] = as(user, command)
  return spawn(program, given, { stdio: "ignore", detached: true })
}

/** The whole group of processes, since root's is started through another. */
async function killGroup(server: ChildProcess | undefined): Promise<void> {
  if (!server?.pid || hasEnded(server)) return
  const gone = once(server, "exit")
  process.kill(-server.pid, "SIGKILL")
  await gone
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null
}

function postgresBin(): string | undefined {
  return globSync("/usr/lib/postgresql/*/bin").sort().at(-1)
}

async function makePostgres(
  folder: string,
  port: number,
  tls?: Certificate,
): Promise<DatabaseServer> {
  const user = isRoot ? "postgres" : (process.env.USER ?? "")
  const bin = postgresBin() ?? ""
  const data = join(folder, "postgresql")
  if (tls && isRoot) spawnSync("chown", [user, tls.key, tls.cert])
  const secret = join(folder, "admin-secret")
  await writeFile(secret, "admin-secret\n")
  await give(data, user)
  run(user, [
    join(bin, "initdb"),
    "-D",
    data,
    "-A",
    "scram-sha-256",
    "-U",
    "admin",
    `--pwfile=${secret}`,
    "-E",
    "UTF8",
    "--locale=C",
  ])
  const query = (database: string, statements: string) =>
    run(
      user,
      [
        "env",
        "PGPASSWORD=admin-secret",
        join(bin, "psql"),
        "-qAtX",
        "-v",
        "ON_ERROR_STOP=1",
        "-h",
        "127.0.0.1",
        "-p",
        `${port}`,
        "-U",
        "admin",
        "-d",
        database,
      ],
      statements,
    )
  let server: ChildProcess | undefined
  const settings = [
    `port=${port}`,
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "max_connections=20",
    ...(tls ? ["ssl=on", `ssl_cert_file=${tls.cert}`, `ssl_key_file=${tls.key}`] : []),
  ]
  const command = [join(bin, "postgres"), "-D", data, ...settings.flatMap((s) => ["-c", s])]
  const start = async () => {
    await until("PostgreSQL answers", () => {
      // Its processes need a moment to notice that their parent was killed; until then it does not start anew.
      if (!server || hasEnded(server)) server = startServer(user, command)
      try {
        return query("postgres", "SELECT 1").trim() === "1"
      } catch {
        return false
      }
    })
  }
  await start()
  query(
    "postgres",
    `CREATE ROLE moru LOGIN PASSWORD '${login.password}'; CREATE DATABASE plant OWNER admin;`,
  )
  query("plant", "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO moru;")
  return { start, kill: () => killGroup(server), run: (statements) => query("plant", statements) }
}

function mariadbd(): string | undefined {
  return ["/usr/sbin/mariadbd", "/usr/sbin/mysqld"].find((path) => existsSync(path))
}

async function makeMariadb(
  folder: string,
  port: number,
  tls?: Certificate,
): Promise<DatabaseServer> {
  const user = isRoot ? "mysql" : (process.env.USER ?? "")
  const data = join(folder, "mariadb")
  if (tls && isRoot) spawnSync("chown", [user, tls.key, tls.cert])
  const socket = join(data, "m.sock")
  await give(data, user)
  run(user, [
    "mariadb-install-db",
    "--no-defaults",
    `--datadir=${data}`,
    "--auth-root-authentication-method=normal",
    "--skip-test-db",
  ])
  const query = (database: string, statements: string) =>
    run(
      user,
      [
        "mariadb",
        "--no-defaults",
        "-N",
        "-B",
        "-u",
        "root",
        `--socket=${socket}`,
        "--default-character-set=utf8mb4",
        database,
      ],
      statements,
    )
  let server: ChildProcess | undefined
  const start = async () => {
    server = startServer(user, [
      mariadbd() ?? "",
      "--no-defaults",
      `--datadir=${data}`,
      `--port=${port}`,
      `--socket=${socket}`,
      "--bind-address=127.0.0.1",
      `--pid-file=${join(data, "m.pid")}`,
      "--skip-log-bin",
      ...(tls ? [`--ssl-cert=${tls.cert}`, `--ssl-key=${tls.key}`] : []),
      "--default-time-zone=+09:00",
    ])
    await until("MariaDB answers", () => answers(port))
  }
  await start()
  query(
    "",
    `CREATE DATABASE plant CHARACTER SET utf8mb4; CREATE USER moru@'127.0.0.1' IDENTIFIED BY '${login.password}'; GRANT SELECT ON plant.* TO moru@'127.0.0.1';`,
  )
  return { start, kill: () => killGroup(server), run: (statements) => query("plant", statements) }
}
