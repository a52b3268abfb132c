import { resolve } from "node:path"
import type { Command } from "commander"
import { pinoLog } from "../kernel/log/pino.ts"
import { Problem } from "../model/problem.ts"
import { fail, numberOption, print, stopSignal } from "./print.ts"

interface RunOptions {
  readonly plant: string
  readonly data: string
  readonly port: number
  readonly host: string
  readonly speed: number
  readonly seed?: number
  readonly faults?: string
  readonly logLevel: string
  readonly tlsCert?: string
  readonly tlsKey?: string
  readonly parts?: "connect"
  readonly edge?: string
  readonly json: boolean
}

export function registerRun(program: Command): void {
  program
    .command("run")
    .description("run a plant until Ctrl-C")
    .requiredOption("--plant <folder>", "folder with plant.yaml")
    .option("--data <folder>", "where everything is kept", "moru-data")
    .option(
      "--port <number>",
      "port of the screens; 0 takes a free one",
      numberOption("port", [0, 65535]),
      4400,
    )
    .option("--host <address>", "address to listen on; others than 127.0.0.1 need TLS", "127.0.0.1")
    .option("--tls-cert <file>", "certificate (PEM) for other addresses than 127.0.0.1")
    .option("--tls-key <file>", "private key (PEM)")
    .option(
      "--speed <times>",
      "how fast plant time runs; only with simulated machines",
      numberOption("speed", [1, 1000]),
      1,
    )
    .option(
      "--seed <number>",
      "seed of the simulated machines",
      numberOption("seed", [0, 2 ** 32 - 1]),
    )
    .option("--faults <file>", "schedule of faults for the simulated machines (YAML)")
    .option(
      "--parts <parts>",
      "connect: only the devices of an edge, beside the machines",
      partsOption,
    )
    .option("--edge <name>", "with --parts connect: which edge of the plant this computer is")
    .option("--log-level <level>", "debug, info, warn or error", "warn")
    .option(
      "--json",
      "print what is said as lines of JSON, and one with the address when all runs",
      false,
    )
    .action(run)
}

function partsOption(text: string): "connect" {
  if (text === "connect") return text
  throw new Problem("option-invalid", "--parts", `got "${text}", expected connect`)
}

async function run(options: RunOptions): Promise<void> {
  const signal = stopSignal()
  const say = options.json ? (says: string) => print(JSON.stringify({ says })) : print
  try {
    const moru = await (options.parts === "connect" ? edge : whole)(options, { say, signal })
    if (options.json)
      print(JSON.stringify({ url: moru.url, data: resolve(options.data), seed: moru.seed }))
    // It may have come while the parts were still starting.
    if (!signal.aborted)
      await new Promise((stopped) => signal.addEventListener("abort", stopped, { once: true }))
    say("Stopping...")
    await moru.stop()
    say("Stopped. Nothing is lost.")
    process.exit(0)
  } catch (thrown) {
    if (!signal.aborted) fail(thrown, options.json)
    process.exit()
  }
}

interface Run {
  readonly say: (line: string) => void
  readonly signal: AbortSignal
}

async function whole(options: RunOptions, { say, signal }: Run) {
  const { openMoru } = await import("../moru.ts")
  const { host, port, speed, tlsCert, tlsKey } = options
  return openMoru(
    {
      plantFolder: resolve(options.plant),
      dataFolder: resolve(options.data),
      listen: {
        host,
        port,
        ...(tlsCert && tlsKey ? { tls: { cert: tlsCert, key: tlsKey } } : {}),
      },
      speed,
      ...(options.seed === undefined ? {} : { seed: options.seed }),
      ...(options.faults === undefined ? {} : { faults: options.faults }),
      log: pinoLog(options.logLevel),
      env: process.env,
      announce: say,
    },
    signal,
  )
}

async function edge(options: RunOptions, { say, signal }: Run) {
  const { openEdge } = await import("../moru/open-edge.ts")
  const { host, port, speed, seed, edge, plant, data, logLevel, faults, tlsCert } = options
  if (speed !== 1 || faults !== undefined || tlsCert !== undefined) {
    const what = "got --speed, --faults or --tls-cert, which an edge has not"
    throw new Problem("option-invalid", "--parts connect", what)
  }
  const running = await openEdge(
    {
      ...{ plantFolder: resolve(plant), dataFolder: resolve(data), listen: { host, port } },
      ...(edge !== undefined && { edge }),
      ...(seed !== undefined && { seed }),
      ...{ log: pinoLog(logLevel), env: process.env, announce: say },
    },
    signal,
  )
  return { ...running, seed: undefined }
}
