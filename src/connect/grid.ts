import { isTooLong, readNumber } from "../codec/number.ts"
import { readTime } from "../codec/recording-time.ts"
import type { TableCell } from "../codec/table.ts"
import { wallText } from "../codec/wall-time.ts"
import type { SourceId } from "../model/block.ts"
import type { Instant } from "../model/instant.ts"
import type { TagKind } from "../model/tag.ts"
import { instantIn } from "../model/zone.ts"
import type { RecordBuffer, Wanted } from "./connector.ts"
import type { Given, RecordRun, RecordTime } from "./records.ts"
import { isPlausible } from "./values.ts"

/** Rows under named columns, whoever made them: a file, a database. */
export interface Grid {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly TableCell[])[]
  /** Columns whose texts, joined by a space, tell when a row was; empty where none does. */
  readonly time: readonly string[]
  /** Of times that name no offset. */
  readonly zone: string
  /** The place of a cell; of the whole column where `row` is absent. */
  where(column: string, row?: number): string
}

/** What is read from each row: the fields of a buffer, or the device's points. */
export type Target = Pick<RecordBuffer, "name" | "fields"> & Partial<Pick<RecordBuffer, "cycle">>

/** The points of a device as one target, then its buffers. */
export function targetsOf({ points, records }: Wanted): readonly Target[] {
  const fields = points.map((point) => ({ name: point.address, point }))
  return [...(fields.length > 0 ? [{ name: "points", fields }] : []), ...records]
}

/** The times of all rows. One that cannot be read takes that of the row before, at the start that of the first that can. */
export function timesOf({ columns, rows, time, zone }: Grid, now: Instant): readonly RecordTime[] {
  const places = time.map((name) => columns.indexOf(name))
  const own = rows.map((cells) => {
    const at = timeIn(places.map((place) => cells[place] ?? null))
    return at !== undefined && isPlausible(at, now) ? at : undefined
  })
  let neighbour = own.find((at) => at !== undefined) ?? now
  return own.map((at) => {
    neighbour = at ?? neighbour
    return { at: neighbour, isOwn: at !== undefined || time.length === 0 }
  })

  function timeIn(cells: readonly TableCell[]): Instant | undefined {
    const [first, second] = cells
    if (cells.length === 1 && typeof first === "object" && first) return instantIn(zone, first)
    if (typeof first === "object" && first && typeof second === "object" && second) {
      const { hour, minute, second: seconds } = second
      return instantIn(zone, { ...first, hour, minute, second: seconds })
    }
    return readTime(cells.map(textOf).join(" "), zone)
  }
}

/** Rows `from` up to but not including `to` as records of a source; row 0 is its record `first`. */
export function runOf(
  grid: Grid,
  target: Target,
  of: {
    readonly source: SourceId
    readonly first: number
    readonly from: number
    readonly to: number
    readonly received: Instant
    readonly times: readonly RecordTime[]
  },
): RecordRun {
  const { source, first, from, to, received, times } = of
  const places = target.fields.map(({ point }) => grid.columns.indexOf(point.address))
  return {
    ...target,
    ...{ source, first: first + from, count: to - from, received },
    time: (i) => times[from + i] ?? { at: received, isOwn: false },
    value: (i, f) => {
      const cell = grid.rows[from + i]?.[places[f] ?? -1] ?? null
      return givenOf(cell, target.fields[f]?.point.tag.kind)
    },
    missing: (f) => {
      if (places[f] !== -1) return undefined
      return `got no column "${target.fields[f]?.point.address}"`
    },
    where: (f, i) => {
      const column = target.fields[f]?.point.address ?? ""
      return i === undefined ? grid.where(column) : grid.where(column, from + i)
    },
  }
}

/** Texts of numbers and booleans are what they say, for files and databases have no other way to say it. */
function givenOf(cell: TableCell, kind: TagKind | undefined): Given {
  if (kind === "text" || typeof cell !== "string")
    return { value: cell === null ? null : kind === "text" ? textOf(cell) : cell }
  if (kind === "boolean" && /^(true|false)$/i.test(cell))
    return { value: cell.toLowerCase() === "true" }
  const value = readNumber(cell)
  if (value === undefined) return { value: cell }
  return isTooLong(cell) ? { value, inexact: true } : { value }
}

function textOf(cell: TableCell): string {
  if (cell === null) return ""
  return typeof cell === "object" ? wallText(cell) : String(cell)
}
