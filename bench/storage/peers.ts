// Other stores, started for the bench on free ports in a folder of its own and ended again.
import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import { globSync, mkdirSync, statSync } from "node:fs"
import { join } from "node:path"
import { freePort } from "../../test/support/free-port.ts"
import type { SetName } from "../data/sets.ts"
import { type FeedOptions, influxField, linesOf } from "./feed.ts"

/** A store beside Moru: gives the bytes that a set takes once it has packed it. */
export interface Peer {
  readonly name: string
  /** Why it is left out; undefined where it is there. */
  readonly missing: string | undefined
  bytes(set: SetName, options: FeedOptions, folder: string): Promise<number>
}

export function bytesIn(folder: string, pattern = "**"): number {
  const files = globSync(pattern, { cwd: folder, withFileTypes: true }).filter((f) => f.isFile())
  return sumOf(files.map((file) => statSync(join(file.parentPath, file.name)).size))
}

const sleep = (ms: number) => new Promise((done) => setTimeout(done, ms))

async function until(what: string, holds: () => Promise<boolean> | boolean): Promise<void> {
  const end = performance.now() + 120_000
  while (!(await Promise.resolve(holds()).catch(() => false))) {
    if (performance.now() > end) throw new Error(`waited 2 minutes until ${what}`)
    await sleep(200)
  }
}

/** The size once it no longer changes. */
async function settled(bytes: () => number): Promise<number> {
  let last = -1
  let same = 0
  while (same < 15) {
    const now = bytes()
    same = now === last ? same + 1 : 0
    last = now
    await sleep(200)
  }
  return last
}

async function post(url: string, body?: string): Promise<void> {
  const response = await fetch(url, { method: "POST", ...(body !== undefined && { body }) })
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`)
  await response.arrayBuffer()
}

/** Throws unless the peer holds all that it was sent. */
function checkCount(name: string, count: number, { samples }: FeedOptions): void {
  if (count !== samples) throw new Error(`${name} holds ${count} of ${samples} samples`)
}

async function ask<Answer>(url: string, query: Record<string, string>): Promise<Answer> {
  const response = await fetch(`${url}?${new URLSearchParams(query)}`)
  return (await response.json()) as Answer
}

function isInstalled(program: string): boolean {
  return spawnSync(program, ["--help"], { stdio: "ignore" }).error === undefined
}

interface InfluxAnswer {
  readonly results: readonly {
    readonly series?: readonly { readonly values: readonly (readonly number[])[] }[]
  }[]
}

interface VictoriaAnswer {
  readonly data: { readonly result: readonly { readonly value: readonly [number, string] }[] }
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, each) => sum + each, 0)
}

async function ended(child: ChildProcess): Promise<void> {
  const exited = new Promise((done) => child.once("exit", done))
  child.kill("SIGTERM")
  await exited
}

/** InfluxDB 1.x: its cache goes to files after 1 s of rest, and all files of a week become one after 3 s. */
export const influx: Peer = {
  name: "InfluxDB",
  missing: isInstalled("influxd")
    ? undefined
    : "influxd is not installed (apt-get install influxdb)",
  async bytes(set, options, folder) {
    const [http, rpc] = [await freePort(), await freePort()]
    mkdirSync(folder, { recursive: true })
    const child = spawn("influxd", ["run"], {
      stdio: "ignore",
      env: {
        ...{ PATH: process.env.PATH, HOME: folder, INFLUXDB_REPORTING_DISABLED: "true" },
        INFLUXDB_CONFIG_PATH: "/dev/null",
        INFLUXDB_BIND_ADDRESS: `127.0.0.1:${rpc}`,
        INFLUXDB_HTTP_BIND_ADDRESS: `127.0.0.1:${http}`,
        INFLUXDB_META_DIR: join(folder, "meta"),
        INFLUXDB_DATA_DIR: join(folder, "data"),
        INFLUXDB_DATA_WAL_DIR: join(folder, "wal"),
        INFLUXDB_DATA_CACHE_SNAPSHOT_WRITE_COLD_DURATION: "1s",
        INFLUXDB_DATA_COMPACT_FULL_WRITE_COLD_DURATION: "3s",
        INFLUXDB_MONITOR_STORE_ENABLED: "false",
        INFLUXDB_HTTP_LOG_ENABLED: "false",
      },
    })
    try {
      const url = `http://127.0.0.1:${http}`
      await until("influxd answers", async () => (await fetch(`${url}/ping`)).ok)
      await post(`${url}/query?q=${encodeURIComponent("CREATE DATABASE b")}`)
      for (const body of linesOf(set, options, influxField))
        await post(`${url}/write?db=b&precision=ms`, body)
      const kinds = ["float", "integer", "boolean", "text"]
      const q = kinds.map((kind) => `SELECT count(v) FROM "${kind}"`).join(";")
      const { results } = await ask<InfluxAnswer>(`${url}/query`, { db: "b", q })
      const counts = results.map(({ series }) => series?.[0]?.values[0]?.[1] ?? 0)
      checkCount("influxd", sumOf(counts), options)
      const tsm = () => globSync("data/b/**/*.tsm", { cwd: folder }).length
      const weeks = () => globSync("data/b/autogen/*/", { cwd: folder }).length
      await until("influxd has packed", () => bytesIn(folder, "wal/**") === 0 && tsm() <= weeks())
      // Beside it stands an index of series with room made ahead, 32 MiB for any set.
      return await settled(() => bytesIn(folder, "data/b/autogen/**"))
    } finally {
      await ended(child)
    }
  },
}

/** VictoriaMetrics holds numbers only: a text goes as its number. Its parts are merged into one before they are measured. */
export const victoria: Peer = {
  name: "VictoriaMetrics",
  missing: isInstalled("victoria-metrics")
    ? undefined
    : "victoria-metrics is not installed (apt-get install victoria-metrics)",
  async bytes(set, options, folder) {
    const port = await freePort()
    const child = spawn(
      "victoria-metrics",
      [
        `-httpListenAddr=127.0.0.1:${port}`,
        `-storageDataPath=${folder}`,
        ...["-retentionPeriod=100y", "-memory.allowedPercent=10", "-loggerLevel=ERROR"],
      ],
      { stdio: "ignore" },
    )
    try {
      const url = `http://127.0.0.1:${port}`
      await until("victoria-metrics answers", async () => (await fetch(`${url}/health`)).ok)
      for (const body of linesOf(set, options, (value) => `${value}`))
        await post(`${url}/write?precision=ms`, body)
      await post(`${url}/internal/force_flush`)
      await settled(() => bytesIn(folder))
      const query = 'sum(count_over_time({__name__=~".+_v"}[10y]))'
      const { data } = await ask<VictoriaAnswer>(`${url}/api/v1/query`, {
        query,
        time: "2030-01-01T00:00:00Z",
      })
      checkCount("victoria-metrics", Number(data.result[0]?.value[1]), options)
      await post(`${url}/internal/force_merge`)
      return await settled(() => bytesIn(folder))
    } finally {
      await ended(child)
    }
  },
}
