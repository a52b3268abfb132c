import { cellPlace, readTable, type Table } from "../../codec/table.ts"
import { Problem } from "../../model/problem.ts"
import type { Grid, Target } from "../grid.ts"
import type { FileOptions } from "./options.ts"

export interface ReadFile {
  readonly grid: Grid
  /** Cells that could not be read at all. */
  readonly problems: readonly Problem[]
}

/** A file's rows under its header. Throws `table-unreadable`, also where the header is another file's. */
export async function readFile(
  bytes: Uint8Array,
  name: string,
  of: { readonly options: FileOptions; readonly targets: readonly Target[] },
): Promise<ReadFile> {
  const { options, targets } = of
  const table = await readTable(bytes, name, sheetOf(options))
  const grid = gridOf(table, options)
  const wanted = targets.flatMap(({ fields }) => fields.map(({ point }) => point.address))
  const lacking = grid.time.filter((header) => !grid.columns.includes(header))
  const isOther = wanted.length > 0 && !wanted.some((header) => grid.columns.includes(header))
  if (lacking.length > 0 || isOther) {
    const shown = grid.columns.map((header) => `"${header}"`).join(", ")
    const needed = lacking.length > 0 ? lacking : wanted
    const expected = needed.slice(0, 5).map((header) => `"${header}"`)
    const what = `got columns ${shown.slice(0, 300) || "none"}, expected ${expected.join(", ")}`
    throw new Problem("table-unreadable", name, what)
  }
  return { grid, problems: table.problems }
}

/** The header of a file, with one row's cells beneath it. */
export async function readHeader(bytes: Uint8Array, name: string, options: FileOptions) {
  const { columns, rows } = gridOf(await readTable(bytes, name, sheetOf(options)), options)
  return columns.map((header, i) => ({ header, cells: rows.map((cells) => cells[i] ?? null) }))
}

function sheetOf({ sheet }: FileOptions): { sheet?: string } {
  return sheet === undefined ? {} : { sheet }
}

function gridOf(table: Table, { skip, time, zone }: FileOptions): Grid {
  const header = table.rows[skip]
  const rows = table.rows.slice(skip + 1)
  const columns = (header?.cells ?? []).map((cell) => String(cell ?? "").trim())
  return {
    columns,
    rows: rows.map(({ cells }) => cells),
    time: [time].flat(),
    zone,
    where: (column, row) => {
      const line = row === undefined ? header?.number : rows[row]?.number
      const place = columns.indexOf(column)
      return place < 0 ? table.file : cellPlace(table, line ?? 1, place)
    },
  }
}
