// The three servers, each in a process of its own, on a free port, with a folder of its own.
import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { stringify } from "yaml"
import { freePort } from "../../test/support/free-port.ts"
import { cpuMs, startServer } from "../ingest/plant.ts"
import { addressOf, tags, template } from "./lines.ts"

export interface Server {
  /** Where lines are posted to. */
  readonly url: string
  readonly authorization?: string
  /** CPU of the process so far, all its threads, in ms. */
  cpuMs(): Promise<number>
  stop(): Promise<void>
}

const token = "a-token-of-a-bench-alone"
const query = "db=bench&precision=ms"

export async function startMoru(profile?: string): Promise<Server> {
  const folder = await mkdtemp(join(tmpdir(), "moru-bench-"))
  const plant = join(folder, "plant")
  await mkdir(plant)
  await writeFile(join(plant, "plant.yaml"), stringify(plantOf()))
  await writeFile(join(plant, "token"), token)
  const data = join(folder, "data")
  const server = await startServer({ plant, data, ...(profile !== undefined && { profile }) })
  return {
    url: `${server.url}/write?${query}`,
    authorization: `Token ${token}`,
    cpuMs: server.cpuMs,
    stop: async () => {
      await server.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

function plantOf() {
  const tagOf = (tag: number) => ({
    ...{ name: `Tag ${tag}`, unit: "1", address: { "line-protocol": addressOf(tag) } },
  })
  const all = Object.fromEntries(Array.from({ length: tags }, (_, tag) => [`t${tag}`, tagOf(tag)]))
  return {
    ...{ moru: "plant", name: "Bench", timezone: "UTC" },
    equipment: { bench: { level: "unit", name: "Bench", device: "sender", tags: all } },
    devices: {
      sender: {
        connector: "line-protocol",
        options: { token: `\${file:token}`, template, "max-samples-per-second": 100_000_000 },
      },
    },
  }
}

/** InfluxDB 1 as Debian has it; undefined where it is not installed. */
export async function startInflux(): Promise<Server | undefined> {
  if (!isInstalled("influxd", "version")) return undefined
  const folder = await mkdtemp(join(tmpdir(), "moru-bench-influx-"))
  const [port, rpc] = [await freePort(), await freePort()]
  const config = [
    ...["reporting-disabled = true", `bind-address = "127.0.0.1:${rpc}"`],
    ...["[meta]", `dir = "${folder}/meta"`],
    ...[
      "[data]",
      `dir = "${folder}/data"`,
      `wal-dir = "${folder}/wal"`,
      "query-log-enabled = false",
    ],
    ...["[http]", `bind-address = "127.0.0.1:${port}"`, "log-enabled = false"],
    ...["[monitor]", "store-enabled = false"],
  ]
  await writeFile(join(folder, "influx.conf"), config.join("\n"))
  const child = spawn("influxd", ["run", "-config", join(folder, "influx.conf")], {
    stdio: "ignore",
  })
  const origin = `http://127.0.0.1:${port}`
  await answering(child, `${origin}/ping`)
  await fetch(`${origin}/query?q=CREATE+DATABASE+bench`, { method: "POST" })
  return peer(child, folder, `${origin}/write?${query}`)
}

/** VictoriaMetrics, single node; undefined where it is not installed. */
export async function startVictoria(): Promise<Server | undefined> {
  if (!isInstalled("victoria-metrics", "-version")) return undefined
  const folder = await mkdtemp(join(tmpdir(), "moru-bench-victoria-"))
  const origin = `127.0.0.1:${await freePort()}`
  const args = [
    `-storageDataPath=${folder}/data`,
    `-httpListenAddr=${origin}`,
    "-retentionPeriod=10y",
  ]
  const child = spawn("victoria-metrics", args, { stdio: "ignore" })
  await answering(child, `http://${origin}/health`)
  return peer(child, folder, `http://${origin}/write?${query}`)
}

function isInstalled(command: string, ask: string): boolean {
  return spawnSync(command, [ask], { stdio: "ignore" }).error === undefined
}

async function answering(child: ChildProcess, url: string): Promise<void> {
  process.once("exit", () => child.kill("SIGKILL"))
  for (let i = 0; i < 300; i++) {
    if (child.exitCode !== null)
      throw new Error(`the server at ${url} ended with ${child.exitCode}`)
    const answer = await fetch(url).catch(() => undefined)
    if (answer?.ok) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error(`no answer from ${url}`)
}

function peer(child: ChildProcess, folder: string, url: string): Server {
  return {
    url,
    cpuMs: () => cpuMs(child.pid),
    stop: async () => {
      const gone = once(child, "exit")
      child.kill("SIGTERM")
      await gone
      await rm(folder, { recursive: true, force: true })
    },
  }
}
