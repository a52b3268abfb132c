import type { Table, TableCell } from "../../codec/table.ts"
import type { FoundPoint } from "../../connect/connector.ts"
import { matchTypes } from "../../connect/match.ts"
import { type NewEquipment, newEquipmentPatch, tagsFrom } from "../../connect/new-equipment.ts"
import { joinPatches } from "../../connect/plant-patch.ts"
import { suggestTags } from "../../connect/suggest.ts"
import { columnOf } from "../../connect/tag-columns.ts"
import { previewTags, type TablePlant } from "../../connect/tag-table.ts"
import { planEdit } from "../../kernel/config/edit.ts"
import { readTypes } from "../../kernel/config/type-folders.ts"
import type { LoadRequest, PlantPatch } from "../../kernel/config.ts"
import { didYouMean } from "../../kernel/spelling.ts"
import { parsePath } from "../../model/path.ts"
import type { Plant } from "../../model/plant.ts"
import { Problem } from "../../model/problem.ts"
import { complain, print } from "../print.ts"
import { type AddressedMachine, type MachineAddress, machineAt } from "./address.ts"
import { matchShown } from "./browse.ts"
import { lookAt } from "./machine.ts"
import { carryOut, type Env, hasPlant, makePlant, openPlant, plantRequest } from "./plant.ts"
import { previewLines, tableIn } from "./tables.ts"

export interface AddOptions extends MachineAddress {
  /** The device's name. */
  readonly name: string
  readonly plant: string
  readonly equipment?: string
  readonly type?: string
  /** `all`, or a table with the tags that are wanted. */
  readonly tags: string
  readonly limit: number
  readonly trust?: string
  readonly dryRun: boolean
  readonly colourful: boolean
  readonly env: Env
}

/** Connects to a machine once, and writes it into the plant's files with the values it has. */
export async function add(options: AddOptions, signal: AbortSignal): Promise<void> {
  const { name, env, dryRun } = options
  parsePath(name)
  const path = parsePath(options.equipment ?? name)
  const machine = await machineAt(options, env)
  const request = await plantRequest(options.plant, env)
  await ensurePlant(request, options)
  const { plant, table } = await openPlant(request)
  if (plant.devices.some((device) => device.name === name)) {
    const what = "got a device that the plant has already, expected a new name"
    throw new Problem("config-duplicate", `device ${name}`, what)
  }
  const points = await pointsOf(machine, options, { plant, signal })
  const type = await typeOf(request, { points, machine, wanted: options.type })
  const isAll = options.tags === "all"
  const connector = machine.connector.type
  const added: NewEquipment = {
    ...{ device: name, connector, options: machine.written, path, ...(type && { type }) },
    levels: new Map(plant.equipment.map((each) => [each.path as string, each.level])),
    tags: type || !isAll ? {} : tagsFrom(points, suggestTags(points), connector),
  }
  const listed = isAll ? {} : await tagsIn(options, { path, connector, table })
  const patch = joinPatches([newEquipmentPatch(added), listed])
  const planned = await planEdit(request, patch)
  await carryOut(request, planned, { dryRun, showsDiff: dryRun })
  const count = planned.plant?.tags.filter((tag) => tag.equipment === path).length ?? 0
  const done = `device ${name} and equipment ${path} with ${count} tags`
  print(dryRun ? `Would add ${done}; nothing is written` : `Added ${done} to ${request.folder}`)
}

async function ensurePlant(request: LoadRequest, { dryRun }: AddOptions): Promise<void> {
  if (await hasPlant(request)) return
  if (dryRun) {
    const what = "got a folder without a plant.yaml, expected one; make it with `moru init`"
    throw new Problem("not-found", request.folder, what)
  }
  await makePlant(request, {})
  print(`Made a new plant in ${request.folder}`)
}

/** What the machine has, for a type to be matched or for tags; the plant's network policy holds here too. */
async function pointsOf(
  machine: AddressedMachine,
  { limit, trust }: AddOptions,
  { plant, signal }: { plant: Plant; signal: AbortSignal },
): Promise<readonly FoundPoint[]> {
  const progress = (found: number) => complain(`${found} points so far; Ctrl-C ends the search`)
  const { network } = plant
  const look = { limit, network, progress, ...(trust !== undefined && { trust }) }
  const { points, more } = await lookAt(machine, look, signal)
  if (more) complain(`The machine has more than ${limit} points; the rest is left out (--limit)`)
  return points
}

/** The type that is wanted as it fits the machine; says how well, and what would fit where none is wanted. */
async function typeOf(
  request: LoadRequest,
  of: { points: readonly FoundPoint[]; machine: AddressedMachine; wanted: string | undefined },
): Promise<NewEquipment["type"]> {
  const { points, machine, wanted } = of
  const types = await readTypes(request)
  const matches = matchTypes(points, types, machine.connector.type)
  if (wanted === undefined) {
    const [best] = matches
    if (best && best.confidence >= 0.5) complain(`It looks like ${matchShown(best)}: see --type`)
    return undefined
  }
  const file = types.get(wanted)
  if (!file) {
    const what = `got "${wanted}"${didYouMean(wanted, types.keys())}, expected one of ${[...types.keys()].join(", ")}`
    throw new Problem("option-invalid", "--type", what)
  }
  const match = matches.find(({ type }) => type === wanted)
  if (!match) {
    const what = `got "${wanted}", of which the machine has hardly an address, expected the machine's type`
    throw new Problem("option-invalid", "--type", what)
  }
  complain(`It is ${matchShown(match)}`)
  return { ...match, level: file.level }
}

/** The tags that a table lists, at the new equipment unless it says another. */
async function tagsIn(
  { tags, name: device, colourful }: AddOptions,
  { path, connector, table }: { path: string; connector: string; table: TablePlant },
): Promise<PlantPatch> {
  const here = { device, devices: [device] }
  const plant = {
    ...table,
    equipment: new Map([...table.equipment, [path, here]]),
    connectors: new Map([...table.connectors, [device, connector]]),
  }
  const preview = previewTags(filled(await tableIn(tags), { equipment: path, device }), plant)
  const [problem] = preview.problems
  if (!problem) return preview.patch
  for (const line of previewLines(preview, colourful)) complain(line)
  throw problem
}

/** The table with what is empty in two of its columns filled in. */
function filled(table: Table, given: { equipment: string; device: string }): Table {
  const [header, ...rows] = table.rows
  if (!header) return table
  const columns = header.cells.map((cell) => columnOf(cell))
  const fill = (cells: readonly TableCell[], missing: (column: keyof typeof given) => string) => {
    const added = (["equipment", "device"] as const).filter((column) => !columns.includes(column))
    const there = columns.map((column, i) => {
      const cell = cells[i] ?? null
      return cell === null && (column === "equipment" || column === "device")
        ? missing(column)
        : cell
    })
    return [...there, ...added.map(missing)]
  }
  const names = fill(header.cells, (column) => column)
  return {
    ...table,
    rows: [
      { ...header, cells: names },
      ...rows.map((row) => ({ ...row, cells: fill(row.cells, (column) => given[column]) })),
    ],
  }
}
