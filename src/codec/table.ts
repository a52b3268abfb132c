import { Problem } from "../model/problem.ts"
import type { WallTime } from "../model/zone.ts"
import { decodeText, readCsv } from "./csv.ts"
import { csvOf } from "./table/write-csv.ts"
import { checkZip, isZip } from "./table/zip.ts"

/** What a cell holds. CSV knows only texts and nothing; a time is what a wall clock showed, for Excel knows no zone. */
export type TableCell = string | number | boolean | WallTime | null

/** A sheet of records as people and other programs write it. */
export interface Table {
  /** Name of the file, for places. */
  readonly file: string
  /** Name of the worksheet; absent for CSV. */
  readonly sheet?: string
  /** Rows that hold anything, in the order of the file; the first is usually the header. */
  readonly rows: readonly TableRow[]
  /** Cells that could not be read; they are null in their rows. */
  readonly problems: readonly Problem[]
}

export interface TableRow {
  /** The worksheet's row, or the line on which the row begins, counted from 1. */
  readonly number: number
  readonly cells: readonly TableCell[]
}

export interface TableLimits {
  readonly bytes: number
  /** Of an Excel file when it is unpacked. */
  readonly unpackedBytes: number
  readonly rows: number
  readonly columns: number
}

export const tableLimits: TableLimits = {
  bytes: 20_000_000,
  unpackedBytes: 60_000_000,
  rows: 200_000,
  columns: 1000,
}

export interface ReadTable {
  /** Worksheet by its name; the first visible one where absent. */
  readonly sheet?: string
  readonly limits?: TableLimits
}

/**
 * Reads CSV (UTF-8 or UTF-16 with or without a byte-order mark, else EUC-KR; comma, semicolon or tab) or Excel `.xlsx`;
 * the content says which. A formula gives the result that was saved with it. Throws `table-unreadable`, and nothing else.
 */
export async function readTable(
  bytes: Uint8Array,
  file: string,
  options: ReadTable = {},
): Promise<Table> {
  const { limits = tableLimits } = options
  if (bytes.length > limits.bytes)
    throw unreadable(file, `got ${bytes.length} bytes, expected at most ${limits.bytes}`)
  if (isOldExcel(bytes))
    throw unreadable(file, "got an old or locked Excel file, expected .xlsx without a password")
  if (!isZip(bytes)) return checked(csvTable(bytes, file), limits)
  checkZip(bytes, file, limits.unpackedBytes)
  const { readExcel } = await import("./table/excel.ts")
  const { sheet, rows, errors } = await readExcel(bytes, file, { ...options, limits })
  const problems = errors.map(({ row, column, says }) => {
    const where = cellPlace({ file, sheet }, row, column)
    return new Problem("value-refused", where, `got "${says}", expected a value`)
  })
  return checked({ file, sheet, rows, problems }, limits)
}

export interface NewTable {
  /** The header is the first. */
  readonly rows: readonly (readonly TableCell[])[]
  /** Name of the worksheet. */
  readonly sheet?: string
}

/** Bytes of a file that spreadsheets open with a double click, and that `readTable` reads back as it was (CSV: as texts). */
export async function writeTable(table: NewTable, form: "csv" | "xlsx"): Promise<Uint8Array> {
  if (form === "csv") return csvOf(table.rows)
  const { writeExcel } = await import("./table/excel.ts")
  return writeExcel(table)
}

/** The place of a cell, for a person who looks for it: `tags.xlsx:Tags!B7` or `tags.csv:7:2`; columns count from 0. */
export function cellPlace(table: Pick<Table, "file" | "sheet">, row: number, column: number) {
  const { file, sheet } = table
  return sheet === undefined
    ? `${file}:${row}:${column + 1}`
    : `${file}:${sheet}!${columnLetters(column)}${row}`
}

/** A, B, ... Z, AA, ... */
function columnLetters(column: number): string {
  const letter = String.fromCharCode(65 + (column % 26))
  return column < 26 ? letter : columnLetters(Math.floor(column / 26) - 1) + letter
}

function csvTable(bytes: Uint8Array, file: string): Table {
  const isWide = bytes[0] === 0xff || bytes[0] === 0xfe
  if (!isWide && bytes.includes(0))
    throw unreadable(file, "got neither text nor an Excel file, expected .csv or .xlsx")
  const { rows, openQuotes } = readCsv(decodeText(bytes))
  const problems = openQuotes.map((line) => {
    const what = "got a quotation mark without a partner, expected pairs; it was read as it stands"
    return new Problem("value-refused", `${file}:${line}`, what)
  })
  return {
    ...{ file, problems },
    rows: rows.map(({ cells, line }) => ({ number: line, cells: cells.map(plainText) })),
  }
}

/** Without the mark that keeps a spreadsheet from taking a text for a formula. */
function plainText(cell: string): string | null {
  const text = cell.trim()
  if (text === "") return null
  return /^'+[=+\-@]/.test(text) ? text.slice(1) : text
}

function checked(table: Table, limits: TableLimits): Table {
  const { file, rows } = table
  if (rows.length > limits.rows)
    throw unreadable(file, `got ${rows.length} rows, expected at most ${limits.rows}`)
  const wide = rows.find(({ cells }) => cells.length > limits.columns)
  if (wide)
    throw unreadable(
      `${file}:${wide.number}`,
      `got ${wide.cells.length} columns, expected at most ${limits.columns}`,
    )
  return table
}

/** The compound file of Excel before 2007, which also holds what is locked by a password ([MS-CFB] 2.2). */
function isOldExcel(bytes: Uint8Array): boolean {
  return [0xd0, 0xcf, 0x11, 0xe0].every((byte, i) => bytes[i] === byte)
}

function unreadable(where: string, what: string): Problem {
  return new Problem("table-unreadable", where, what)
}
