import { isDate } from "node:util/types"
import excel, { type Cell, type CellValue, type Worksheet } from "exceljs"
import { Problem } from "../../model/problem.ts"
import { instantIn, type WallTime, wallTimeIn } from "../../model/zone.ts"
import type { NewTable, ReadTable, TableCell, TableLimits, TableRow } from "../table.ts"

export interface ExcelSheet {
  readonly sheet: string
  readonly rows: readonly TableRow[]
  /** Cells with an error such as `#DIV/0!`; columns count from 0. */
  readonly errors: readonly {
    readonly row: number
    readonly column: number
    readonly says: string
  }[]
}

interface Wanted extends ReadTable {
  readonly limits: TableLimits
}

/** Reads one worksheet (ECMA-376). Throws `table-unreadable`. */
export async function readExcel(
  bytes: Uint8Array,
  file: string,
  { sheet, limits }: Wanted,
): Promise<ExcelSheet> {
  const book = new excel.Workbook()
  try {
    await book.xlsx.load(bytes.slice().buffer)
    return rowsOf(sheetIn(book.worksheets, file, sheet), file, limits.columns)
  } catch (thrown) {
    if (thrown instanceof Problem) throw thrown
    const what = "got a damaged file, expected an Excel file"
    throw new Problem("table-unreadable", file, what, { cause: thrown })
  }
}

function sheetIn(
  sheets: readonly Worksheet[],
  file: string,
  wanted: string | undefined,
): Worksheet {
  const found = sheets.find(({ name, state }) =>
    wanted === undefined ? (state ?? "visible") === "visible" : name === wanted,
  )
  if (found) return found
  const names = sheets.map(({ name }) => `"${name}"`).join(", ") || "none"
  const what = `got sheets ${names}, expected ${wanted === undefined ? "a visible one" : `"${wanted}"`}`
  throw new Problem("table-unreadable", file, what)
}

function rowsOf(sheet: Worksheet, file: string, mostColumns: number): ExcelSheet {
  const rows: TableRow[] = []
  const errors: ExcelSheet["errors"][number][] = []
  sheet.eachRow((row, number) => {
    const cells: TableCell[] = []
    row.eachCell((cell, position) => {
      if (position > mostColumns) {
        const what = `got column ${position}, expected at most ${mostColumns}`
        throw new Problem("table-unreadable", `${file}:${sheet.name} row ${number}`, what)
      }
      const value = contentOf(cell)
      if (value === undefined)
        errors.push({ row: number, column: position - 1, says: errorOf(cell) })
      while (cells.length < position - 1) cells.push(null)
      cells.push(value ?? null)
    })
    if (cells.some((cell) => cell !== null)) rows.push({ number, cells })
  })
  return { sheet: sheet.name, rows, errors }
}

/** Undefined for an error such as `#DIV/0!`. */
function contentOf(cell: Cell): TableCell | undefined {
  const isCovered = cell.isMerged && cell.master !== cell
  return isCovered ? null : plainOf(cell.value)
}

function errorOf({ value }: Cell): string {
  return /#[^"]+/.exec(JSON.stringify(value))?.[0] ?? "no value"
}

function plainOf(value: CellValue | undefined): TableCell | undefined {
  if (value === null || value === undefined) return null
  if (typeof value === "string") return value.trim() || null
  if (typeof value === "number" || typeof value === "boolean") return value
  if (isDate(value)) return wallOf(value.getTime())
  if ("error" in value) return undefined
  if ("richText" in value) return plainOf(value.richText.map(({ text }) => text).join(""))
  if ("hyperlink" in value) return plainOf(value.text as CellValue)
  if ("result" in value) return plainOf(value.result as CellValue)
  return null
}

/** Times of Excel know no zone; the library gives them as if in UTC. */
function wallOf(at: number): TableCell | undefined {
  return Number.isFinite(at) ? wallTimeIn("UTC", at) : undefined
}

export async function writeExcel({ rows, sheet = "Moru" }: NewTable): Promise<Uint8Array> {
  const book = new excel.Workbook()
  const page = book.addWorksheet(sheet, { views: [{ state: "frozen", ySplit: 1 }] })
  for (const [r, cells] of rows.entries())
    for (const [c, value] of cells.entries()) {
      const cell = page.getCell(r + 1, c + 1)
      cell.value = typeof value === "object" && value ? serialOf(value) : (value as CellValue)
      if (typeof value === "object" && value) cell.numFmt = "yyyy-mm-dd hh:mm:ss"
    }
  page.getRow(1).font = { bold: true }
  for (const [i, width] of widthsOf(rows).entries()) page.getColumn(i + 1).width = width
  return new Uint8Array(await book.xlsx.writeBuffer())
}

/** Days since 1899-12-30 (ECMA-376-1, 18.17.4.1). */
function serialOf(wall: WallTime): number | null {
  const at = instantIn("UTC", wall)
  return at === undefined ? null : at / 86_400_000 + 25_569
}

function widthsOf(rows: NewTable["rows"]): number[] {
  const widths: number[] = []
  for (const cells of rows)
    for (const [i, cell] of cells.entries()) {
      const length = typeof cell === "object" ? 20 : String(cell).length + 2
      widths[i] = Math.min(60, Math.max(widths[i] ?? 8, length))
    }
  return widths
}
