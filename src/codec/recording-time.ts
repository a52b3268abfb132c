import type { Instant } from "../model/instant.ts"
import { Problem } from "../model/problem.ts"
import { instantIn } from "../model/zone.ts"

export interface TimeSource {
  readonly columns: readonly { readonly name: string; readonly cells: readonly string[] }[]
  /** Of each row. */
  readonly line: Uint32Array
  readonly file: string
  readonly zone: string
}

export interface RecordedTimes {
  /** NaN only where no row has a readable time. */
  readonly at: Float64Array
  /** 1 where the row's own time could not be read. */
  readonly timeBorrowed: Uint8Array
  readonly problems: readonly Problem[]
}

/** The time of each row: `datetime`, else `date` and `time`, else the neighbour's. Days alone stand for their beginning. */
export function readTimes(from: TimeSource): RecordedTimes {
  const { file, line, zone } = from
  const texts = textsOf(from.columns)
  const at = new Float64Array(line.length).fill(Number.NaN)
  const timeBorrowed = new Uint8Array(line.length).fill(texts.lack ? 1 : 0)
  const problems: Problem[] = []
  const unreadable = (where: string, got: string) =>
    problems.push(new Problem("time-implausible", where, `got ${got}, expected ${timeExample}`))
  if (texts.lack && line.length > 0) unreadable(file, texts.lack)
  for (let row = 0; row < line.length; row++) {
    const [first = "", second = ""] = texts.of(row)
    at[row] = readTime(first, zone) ?? readTime(second, zone) ?? Number.NaN
    if (!Number.isNaN(at[row]) || texts.lack) continue
    timeBorrowed[row] = 1
    unreadable(`${file}:${line[row]}`, `"${(first || second).slice(0, 40)}"`)
  }
  borrow(at)
  return { at, timeBorrowed, problems }
}

const timeExample = "a time such as 2019-01-02 16:45:08"

/** What may say when a row was recorded, the best first, and what the file lacks for it. */
function textsOf(columns: TimeSource["columns"]) {
  const column = (name: string) => columns.find((c) => c.name.toLowerCase() === name)?.cells
  const [datetime, date, time] = [column("datetime"), column("date"), column("time")]
  const cell = (cells: readonly string[] | undefined, row: number) => cells?.[row] ?? ""
  if (!datetime && !time) {
    const lack = date ? "days without a time" : "no column datetime, or date and time"
    return { lack, of: (row: number) => [`${cell(date, row)} 00:00`] }
  }
  const halves = (row: number) => `${cell(date, row)} ${cell(time, row)}`.trim()
  return { of: (row: number) => [cell(datetime, row), halves(row)] }
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
  /^(\d{4})[-./](\d{1,2})[-./](\d{1,2})[ T](\d{1,2}):(\d{2})(?::(\d{2}(?:[.,]\d{1,9})?))?(Z|[+-]\d{2}(?::?\d{2})?)?$/

/** Reads a wall-clock time of the zone, or one that says its own offset, such as `2019-01-02 16:45:08.5` or `2019-01-02T07:45:08Z`. */
export function readTime(text: string, zone: string): Instant | undefined {
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
  const [hours, minutes] = [Number(offset.slice(1, 3)), Number(offset.slice(3).replace(":", ""))]
  return (offset.startsWith("-") ? -1 : 1) * (hours * 60 + minutes)
}
