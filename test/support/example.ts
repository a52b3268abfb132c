import { type ChildProcess, spawn } from "node:child_process"
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { freePort } from "./free-port.ts"
import { until } from "./until.ts"

export interface Example {
  readonly url: string
  readonly data: string
  /** For the first administrator, as printed on the console. */
  readonly token: string
  readonly env: NodeJS.ProcessEnv
  readonly child: ChildProcess
  output(): string
  /** Ctrl-C; resolves with the exit code. */
  stop(): Promise<number | null>
}

interface ExampleOptions {
  readonly speed?: number
  readonly seed?: number
  /** File with a schedule of faults. */
  readonly faults?: string
  /** Folder with plant.yaml; the one with one machine where absent. */
  readonly plant?: string
  /** Of an earlier start; a free one where absent. */
  readonly port?: number
  /** Kept at the end where given. */
  readonly data?: string
  /** Of an earlier start, whose ports are to be used again. */
  readonly env?: NodeJS.ProcessEnv
}

/** The plant with one machine, and the whole one of `npm start`. */
export const wholePlant = "examples/die-casting"

/** Starts a plant as `npm start` does, on free ports, with a data folder of its own. */
export async function startExample(options: ExampleOptions = {}): Promise<Example> {
  const data = options.data ?? (await mkdtemp(join(tmpdir(), "moru-example-")))
  const { plant = "examples/one-machine", port = 0, speed = 1, seed = 1 } = options
  const env = options.env ?? { ...process.env, ...(await freePorts(plant)) }
  const args = ["src/main.ts", "run", "--plant", plant, "--data", data]
  args.push("--port", String(port), "--speed", String(speed), "--seed", String(seed))
  if (options.faults) args.push("--faults", options.faults)
  const child = spawn(process.execPath, args, { env, stdio: ["ignore", "pipe", "pipe"] })
  let output = ""
  child.stdout.on("data", (chunk) => {
    output += chunk
  })
  child.stderr.on("data", (chunk) => {
    output += chunk
  })
  const exited = new Promise<number | null>((resolve) => child.on("exit", resolve))
  const url = await until("the address is printed", () => {
    if (child.exitCode !== null) throw new Error(`Moru ended at its start:\n${output}`)
    return /http:\/\/127\.0\.0\.1:\d+/.exec(output)?.[0]
  })
  const token = /token[^\n]*?\b([A-Za-z0-9_-]{20,})/.exec(output)?.[1] ?? ""
  return {
    url,
    data,
    token,
    env,
    child,
    output: () => output,
    stop: async () => {
      child.kill("SIGINT")
      const code = await exited
      if (!options.data) await rm(data, { recursive: true, force: true })
      return code
    },
  }
}

/** A free port, or a path of a serial line, for each that the plant's files let the environment give. */
async function freePorts(plant: string): Promise<Record<string, string>> {
  const ports: Record<string, string> = {}
  for (const file of await readdir(plant)) {
    if (!file.endsWith(".yaml")) continue
    const text = await readFile(join(plant, file), "utf8")
    for (const [, name = ""] of text.matchAll(/\$\{env:(MORU_[A-Z0-9_]+_PORT):-/g))
      ports[name] ??= String(await freePort())
    for (const [, name = ""] of text.matchAll(/\$\{env:(MORU_[A-Z0-9_]+_SERIAL):-/g))
      ports[name] ??= `/dev/shm/moru-${await freePort()}`
  }
  return ports
}
