// A plant of edge nodes at the broker in the house, as files, and a real `moru run` over it.
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdir, readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { stringify } from "yaml"
import { administratorOf } from "../../src/serve/testing/browser.ts"
import { device, group, makeKinds, metricName, nodeName, typeOfKind } from "./rings.ts"

export interface PlantShape {
  readonly nodes: number
  readonly metrics: number
  readonly port: number
}

export const pathOf = (node: number, metric: number) =>
  `bench/line/${nodeName(node)}/${metricName(metric)}`

/** What stands in the plant beside the edge nodes; its equipment lies in `bench`. */
export interface Beside {
  readonly equipment?: object
  readonly devices?: object
  readonly deciders?: object
}

/** Writes the plant's files. */
export async function writePlant(
  folder: string,
  shape: PlantShape,
  beside: Beside = {},
): Promise<void> {
  const { nodes, metrics, port } = shape
  const kinds = makeKinds(nodes, metrics)
  const each = <T>(make: (node: number) => T) =>
    Object.fromEntries(Array.from({ length: nodes }, (_, node) => [nodeName(node), make(node)]))
  const tags = (node: number) =>
    Object.fromEntries(
      Array.from({ length: metrics }, (_, m) => {
        const kind = kinds[node * metrics + m] ?? "walk"
        const what = typeOfKind(kind) === "Boolean" ? { kind: "boolean" } : {}
        const address = { sparkplug: `${device}:${metricName(m)}` }
        return [metricName(m), { name: { en: metricName(m) }, unit: "1", address, ...what }]
      }),
    )
  const unit = (node: number) => ({
    ...{ level: "unit", name: { en: nodeName(node) }, device: nodeName(node), tags: tags(node) },
  })
  const plant = {
    ...{ moru: "plant", name: { en: "Bench" }, timezone: "UTC" },
    equipment: {
      bench: {
        ...{ level: "site", name: { en: "Bench" } },
        contains: {
          line: { level: "line", name: { en: "Line" }, contains: each(unit) },
          ...beside.equipment,
        },
      },
    },
    broker: {
      ...{ host: "127.0.0.1", port, anonymous: true },
      "max-messages-per-second": 1_000_000,
    },
    devices: {
      ...each((node) => ({
        connector: "sparkplug",
        options: { group, node: nodeName(node), "birth-timeout": "60s" },
      })),
      ...beside.devices,
    },
    ...(beside.deciders && { deciders: beside.deciders }),
  }
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, "plant.yaml"), stringify(plant))
}

export interface Server {
  readonly url: string
  readonly cookie: string
  /** CPU of the process so far, all threads, in ms. */
  cpuMs(): Promise<number>
  /** Highest resident set so far, in MB. */
  rssMb(): Promise<number>
  /** Of the event loop. */
  begin(): void
  end(): Promise<{ p99Ms: number; maxMs: number }>
  stop(): Promise<void>
}

export interface ServerOptions {
  readonly plant: string
  readonly data: string
  /** Folder for a profile of the CPU. */
  readonly profile?: string
}

const main = join(import.meta.dirname, "../../src/main.ts")

/** Starts `moru run` in a process of its own and signs its first administrator in. */
export async function startServer(options: ServerOptions): Promise<Server> {
  const { plant, data, profile } = options
  const child = spawn(
    process.execPath,
    [
      ...(profile === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${profile}`]),
      ...["--import", join(import.meta.dirname, "probe.ts")],
      ...[main, "run", "--plant", plant, "--data", data, "--port", "0", "--json"],
    ],
    { stdio: ["ignore", "pipe", "inherit", "ipc"] },
  )
  process.once("exit", () => child.kill("SIGKILL"))
  const { url, lines } = await startedOf(child)
  const { cookie = "" } = await administratorOf({ url, lines })
  return {
    ...{ url, cookie },
    cpuMs: () => cpuMs(child.pid),
    rssMb: async () => Number(await statusOf(child.pid, "VmHWM")) / 1000,
    begin: () => void child.send("begin"),
    end: async () => {
      const said = once(child, "message")
      child.send("end")
      return (await said)[0]
    },
    stop: async () => {
      const gone = once(child, "exit")
      child.kill("SIGINT")
      await gone
    },
  }
}

async function startedOf(child: ChildProcess): Promise<{ url: string; lines: string[] }> {
  const lines: string[] = []
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  child.once("exit", (code) => reject(new Error(`moru ended with ${code}: ${lines.join("\n")}`)))
  if (child.stdout)
    createInterface({ input: child.stdout }).on("line", (line) => {
      const { says, url } = JSON.parse(line)
      if (says !== undefined) lines.push(says)
      if (url !== undefined) resolve(url)
    })
  return { url: await promise, lines }
}

const ticksASecond = 100

/** User and system time (proc(5), stat, fields 14 and 15). */
export async function cpuMs(pid: number | undefined): Promise<number> {
  const fields = (await readFile(`/proc/${pid}/stat`, "utf8")).split(") ")[1]?.split(" ") ?? []
  return ((Number(fields[11]) + Number(fields[12])) / ticksASecond) * 1000
}

async function statusOf(pid: number | undefined, name: string): Promise<string | undefined> {
  const status = await readFile(`/proc/${pid}/status`, "utf8")
  return new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)?.[1]
}
