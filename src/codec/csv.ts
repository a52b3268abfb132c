import { parse } from "csv-parse/sync"

/** One record of a table, its cells as they stand. */
export interface CsvRow {
  readonly cells: readonly string[]
  /** Where it begins in the file, counted from 1. */
  readonly line: number
}

export interface CsvTable {
  /** The header is the first; empty lines are left out. */
  readonly rows: readonly CsvRow[]
  /** Lines with a quotation mark that has no partner; they are read with marks as plain characters. */
  readonly openQuotes: readonly number[]
}

/** UTF-8 or UTF-16 with or without a byte-order mark, else EUC-KR (CP949), which old Korean programs write. */
export function decodeText(bytes: Uint8Array): string {
  const [a, b] = bytes
  if (a === 0xff && b === 0xfe) return new TextDecoder("utf-16le").decode(bytes)
  if (a === 0xfe && b === 0xff) return new TextDecoder("utf-16be").decode(bytes)
  const utf8 = new TextDecoder().decode(bytes)
  const wrong = unreadable(utf8)
  if (wrong === 0) return utf8
  const korean = new TextDecoder("euc-kr").decode(bytes)
  return unreadable(korean) < wrong ? korean : utf8
}

/** A file that was cut in the middle of a character is still UTF-8: what has fewer wrong characters is right. */
function unreadable(text: string): number {
  return text.split("\ufffd").length - 1
}

/** Reads comma, semicolon or tab separated text. A quotation mark without a partner costs no more than its own line. */
export function readCsv(text: string): CsvTable {
  const lines = text.split(/\r\n|\r|\n/)
  const delimiter = delimiterOf(lines.find((line) => line.trim() !== "") ?? "")
  const table = readWhole(lines, delimiter) ?? readByLine(lines, delimiter)
  return { ...table, rows: table.rows.filter(({ cells }) => cells.length > 1 || cells[0]?.trim()) }
}

function delimiterOf(header: string): string {
  return [",", ";", "\t"].reduce((best, d) =>
    header.split(d).length > header.split(best).length ? d : best,
  )
}

/** Undefined where quotation marks do not pair, or pair so that one cell holds a whole record. */
function readWhole(lines: readonly string[], delimiter: string): CsvTable | undefined {
  const rows: CsvRow[] = []
  if (!lines.some((line) => line.includes('"'))) {
    for (const [i, line] of lines.entries())
      rows.push({ cells: line.split(delimiter), line: i + 1 })
    return { rows, openQuotes: [] }
  }
  const parsed = tryParse(lines.join("\n"), delimiter)
  let line = 1
  for (const cells of parsed ?? []) {
    const breaks = cells.reduce((sum, cell) => sum + cell.split("\n").length - 1, 0)
    if (breaks > 0 && cells.some((cell) => swallows(cell, delimiter, parsed?.[0]?.length ?? 0)))
      return undefined
    rows.push({ cells, line })
    line += breaks + 1
  }
  return parsed && { rows, openQuotes: [] }
}

function swallows(cell: string, delimiter: string, width: number): boolean {
  return width > 3 && cell.includes("\n") && cell.split(delimiter).length >= width
}

/** A cell may break its line so often before its quotation mark counts as one without a partner. */
const mostBreaks = 20

function readByLine(lines: readonly string[], delimiter: string): CsvTable {
  const rows: CsvRow[] = []
  const openQuotes: number[] = []
  const width = lines.find((line) => line.trim() !== "")?.split(delimiter).length ?? 0
  for (let i = 0; i < lines.length; ) {
    const line = lines[i] ?? ""
    const quoted = line.includes('"') ? readQuoted(lines, i, { delimiter, width }) : undefined
    rows.push({ cells: quoted?.cells ?? plainCells(line, delimiter), line: i + 1 })
    if (line.includes('"') && !quoted) openQuotes.push(i + 1)
    i += quoted?.lines ?? 1
  }
  return { rows, openQuotes }
}

/** The record that begins at a line and ends where its quotation marks pair, before anything that is a record itself. */
function readQuoted(
  lines: readonly string[],
  from: number,
  { delimiter, width }: { readonly delimiter: string; readonly width: number },
): { readonly cells: readonly string[]; readonly lines: number } | undefined {
  for (let count = 1; count <= mostBreaks && from + count <= lines.length; count++) {
    if (count > 1 && lines[from + count - 1]?.split(delimiter).length === width) return undefined
    const parsed = tryParse(lines.slice(from, from + count).join("\n"), delimiter)
    if (parsed?.length === 1 && parsed[0]) return { cells: parsed[0], lines: count }
  }
  return undefined
}

function plainCells(line: string, delimiter: string): string[] {
  return line.split(delimiter).map((cell) => cell.replace(/^\s*"(.*)"\s*$/, "$1"))
}

function tryParse(text: string, delimiter: string): string[][] | undefined {
  try {
    return parse(text, { delimiter, record_delimiter: "\n", relax_column_count: true, trim: true })
  } catch {
    return undefined
  }
}
