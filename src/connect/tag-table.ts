import { cellPlace, type Table, type TableCell } from "../codec/table.ts"
import type { PlantPatch } from "../kernel/config.ts"
import { nearest } from "../kernel/spelling.ts"
import type { Plant } from "../model/plant.ts"
import { Problem } from "../model/problem.ts"
import type { Tag } from "../model/tag.ts"
import { joinPatches } from "./plant-patch.ts"
import { type Cells, type CellValue, changeOf, type Wrong } from "./tag-change.ts"
import { columnOf, type TagColumnName, tagColumns } from "./tag-columns.ts"

/** What a plant has, as far as a table of tags speaks of it. */
export interface TablePlant {
  /** By path; what its file says under `device`, and the names of the devices in it. */
  readonly equipment: ReadonlyMap<
    string,
    { readonly device: unknown; readonly devices: readonly string[] }
  >
  readonly tags: ReadonlyMap<string, Tag>
  /** Where each tag's value comes from, by the tag's path. */
  readonly points: ReadonlyMap<string, { readonly device: string; readonly address: string }>
  /** Connector of each device. */
  readonly connectors: ReadonlyMap<string, string>
}

/** `equipmentFiles` is the `equipment` of the plant's files, joined, as it stands there. */
export function tablePlantOf(plant: Plant, equipmentFiles: unknown): TablePlant {
  const written = new Map(writtenDevices(equipmentFiles))
  return {
    equipment: new Map(
      plant.equipment.map(({ path }) => {
        const device = written.get(path)
        return [path, { device, devices: deviceNames(device) }] as const
      }),
    ),
    tags: new Map(plant.tags.map((tag) => [tag.path, tag])),
    points: new Map(
      plant.devices.flatMap(({ name: device, points }) =>
        points.map(({ tag, address }) => [tag, { device, address }] as const),
      ),
    ),
    connectors: new Map(plant.devices.map(({ name, connector }) => [name, connector])),
  }
}

function* writtenDevices(files: unknown, within = ""): Iterable<[path: string, device: unknown]> {
  for (const [name, file] of Object.entries(files ?? {})) {
    const { device, contains } = (file ?? {}) as { device?: unknown; contains?: unknown }
    const path = within === "" ? name : `${within}/${name}`
    yield [path, device]
    yield* writtenDevices(contains, path)
  }
}

function deviceNames(device: unknown): string[] {
  return [device].flat().flatMap((one) => {
    const name = typeof one === "object" && one !== null ? (one as { name?: unknown }).name : one
    return typeof name === "string" ? [name] : []
  })
}

export interface PreviewCell {
  readonly column: TagColumnName
  readonly shown: string
  /** Why the cell is red. */
  readonly problem?: Problem
}

export interface PreviewRow {
  /** In the file. */
  readonly number: number
  readonly path: string
  readonly state: "new" | "changed" | "same" | "wrong"
  readonly cells: readonly PreviewCell[]
}

/** What a table would do to the plant's files; nothing is written. */
export interface TagPreview {
  readonly rows: readonly PreviewRow[]
  /** Headers of columns that the house has no use for. */
  readonly ignored: readonly string[]
  /** Everything that is wrong: with the table, then cell by cell. */
  readonly problems: readonly Problem[]
  /** What the rows without a red cell change. */
  readonly patch: PlantPatch
}

/** Reads a table of tags against the plant. Never throws for what stands in the table. */
export function previewTags(table: Table, plant: TablePlant): TagPreview {
  const [header, ...rows] = table.rows
  const columns = (header?.cells ?? []).map((cell) => columnOf(cell))
  const wrong = headerProblems(table, columns)
  if (!header || wrong.length > 0)
    return { rows: [], ignored: [], problems: [...table.problems, ...wrong], patch: {} }
  const seen = { paths: new Map(), addresses: new Map(), devices: new Map() }
  const patches: PlantPatch[] = []
  const shown = rows.map((row): PreviewRow => {
    const { cells, wrong: unread } = readCells(row.cells, columns)
    const change = changeOf(cells, plant, { ...seen, number: row.number })
    const all = [...unread, ...change.wrong.filter(({ column }) => !has(unread, column))]
    const state = all.length > 0 ? "wrong" : change.state
    if (state === "new" || state === "changed") patches.push(change.patch)
    return {
      ...{ number: row.number, path: change.path, state },
      cells: previewCells({ table, row, columns, wrong: all }),
    }
  })
  const inCells = shown.flatMap(({ cells }) => cells.flatMap(({ problem }) => problem ?? []))
  return {
    rows: shown,
    ignored: header.cells.filter((cell, i) => cell !== null && !columns[i]).map(String),
    problems: [...table.problems, ...inCells],
    patch: joinPatches(patches),
  }
}

function has(wrong: readonly Wrong[], column: TagColumnName): boolean {
  return wrong.some((one) => one.column === column)
}

type Columns = readonly (TagColumnName | undefined)[]

function headerProblems(table: Table, columns: Columns): Problem[] {
  const [header] = table.rows
  const at = (column: number) => cellPlace(table, header?.number ?? 1, column)
  const twice = columns.flatMap((column, i) => {
    if (!column || columns.indexOf(column) === i) return []
    const what = `got a second column "${tagColumns[column].headers[0]}", expected it once`
    return [new Problem("table-cell-wrong", at(i), what)]
  })
  const unknown = (header?.cells ?? []).filter((_, i) => !columns[i]).map(String)
  const missing = (["equipment", "tag"] as const).flatMap((column) => {
    if (columns.includes(column)) return []
    const [name] = tagColumns[column].headers
    const near = unknown.find((word) => nearest(word, [name]))
    const got = near === undefined ? "no such header" : `"${near}"`
    return [new Problem("table-cell-wrong", at(0), `got ${got}, expected a column "${name}"`)]
  })
  return [...twice, ...missing]
}

function readCells(cells: readonly TableCell[], columns: Columns) {
  const values: { -readonly [Column in TagColumnName]?: CellValue } = {}
  const wrong: Wrong[] = []
  columns.forEach((column, i) => {
    const shown = shownCell(cells[i] ?? null)
    if (!column || shown === "") return
    const { read, expected } = tagColumns[column]
    const value = read(shown) as CellValue | undefined
    if (value === undefined) wrong.push({ column, got: `"${shown}"`, expected })
    else values[column] = value
  })
  return { cells: values as Cells, wrong }
}

function shownCell(cell: TableCell): string {
  return typeof cell === "object" && cell !== null ? "a time" : String(cell ?? "").trim()
}

function previewCells(of: {
  table: Table
  row: Table["rows"][number]
  columns: Columns
  wrong: readonly Wrong[]
}): PreviewCell[] {
  const { table, row, columns, wrong } = of
  const places = [...columns]
  for (const { column } of wrong) if (!places.includes(column)) places.push(column)
  return places.flatMap((column, i) => {
    if (!column) return []
    const red = wrong.find((one) => one.column === column)
    const where = cellPlace(table, row.number, i)
    const [name] = tagColumns[column].headers
    const what = red && `${name}, got ${red.got}, expected ${red.expected}`
    return [
      {
        ...{ column, shown: shownCell(row.cells[i] ?? null) },
        ...(what && { problem: new Problem("table-cell-wrong", where, what) }),
      },
    ]
  })
}

/** The plant's tags as rows that `previewTags` finds nothing to change in, the header first. Fields of records are left out. */
export function tagRows({ tags, points }: TablePlant): TableCell[][] {
  const rows = [...tags.values()].flatMap((tag) => {
    const name = tag.path.slice(tag.equipment.length + 1)
    if (name.includes("/")) return []
    const { device, address } = points.get(tag.path) ?? { device: null, address: null }
    const [low, high] = tag.range ?? [null, null]
    const [normalLow, normalHigh] = tag.normal ?? [null, null]
    const cells: Readonly<Record<TagColumnName, TableCell>> = {
      ...{ equipment: tag.equipment, tag: name, nameEn: tag.name.en, nameKo: tag.name.ko ?? null },
      ...{ device, address, kind: tag.kind, unit: tag.unit, decimals: tag.decimals },
      ...{ low, high, normalLow, normalHigh, staleAfter: durationOf(tag.staleAfterMs) },
    }
    return [rowOf(cells)]
  })
  return [tagHeader(), ...rows]
}

export function tagHeader(): string[] {
  return Object.values(tagColumns).map(({ headers: [header] }) => header)
}

/** Cells in the order of `tagHeader`. */
export function rowOf(cells: Readonly<Partial<Record<TagColumnName, TableCell>>>): TableCell[] {
  return (Object.keys(tagColumns) as TagColumnName[]).map((column) => cells[column] ?? null)
}

function durationOf(ms: number): string {
  if (ms % 3_600_000 === 0) return `${ms / 3_600_000}h`
  return ms % 1000 === 0 ? `${ms / 1000}s` : `${ms}ms`
}
