// One simulated machine as a process of its own; `spawn.ts` starts it.
import { createWriteStream, mkdirSync } from "node:fs"
import { enableCompileCache } from "node:module"
import { dirname } from "node:path"
import { parseArgs } from "node:util"
import { Value } from "typebox/value"
import { SystemClock } from "../../kernel/clock/system.ts"
import { compiledFolder } from "../../kernel/compiled.ts"
import { nodeFiles } from "../../kernel/files/node.ts"
import { pinoLog } from "../../kernel/log/pino.ts"
import { Problem, problemOf } from "../../model/problem.ts"
import type { Machine, MachineKind } from "../machine.ts"
import { machines } from "../registry.ts"
import type { FaultOrder, MachineReady, Truth } from "../twin.ts"
import { ControlPort } from "./control.ts"

const text = { type: "string" } as const

const { values: args } = parseArgs({
  options: {
    kind: { ...text, default: "die-casting" },
    name: { ...text, default: "machine" },
    seed: { ...text, default: "1" },
    speed: { ...text, default: "1" },
    "real-origin": text,
    "plant-origin": text,
    options: { ...text, default: "{}" },
    folder: { ...text, default: "machine" },
    truth: text,
  },
})

async function main(): Promise<void> {
  const where = `machine ${args.name}`
  const load = Object.hasOwn(machines, args.kind) ? machines[args.kind] : undefined
  if (!load) {
    const known = Object.keys(machines).join(", ")
    throw new Problem("option-invalid", where, `got kind "${args.kind}", expected one of ${known}`)
  }
  const kind = await load()
  const options = optionsOf(kind, where)
  const seed = Number(args.seed)
  const clock = clockOf()
  const tell = truthLog(clock)
  const context = { name: args.name, seed, clock, files: nodeFiles, folder: args.folder, tell }
  const machine = await kind.start(options, { ...context, log: pinoLog("warn").of(args.name) })
  const control = new ControlPort(async (order) => {
    checkFault(kind, order, where)
    await machine.order(order)
  })
  const port = portOf(options)
  const stop = stopper(machine, control)
  try {
    const ready: MachineReady = {
      machine: args.name,
      endpoint: machine.endpoint,
      ...(port !== undefined && { control: `127.0.0.1:${await control.open(port)}` }),
      seed,
    }
    process.stdout.write(`${JSON.stringify(ready)}\n`)
  } catch (thrown) {
    await machine.stop()
    throw thrown
  }
  process.on("SIGTERM", stop)
  process.on("SIGINT", stop)
  process.on("disconnect", stop)
  process.stdin.on("close", stop).on("end", stop).resume()
}

function checkFault({ kind, faults }: MachineKind, { fault }: FaultOrder, where: string): void {
  if (faults.includes(fault)) return
  const known = faults.length > 0 ? `expected one of ${faults.join(", ")}` : "it can have no faults"
  throw new Problem("request-invalid", where, `got fault "${fault}" for a ${kind}, ${known}`)
}

/** `${env:PORT}` leaves a text where a number is wanted, so texts are converted first. */
function optionsOf(kind: MachineKind, where: string): unknown {
  const given: unknown = JSON.parse(args.options)
  const options = Value.Convert(kind.options, Value.Default(kind.options, given))
  const [first] = Value.Errors(kind.options, options)
  if (first)
    throw new Problem(
      "option-invalid",
      where,
      `option ${first.instancePath || "/"} ${first.message}`,
    )
  return options
}

function portOf(options: unknown): number | undefined {
  return (options as { "control-port"?: number })["control-port"]
}

function clockOf(): SystemClock {
  const origin = (name: "real-origin" | "plant-origin") =>
    args[name] === undefined ? undefined : Number(args[name])
  const [realOrigin, plantOrigin] = [origin("real-origin"), origin("plant-origin")]
  return new SystemClock({
    speed: Number(args.speed),
    ...(realOrigin !== undefined && { realOrigin }),
    ...(plantOrigin !== undefined && { plantOrigin }),
  })
}

function truthLog(clock: SystemClock) {
  if (args.truth === undefined) return () => {}
  mkdirSync(dirname(args.truth), { recursive: true })
  const log = createWriteStream(args.truth, { flags: "a" })
  return (says: string, facts: Truth["facts"], at = clock.now()) => {
    const truth: Truth = { at, machine: args.name, says, facts }
    log.write(`${JSON.stringify(truth)}\n`)
  }
}

function stopper(machine: Machine, control: ControlPort): () => void {
  let isStopping = false
  return () => {
    if (isStopping) return
    isStopping = true
    control.close()
    machine.stop().finally(() => process.exit(0))
  }
}

// The machine's kind, with all that it needs, is loaded after this.
enableCompileCache(compiledFolder)
main().catch((thrown) => {
  const { code, where, what, hint } = problemOf(thrown, `machine ${args.name}`)
  process.stdout.write(`${JSON.stringify({ problem: { code, where, what, hint } })}\n`)
  process.exit(1)
})
