import { parse } from "csv-parse/sync"
import type { Instant } from "../model/instant.ts"
import { Problem } from "../model/problem.ts"
import type { TagKind } from "../model/tag.ts"
import { instantIn } from "../model/zone.ts"

/** A table of records as a machine's logger wrote it: one row a record, cells as they stand in the file. */
export interface Recording {
  readonly file: string
  readonly rows: number
  /** Cells trimmed; empty where the row is short. A second column of the same name gets `-2`. */
  readonly columns: readonly { readonly name: string; readonly cells: readonly string[] }[]
  /** Time of each row; NaN only where no row of the file has a readable time. */
  readonly at: Float64Array
  /** 1 where the row's own time could not be read and its neighbour's stands for it. */
  readonly timeBorrowed: Uint8Array
  /** Line in the file of each row, counted from 1. */
  readonly line: Uint32Array
  /** What could not be read: times, cells beyond the header. Wrong cells of a column are the reader's to judge. */
  readonly problems: readonly Problem[]
}

/** Columns that say when, not what; they are never values. */
export const timeColumns = ["id", "date", "time", "datetime"] as const

/**
 * Reads CSV bytes: UTF-8 or UTF-16 with or without a byte-order mark, else EUC-KR (CP949); comma, semicolon or tab.
 * A row's time stands in `datetime`, or in `date` and `time`, in the zone's wall clock. Throws `value-refused` only
 * for a file without a header.
 */
export function readRecording(bytes: Uint8Array, file: string, zone: string): Recording {
  const text = decode(bytes)
  const records = readRows(text, file)
  const header = records.shift()
  if (!header) throw new Problem("value-refused", file, "got an empty file, expected a header line")
  const names = uniqueNames(header.record)
  const problems = records
    .filter(({ record }) => record.length > names.length)
    .map(({ record, line }) => tooLong(`${file}:${line}`, record, names.length))
  const columns = names.map((name, i) => ({
    name,
    cells: records.map(({ record }) => record[i]?.trim() ?? ""),
  }))
  const line = Uint32Array.from(records, (r) => r.line)
  const times = readTimes({ columns, line, file, zone })
  problems.push(...times.problems)
  return { file, rows: records.length, columns, line, ...times, problems }
}

const decimal = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?$/

/** The number in a cell, or undefined where a person could not say for sure which it is. */
export function readNumber(cell: string): number | undefined {
  if (!decimal.test(cell)) return undefined
  const number = Number(cell)
  return Number.isFinite(number) ? number : undefined
}

/** A column holds numbers if at least half of its non-empty cells are numbers. */
export function kindOf(cells: Iterable<string>): TagKind {
  let filled = 0
  let numbers = 0
  for (const cell of cells) {
    if (cell === "") continue
    filled++
    if (readNumber(cell) !== undefined) numbers++
  }
  return filled > 0 && numbers * 2 < filled ? "text" : "number"
}

interface Row {
  readonly record: readonly string[]
  readonly line: number
}

function decode(bytes: Uint8Array): string {
  const [a, b] = bytes
  if (a === 0xff && b === 0xfe) return new TextDecoder("utf-16le").decode(bytes)
  if (a === 0xfe && b === 0xff) return new TextDecoder("utf-16be").decode(bytes)
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes)
  } catch {
    return new TextDecoder("euc-kr").decode(bytes)
  }
}

function readRows(text: string, file: string): Row[] {
  const head = text.slice(0, text.search(/[\r\n]|$/))
  const delimiter = [",", ";", "\t"].reduce((best, d) =>
    head.split(d).length > head.split(best).length ? d : best,
  )
  const options = {
    delimiter,
    info: true,
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
  } as const
  try {
    return rowsOf(parse(text, options))
  } catch {
    // A quotation mark that is never closed: read the file again with marks as plain characters.
  }
  try {
    return rowsOf(parse(text, { ...options, quote: null }))
  } catch (thrown) {
    throw new Problem("value-refused", file, `got no table, ${String(thrown)}`, { cause: thrown })
  }
}

function rowsOf(parsed: unknown): Row[] {
  const rows = parsed as { record: string[]; info: { lines: number } }[]
  return rows.map(({ record, info }) => ({ record, line: info.lines }))
}

function uniqueNames(header: readonly string[]): string[] {
  const seen = new Map<string, number>()
  return header.map((cell, i) => {
    const name = cell.trim() || `column-${i + 1}`
    const times = (seen.get(name) ?? 0) + 1
    seen.set(name, times)
    return times === 1 ? name : `${name}-${times}`
  })
}

function tooLong(where: string, record: readonly string[], width: number): Problem {
  const extra = record.slice(width).join(", ").slice(0, 60)
  return new Problem(
    "value-refused",
    where,
    `got "${extra}" beyond the last column, expected ${width} cells`,
  )
}

interface TimeSource {
  readonly columns: Recording["columns"]
  readonly line: Uint32Array
  readonly file: string
  readonly zone: string
}

function readTimes(from: TimeSource): Pick<Recording, "at" | "timeBorrowed" | "problems"> {
  const column = (name: string) => from.columns.find((c) => c.name.toLowerCase() === name)?.cells
  const [datetime, date, time] = [column("datetime"), column("date"), column("time")]
  const rows = from.line.length
  const at = new Float64Array(rows)
  const timeBorrowed = new Uint8Array(rows)
  const problems: Problem[] = []
  for (let row = 0; row < rows; row++) {
    const whole = datetime?.[row] ?? ""
    const halves = `${date?.[row] ?? ""} ${time?.[row] ?? ""}`.trim()
    const read = readTime(whole, from.zone) ?? readTime(halves, from.zone)
    at[row] = read ?? Number.NaN
    if (read !== undefined) continue
    timeBorrowed[row] = 1
    const got = (whole || halves).slice(0, 40)
    const where = `${from.file}:${from.line[row]}`
    problems.push(
      new Problem(
        "time-implausible",
        where,
        `got "${got}", expected a time such as 2019-01-02 16:45:08`,
      ),
    )
  }
  borrow(at)
  return { at, timeBorrowed, problems }
}

/** Rows without a time take that of the row before, at the start that of the first row that has one. */
function borrow(at: Float64Array): void {
  let last = at.find((t) => !Number.isNaN(t)) ?? Number.NaN
  for (let row = 0; row < at.length; row++) {
    const own = at[row] ?? Number.NaN
    if (Number.isNaN(own)) at[row] = last
    else last = own
  }
}

const timePattern =
  /^(\d{4})[-./](\d{1,2})[-./](\d{1,2})[ T](\d{1,2}):(\d{2})(?::(\d{2}(?:[.,]\d{1,9})?))?(Z|[+-]\d{2}:?\d{2})?$/

/** Reads a wall-clock time of the zone, or one that says its own offset. */
function readTime(text: string, zone: string): Instant | undefined {
  const match = timePattern.exec(text)
  if (!match) return undefined
  const [, year, month, day, hour, minute, second = "0", offset] = match
  const wall = {
    year: Number(year),
    month: Number(month),
    day: Number(day),
    hour: Number(hour),
    minute: Number(minute),
    second: Number(second.replace(",", ".")),
  }
  if (offset === undefined) return instantIn(zone, wall)
  const utc = instantIn("UTC", wall)
  return utc === undefined ? undefined : utc - minutesOf(offset) * 60_000
}

function minutesOf(offset: string): number {
  if (offset === "Z") return 0
  const [hours, minutes] = [Number(offset.slice(1, 3)), Number(offset.slice(-2))]
  return (offset.startsWith("-") ? -1 : 1) * (hours * 60 + minutes)
}
