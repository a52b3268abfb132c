import { type ChildProcess, execFile, spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync } from "node:fs"
import { writeFile } from "node:fs/promises"
import { connect } from "node:net"
import { delimiter, join } from "node:path"
import { promisify } from "node:util"
import { freePort } from "../../../../test/support/free-port.ts"
import { until } from "../../../../test/support/until.ts"
import type { Certificates } from "./certificates.ts"

const run = promisify(execFile)
const programs = ["mosquitto", "mosquitto_pub", "mosquitto_sub", "mosquitto_passwd", "openssl"]

function pathOf(program: string): string | undefined {
  const folders = [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin"]
  return folders.map((folder) => join(folder, program)).find((path) => existsSync(path))
}

/** Why the tests with Mosquitto cannot run here; undefined where they can. */
export function mosquittoLacks(): string | undefined {
  const missing = programs.filter((program) => !pathOf(program))
  if (missing.length === 0) return undefined
  return `missing ${missing.join(", ")}: apt-get install mosquitto mosquitto-clients openssl`
}

/** Runs mosquitto_pub or mosquitto_sub to its end; rejects with what it says where it fails. */
export async function mosquittoRun(
  program: "mosquitto_pub" | "mosquitto_sub",
  ...options: readonly string[]
): Promise<string> {
  const { stdout } = await run(pathOf(program) ?? program, [...options], { timeout: 15_000 })
  return stdout
}

export interface Mosquitto extends AsyncDisposable {
  readonly port: number
  /** Gone at once. */
  kill(): Promise<void>
}

/** Mosquitto as a broker elsewhere, with user `moru` and password `foreign-secret`; with TLS where there are certificates. */
export async function startMosquitto(
  folder: string,
  given: { port?: number; tls?: Certificates; lines?: readonly string[] } = {},
): Promise<Mosquitto> {
  const port = given.port ?? (await freePort())
  const passwords = join(folder, "passwords")
  await writeFile(passwords, "")
  const make = ["-b", passwords, "moru", "foreign-secret"]
  await run(pathOf("mosquitto_passwd") ?? "", make)
  const lines = [
    `listener ${port} 127.0.0.1`,
    "allow_anonymous false",
    `password_file ${passwords}`,
    // Started by root, Mosquitto would become a user who cannot read the folder.
    "user root",
    ...(given.tls ? [`certfile ${given.tls.cert}`, `keyfile ${given.tls.key}`] : []),
    ...(given.lines ?? []),
  ]
  const config = join(folder, "mosquitto.conf")
  await writeFile(config, `${lines.join("\n")}\n`)
  const child = spawn(pathOf("mosquitto") ?? "", ["-c", config], { stdio: "ignore" })
  await until("mosquitto listens", () => answers(port))
  return { port, kill: () => end(child), [Symbol.asyncDispose]: () => end(child) }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, "exit")
  child.kill("SIGKILL")
  await gone
}

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1")
  const { promise, resolve } = Promise.withResolvers<boolean>()
  socket.once("connect", () => resolve(true))
  socket.once("error", () => resolve(false))
  const answer = await promise
  socket.destroy()
  return answer
}
