import type { Command } from "commander"
import { loadPlant } from "../kernel/config/load.ts"
import { nodeFiles } from "../kernel/files/node.ts"
import { didYouMean } from "../kernel/spelling.ts"
import { isWithin } from "../model/path.ts"
import type { DeviceConfig, MachineConfig, Plant } from "../model/plant.ts"
import { Problem } from "../model/problem.ts"
import { loadKinds, typeFolder } from "../moru/kinds.ts"
import { giveOrder } from "../twin/machines/control-client.ts"
import { type FaultName, faults } from "../twin/twin.ts"
import { fail, numberOption, print } from "./print.ts"

export interface FaultOptions {
  /** Path of the equipment, or only its last name. */
  readonly equipment?: string
  /** Its name in the plant's files, instead of the equipment. */
  readonly machine?: string
  readonly severity: number
  readonly off: boolean
  readonly plant: string
  /** The machine's control port, where the plant's files don't say it. */
  readonly control?: number
  readonly env: Readonly<Record<string, string | undefined>>
}

/** Injects a fault into a simulated machine, or ends it; gives a sentence that says what was done. */
export async function faultCommand(name: string, options: FaultOptions): Promise<string> {
  const fault = faults.find((known) => known === name)
  if (!fault) throw unknown("fault", name, faults)
  const port = options.control ?? (await controlPortOf(options))
  const { off, severity } = options
  await giveOrder(port, { fault, state: off ? "off" : "on", ...(!off && { severity }) })
  return sayDone(fault, options)
}

export function registerFault(program: Command): void {
  program
    .command("fault")
    .description(`inject a fault into a simulated machine: ${faults.join(", ")}`)
    .argument("<name>", "name of the fault")
    .option("--equipment <path>", "equipment whose simulated machine it befalls")
    .option("--machine <name>", "the simulated machine by its name in the plant's files")
    .option("--severity <number>", "how bad, 0 to 1", numberOption("severity", [0, 1]), 1)
    .option("--off", "end the fault", false)
    .option("--plant <folder>", "folder with plant.yaml", "examples/die-casting")
    .option("--control <port>", "control port of the machine", numberOption("control", [1, 65535]))
    .option("--json", "print one line of JSON", false)
    .action(async (name: string, options: FaultOptions & { json: boolean }) => {
      const { json, off, severity } = options
      try {
        const done = await faultCommand(name, { ...options, env: process.env })
        print(
          json
            ? JSON.stringify({ ok: true, fault: name, state: off ? "off" : "on", severity })
            : done,
        )
      } catch (thrown) {
        fail(thrown, json)
      }
    })
}

function sayDone(fault: FaultName, { off, severity, equipment, machine }: FaultOptions): string {
  const where = equipment ?? machine ?? "the machine"
  return off ? `${fault} at ${where} ended` : `${fault} at ${where} injected, severity ${severity}`
}

async function controlPortOf(options: FaultOptions): Promise<number> {
  const { plant: folder, equipment, machine: name, env } = options
  if (equipment === undefined && name === undefined) {
    const expected = "got none, expected it or --machine NAME or --control PORT"
    throw new Problem("option-invalid", "--equipment", expected)
  }
  const kinds = await loadKinds()
  const { plant, problems } = await loadPlant({ folder, typeFolder, files: nodeFiles, env, kinds })
  const [first] = problems
  if (first) throw new Problem(first.code, `${folder}/${first.where}`, first.what)
  if (!plant) throw new Problem("config-unreadable", folder, "the plant cannot be read")
  const machine =
    equipment === undefined ? machineNamed(plant, name ?? "") : machineOf(plant, equipment)
  const port = Number((machine.options as { "control-port"?: unknown })["control-port"])
  if (port > 0) return port
  const what = "its files give no control-port; name the one that it printed with --control PORT"
  throw new Problem("not-found", `machine ${machine.name}`, what)
}

function machineNamed(plant: Plant, wanted: string): MachineConfig {
  const machine = plant.machines.find(({ name }) => name === wanted)
  if (machine) return machine
  throw unknown(
    "machine",
    wanted,
    plant.machines.map(({ name }) => name),
  )
}

/** The machine that stands behind the equipment's device: both have one name in the plant's files, or one port. */
function machineOf(plant: Plant, wanted: string): MachineConfig {
  const equipment = plant.equipment.filter(
    ({ path }) => path === wanted || path.endsWith(`/${wanted}`),
  )
  const [only] = equipment
  if (!only)
    throw unknown(
      "equipment",
      wanted,
      plant.equipment.map(({ path }) => path),
    )
  const machines = plant.machines.filter((machine) =>
    plant.devices.some(
      (device) =>
        serves(machine, device) && device.points.some(({ tag }) => isWithin(tag, only.path)),
    ),
  )
  const [machine] = machines
  if (machine && machines.length === 1 && equipment.length === 1) return machine
  const several = machines.map(({ name }) => name).join(", ")
  const what = machine
    ? `several simulated machines stand there: ${several}; name one with --machine NAME`
    : "no simulated machine is known there, and a real one takes no faults; --machine NAME names one"
  throw new Problem("not-found", `equipment ${wanted}`, what)
}

function serves({ name, options }: MachineConfig, device: DeviceConfig): boolean {
  if (device.name === name) return true
  const port = Number((options as { port?: unknown }).port)
  return port > 0 && new RegExp(`[:"]${port}\\b`).test(JSON.stringify(device.options))
}

function unknown(what: string, got: string, known: readonly string[]): Problem {
  const expected = `got "${got}"${didYouMean(got, known)}, expected one of ${known.join(", ")}`
  return new Problem("option-invalid", what, expected)
}
