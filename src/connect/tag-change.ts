import type { Patch, PlantPatch } from "../kernel/config.ts"
import { didYouMean } from "../kernel/spelling.ts"
import { parseDuration } from "../kernel/tag-file.ts"
import type { Tag } from "../model/tag.ts"
import { equipmentPatch } from "./plant-patch.ts"
import type { TagColumnName } from "./tag-columns.ts"
import type { TablePlant } from "./tag-table.ts"

export type CellValue = string | number

/** A row's filled cells. */
export type Cells = { readonly [Column in TagColumnName]?: CellValue }

/** A red cell. */
export interface Wrong {
  readonly column: TagColumnName
  readonly got: string
  readonly expected: string
}

export interface TagChange {
  readonly path: string
  readonly state: "new" | "changed" | "same"
  readonly patch: PlantPatch
  readonly wrong: readonly Wrong[]
}

/** What the rows before have named, by the number of their row. */
interface Seen {
  readonly paths: Map<string, number>
  readonly addresses: Map<string, number>
  /** Devices that an equipment gets. */
  readonly devices: Map<string, readonly string[]>
  readonly number: number
}

const nothing = "nothing"

/** What one row changes in the plant. A tag that the plant has not is new; an empty cell leaves things as they are. */
export function changeOf(cells: Cells, plant: TablePlant, seen: Seen): TagChange {
  const { equipment = "", tag: name = "" } = cells
  const path = `${equipment}/${name}`
  const there = plant.tags.get(path)
  const source = sourceOf(cells, plant)
  const wrong = [
    ...placeWrong(cells, plant),
    ...sourceWrong(cells, plant, { ...source, seen }),
    ...(there ? [] : missingIn(cells)),
    ...bandWrong(cells, there),
    ...repeated({ cells, path, device: source.device }, plant, seen),
  ]
  const change = tagPatch(cells, { there, source, plant })
  const link = wrong.length > 0 ? {} : linkPatch(`${equipment}`, plant, { ...source, seen })
  const isSame = Object.keys(change).length === 0 && Object.keys(link).length === 0
  const tags = isSame || Object.keys(change).length === 0 ? {} : { tags: { [name]: change } }
  const patch = isSame ? {} : equipmentPatch(`${equipment}`, { ...link, ...tags })
  return { path, state: there ? (isSame ? "same" : "changed") : "new", patch, wrong }
}

interface Source {
  readonly device: string | undefined
  readonly connector: string | undefined
}

/** The device that the row names, else the one that the tag or its equipment has. */
function sourceOf({ equipment, tag, device: given }: Cells, plant: TablePlant): Source {
  const present = plant.points.get(`${equipment}/${tag}`)?.device
  const [first] = plant.equipment.get(`${equipment}`)?.devices ?? []
  const device = given === undefined ? (present ?? first) : String(given)
  return { device, connector: device === undefined ? undefined : plant.connectors.get(device) }
}

function placeWrong({ equipment, tag }: Cells, { equipment: known }: TablePlant): Wrong[] {
  const wrong: Wrong[] = []
  const expected = "the path of an equipment that the plant has"
  if (equipment === undefined) wrong.push({ column: "equipment", got: nothing, expected })
  else if (!known.has(`${equipment}`)) {
    const got = `"${equipment}"${didYouMean(`${equipment}`, known.keys())}`
    wrong.push({ column: "equipment", got, expected })
  }
  if (tag === undefined)
    wrong.push({ column: "tag", got: nothing, expected: "a name of a-z, 0-9, - and _" })
  return wrong
}

/** All tags of an equipment that one connector reaches come from the first of its devices with that connector. */
function sourceWrong(
  { equipment, address }: Cells,
  plant: TablePlant,
  { device, connector, seen }: Source & { readonly seen: Seen },
): Wrong[] {
  const { connectors } = plant
  const expected = "the name of a device that the plant has"
  if (device === undefined) {
    const isAsked = address !== undefined && plant.equipment.has(`${equipment}`)
    return isAsked ? [{ column: "device", got: nothing, expected }] : []
  }
  if (connector === undefined) {
    const got = `"${device}"${didYouMean(device, connectors.keys())}`
    return [{ column: "device", got, expected }]
  }
  const known = devicesOf(`${equipment}`, plant, seen)
  const first = known.find((name) => connectors.get(name) === connector)
  if (first === undefined || first === device) return []
  const only = `"${first}", from which the equipment has its other values over ${connector}`
  return [{ column: "device", got: `"${device}"`, expected: only }]
}

function devicesOf(equipment: string, plant: TablePlant, { devices }: Seen): readonly string[] {
  return devices.get(equipment) ?? plant.equipment.get(equipment)?.devices ?? []
}

/** A new tag needs a unit and an address. */
function missingIn({ kind = "number", unit, address }: Cells): Wrong[] {
  const wrong: Wrong[] = []
  const aUnit = "a UCUM code such as Cel, bar, mm, or 1 where it has none"
  if (kind === "number" && unit === undefined)
    wrong.push({ column: "unit", got: nothing, expected: aUnit })
  if (address === undefined)
    wrong.push({ column: "address", got: nothing, expected: "where the device has the value" })
  return wrong
}

const bands = [
  { key: "range", low: "low", high: "high" },
  { key: "normal", low: "normalLow", high: "normalHigh" },
] as const

/** A band as it would be; a side that is not given stays. */
function bandOf(cells: Cells, there: Tag | undefined, band: (typeof bands)[number]) {
  const [low, high] = there?.[band.key] ?? []
  return [cells[band.low] ?? low, cells[band.high] ?? high] as const
}

function bandWrong(cells: Cells, there: Tag | undefined): Wrong[] {
  return bands.flatMap((band): Wrong[] => {
    const [low, high] = bandOf(cells, there, band)
    if (low === undefined && high === undefined) return []
    if (high === undefined) return [{ column: band.high, got: nothing, expected: "a number" }]
    if (low === undefined) return [{ column: band.low, got: nothing, expected: "a number" }]
    if (low < high) return []
    return [{ column: band.high, got: `${high}`, expected: `more than the low end, ${low}` }]
  })
}

function repeated(
  of: { cells: Cells; path: string; device: string | undefined },
  plant: TablePlant,
  { paths, addresses, number }: Seen,
): Wrong[] {
  const { cells, path, device } = of
  const wrong: Wrong[] = []
  const before = paths.get(path)
  if (before !== undefined && cells.tag !== undefined)
    wrong.push({ column: "tag", got: `"${path}" again`, expected: `it only in row ${before}` })
  else paths.set(path, number)
  if (cells.address === undefined) return wrong
  const key = `${device}\n${cells.address}`
  const other = addresses.get(key)
  const got = `"${cells.address}" again`
  if (other !== undefined && before === undefined)
    wrong.push({ column: "address", got, expected: `it only in row ${other}` })
  else addresses.set(key, number)
  const owner = other === undefined ? ownerOf(`${cells.address}`, device, plant) : undefined
  if (owner !== undefined && owner !== path)
    wrong.push({ column: "address", got, expected: `an address that ${owner} has not yet` })
  return wrong
}

const owners = new WeakMap<TablePlant, ReadonlyMap<string, string>>()

/** The tag that already has an address at a device. */
function ownerOf(address: string, device: string | undefined, plant: TablePlant) {
  let known = owners.get(plant)
  if (!known) {
    const all = [...plant.points].map(([tag, at]) => [`${at.device}\n${at.address}`, tag] as const)
    known = new Map(all)
    owners.set(plant, known)
  }
  return known.get(`${device}\n${address}`)
}

function tagPatch(
  cells: Cells,
  { there, source, plant }: { there: Tag | undefined; source: Source; plant: TablePlant },
): Patch {
  const point = there && plant.points.get(there.path)
  const { connector } = source
  const isNewPlace =
    cells.address !== undefined &&
    (point?.address !== cells.address || point.device !== source.device)
  const staleMs = cells.staleAfter === undefined ? undefined : parseDuration(`${cells.staleAfter}`)
  return {
    ...namePatch(cells, there),
    ...(isOther(cells.kind, there?.kind) && { kind: cells.kind }),
    ...(isOther(cells.unit, there?.unit) && { unit: cells.unit }),
    ...(!there && cells.unit === undefined && { unit: "1" }),
    ...(isOther(cells.decimals, there?.decimals) && { decimals: cells.decimals }),
    ...Object.fromEntries(bands.flatMap((band) => bandPatch(cells, there, band))),
    ...(isOther(staleMs, there?.staleAfterMs) && { "stale-after": cells.staleAfter }),
    ...(isNewPlace && connector && { address: { [connector]: cells.address } }),
  }
}

function isOther(given: CellValue | undefined, present: CellValue | undefined): boolean {
  return given !== undefined && given !== present
}

function namePatch({ nameEn, nameKo, tag }: Cells, there: Tag | undefined): Patch {
  const en = nameEn ?? there?.name.en ?? wordsOf(`${tag}`)
  const ko = nameKo ?? there?.name.ko
  if (there && en === there.name.en && ko === there.name.ko) return {}
  return { name: ko === undefined ? en : { en, ko } }
}

/** What a name of a path says to people: `oil-temperature` is "Oil temperature". */
export function wordsOf(name: string): string {
  const words = name.replace(/[-_]+/g, " ").trim()
  return words.charAt(0).toUpperCase() + words.slice(1)
}

function bandPatch(
  cells: Cells,
  there: Tag | undefined,
  band: (typeof bands)[number],
): [key: string, value: unknown][] {
  if (cells[band.low] === undefined && cells[band.high] === undefined) return []
  const [low, high] = bandOf(cells, there, band)
  const [presentLow, presentHigh] = there?.[band.key] ?? []
  return low === presentLow && high === presentHigh ? [] : [[band.key, [low, high]]]
}

/** An equipment that gets its first value from a device gets the device too. */
function linkPatch(
  equipment: string,
  plant: TablePlant,
  { device, seen }: Source & { readonly seen: Seen },
): Patch {
  const known = devicesOf(equipment, plant, seen)
  if (device === undefined || known.includes(device)) return {}
  seen.devices.set(equipment, [...known, device])
  const written = plant.equipment.get(equipment)
  const fresh = [...known, device].filter((name) => !written?.devices.includes(name))
  const links = [...[written?.device ?? []].flat(), ...fresh]
  return { device: links.length === 1 ? links[0] : links }
}
