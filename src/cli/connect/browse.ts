import { writeTable } from "../../codec/table.ts"
import type { FoundPoint } from "../../connect/connector.ts"
import { matchTypes, type TypeMatch } from "../../connect/match.ts"
import { type Suggestion, suggestTags } from "../../connect/suggest.ts"
import { rowOf, tagHeader } from "../../connect/tag-table.ts"
import { readTypes } from "../../kernel/config/type-folders.ts"
import { nodeFiles } from "../../kernel/files/node.ts"
import { typeFolder } from "../../moru/kinds.ts"
import { complain, print } from "../print.ts"
import { type AddressedMachine, type MachineAddress, machineAt } from "./address.ts"
import { lookAt } from "./machine.ts"
import { type Env, openPlant, plantRequest } from "./plant.ts"
import { columns } from "./show.ts"
import { formOf } from "./tables.ts"

export interface BrowseOptions extends MachineAddress {
  readonly limit: number
  readonly out?: string
  readonly json: boolean
  readonly trust?: string
  /** Folder of a plant, whose own equipment types and network policy then count too. */
  readonly plant?: string
  readonly env: Env
}

/** One look at a machine: what it has, what Moru would make of it, and which type of equipment it is. */
export async function browse(options: BrowseOptions, signal: AbortSignal): Promise<void> {
  const form = options.out === undefined ? undefined : formOf(options.out)
  const machine = await machineAt(options, options.env)
  const { limit, trust } = options
  const { folder, network } = await around(options)
  const progress = (found: number) => complain(`${found} points so far; Ctrl-C ends the search`)
  const looked = await lookAt(
    machine,
    { limit, network, progress, ...(trust !== undefined && { trust }) },
    signal,
  )
  const { points, more } = looked
  const suggestions = suggestTags(points)
  const types = await readTypes({ folder, typeFolder, files: nodeFiles })
  const matches = matchTypes(points, types, machine.connector.type)
  if (options.out !== undefined && form)
    await nodeFiles.write(
      options.out,
      await writeTable({ rows: tableRows(points, suggestions) }, form),
    )
  if (options.json) {
    const found = points.map((point, i) => ({ ...point, suggestion: suggestions[i] }))
    const { shown: url, connector } = machine
    print(JSON.stringify({ url, connector: connector.type, points: found, more, matches }))
  } else
    for (const line of lines({ machine, points, more, suggestions, matches }, options)) print(line)
}

async function around({ plant: folder, env }: BrowseOptions) {
  if (folder === undefined) return { folder: typeFolder, network: { allow: [], deny: [] } }
  const { plant } = await openPlant(await plantRequest(folder, env))
  return { folder, network: plant.network }
}

interface Found {
  readonly machine: AddressedMachine
  readonly points: readonly FoundPoint[]
  readonly more: boolean
  readonly suggestions: readonly Suggestion[]
  readonly matches: readonly TypeMatch[]
}

function* lines(found: Found, { out, limit }: BrowseOptions): Iterable<string> {
  const { machine, points, more, suggestions, matches } = found
  yield `${machine.shown} (${machine.connector.type}): ${points.length} points`
  if (points.length === 0) return
  yield ""
  const header = ["address", "name", "kind", "unit", "range", "value", "set", "tag"]
  yield* columns([header, ...points.map((point, i) => rowShown(point, suggestions[i]))])
  yield ""
  yield "unit ~: guessed from the name; set: the machine lets it be written; tag: the name that Moru would give it"
  if (more) yield `There are more than ${limit} points; see them all with a higher --limit`
  for (const match of matches.slice(0, 3)) yield `Equipment type  ${matchShown(match)}`
  if (out !== undefined)
    yield `Written to ${out}: fill in the columns equipment and device, then \`moru connect import\``
  const [best] = matches
  const type = best && best.confidence >= 0.5 ? ` --type ${best.type}` : ""
  yield `Next: moru connect add NAME ${machine.shown} --plant FOLDER${type}`
}

function rowShown(point: FoundPoint, suggestion: Suggestion | undefined): string[] {
  const { address, name, kind, range, value, writable, unit } = point
  const guess = suggestion?.unit
  const known = guess ? (guess.confidence === 1 ? guess.value : `~${guess.value}`) : (unit ?? "")
  return [
    ...[address, name, kind, known, range ? `${range[0]} to ${range[1]}` : ""],
    ...[valueShown(value), writable ? "yes" : "", suggestion?.tag ?? ""],
  ]
}

function valueShown(value: FoundPoint["value"]): string {
  if (typeof value === "number") return String(Number(value.toPrecision(7)))
  return value === undefined ? "" : String(value)
}

export function matchShown({
  type,
  at,
  confidence,
  exact,
  byName,
  missing,
  extra,
}: TypeMatch): string {
  const place = at === undefined ? "" : ` at ${at}`
  const total = exact.length + byName.length + missing.length
  const parts = [
    `${exact.length} of ${total} addresses`,
    ...(byName.length > 0 ? [`${byName.length} more by name`] : []),
    ...(missing.length > 0
      ? [`missing ${missing.slice(0, 5).join(", ")}${missing.length > 5 ? ", ..." : ""}`]
      : []),
    `${extra} points that the type does not know`,
  ]
  return `${type}${place}: ${Math.round(confidence * 100)} % (${parts.join("; ")})`
}

/** Rows for `moru connect import`, with what is suggested filled in. */
function tableRows(points: readonly FoundPoint[], suggestions: readonly Suggestion[]) {
  const rows = points.map(({ name, address, kind }, i) => {
    const { tag = null, unit, range, decimals } = suggestions[i] ?? {}
    const [low, high] = range?.value ?? [null, null]
    return rowOf({
      ...{ tag, nameEn: name, address, kind, unit: unit?.value ?? "1" },
      ...{ decimals: decimals?.value ?? null, low, high },
    })
  })
  return [tagHeader(), ...rows]
}
