import { Problem } from "../model/problem.ts"
import type { TagKind } from "../model/tag.ts"
import { decodeText, readCsv } from "./csv.ts"
import { isTooLong, readNumber } from "./number.ts"
import { readTimes } from "./recording-time.ts"

/** A table of records as a machine's logger wrote it: one row a record, cells as they stand in the file. */
export interface Recording {
  readonly file: string
  readonly rows: number
  /** In the order of the file. */
  readonly columns: readonly RecordedColumn[]
  /** Time of each row; NaN only where no row of the file has a readable time. */
  readonly at: Float64Array
  /** 1 where the row's own time could not be read, and its neighbour's or its day's beginning stands for it. */
  readonly timeBorrowed: Uint8Array
  /** Line in the file of each row, counted from 1. */
  readonly line: Uint32Array
  /** What could not be read: times, cells beyond the header. Wrong cells of a column are the reader's to judge. */
  readonly problems: readonly Problem[]
}

export interface RecordedColumn {
  /** As in the header; a second column of the same name gets `-2`, one without a name `column-` and its number. */
  readonly name: string
  /** True for `id`, `date`, `time` and `datetime`, which say which and when, not what; they are never values. */
  readonly isTime: boolean
  /** Trimmed; empty where the row is short. */
  readonly cells: readonly string[]
}

const timeColumns: readonly string[] = ["id", "date", "time", "datetime"]

/**
 * Reads CSV bytes: UTF-8 or UTF-16 with or without a byte-order mark, else EUC-KR (CP949); comma, semicolon or tab.
 * A row's time stands in `datetime`, or in `date` and `time`, in the zone's wall clock. A file without a header has
 * no columns and no rows, and a problem.
 */
export function readRecording(bytes: Uint8Array, file: string, zone: string): Recording {
  const { rows, openQuotes } = readCsv(decodeText(bytes))
  const header = rows[0]?.cells ?? []
  const records = rows.slice(1)
  const names = uniqueNames(header)
  const columns = names.map((name, i) => ({
    name,
    isTime: timeColumns.includes(header[i]?.trim().toLowerCase() ?? ""),
    cells: records.map(({ cells }) => cells[i]?.trim() ?? ""),
  }))
  const line = Uint32Array.from(records, (r) => r.line)
  const times = readTimes({ columns, line, file, zone })
  const problems = [
    ...(header.length === 0 ? [refused(file, "got an empty file, expected a header line")] : []),
    ...openQuotes.map((n) => refused(`${file}:${n}`, openQuote)),
    ...records
      .filter(({ cells }) => cells.slice(names.length).some((cell) => cell.trim() !== ""))
      .map(({ cells, line: n }) => tooLong(`${file}:${n}`, cells, names.length)),
    ...times.problems,
  ]
  return { file, rows: records.length, columns, line, ...times, problems }
}

const openQuote =
  "got a quotation mark without a partner, expected pairs; the line was read with marks as they stand"

/** What a column holds: what at least half of its non-empty cells are. */
export interface ColumnKind {
  readonly kind: TagKind
  /** Serial numbers of more digits than a double holds: kept as texts, but what is no number is wrong. */
  readonly isDigits: boolean
}

export function kindOf(cells: Iterable<string>): ColumnKind {
  const count = { filled: 0, numbers: 0, long: 0 }
  for (const cell of cells) {
    if (cell === "") continue
    count.filled++
    if (readNumber(cell) === undefined) continue
    count.numbers++
    if (isTooLong(cell)) count.long++
  }
  const isText = count.filled > 0 && count.numbers * 2 < count.filled
  const isDigits = !isText && count.long > 0 && count.long * 2 >= count.filled
  return { kind: isText || isDigits ? "text" : "number", isDigits }
}

function uniqueNames(header: readonly string[]): string[] {
  const given = new Set(header.map((cell) => cell.trim()))
  const seen = new Set<string>()
  return header.map((cell, i) => {
    const wanted = cell.trim() || `column-${i + 1}`
    let name = wanted
    for (let n = 2; seen.has(name) || (name !== cell.trim() && given.has(name)); n++)
      name = `${wanted}-${n}`
    seen.add(name)
    return name
  })
}

function tooLong(where: string, cells: readonly string[], width: number): Problem {
  const extra = cells.slice(width).join(", ").slice(0, 60)
  return refused(where, `got "${extra}" beyond the last column, expected ${width} cells`)
}

function refused(where: string, what: string): Problem {
  return new Problem("value-refused", where, what)
}
