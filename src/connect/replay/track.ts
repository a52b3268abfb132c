import { isTooLong, readNumber } from "../../codec/number.ts"
import type { Recording } from "../../codec/recording.ts"
import { type SourceId, sourceId } from "../../model/block.ts"
import type { Instant } from "../../model/instant.ts"
import type { CycleConfig } from "../../model/plant.ts"
import type { TagKind } from "../../model/tag.ts"
import type { Host, Point } from "../connector.ts"
import type { RecordRun } from "../records.ts"
import type { PlayedFile } from "./files.ts"

/** What is read from each row: the fields of a buffer, or the device's points. */
export interface Fields {
  /** Name of the buffer; `points` for points. */
  readonly name: string
  readonly fields: readonly { readonly name: string; readonly point: Point }[]
  readonly cycle?: CycleConfig
}

/** One file read for one set of fields; row n of the file is record n of the track's source. */
export class Track {
  readonly recording: Recording
  readonly source: SourceId
  readonly #fields: Fields
  readonly #columns: readonly Column[]
  readonly #host: Host
  /** Index of the next row to deliver. */
  next = 0

  constructor(
    file: PlayedFile,
    fields: Fields,
    given: { columns: Readonly<Record<string, string>>; host: Host },
  ) {
    const { recording, epoch } = file
    this.recording = recording
    this.#fields = fields
    this.#host = given.host
    this.source = sourceId({ name: `${given.host.name}/${fields.name}/${recording.file}`, epoch })
    this.#columns = fields.fields.map(({ point }) => {
      const header = given.columns[point.address] ?? point.address
      const cells = recording.columns.find(({ name }) => name === header)?.cells
      return { header, cells }
    })
  }

  /** When the next row was recorded; undefined at the end. */
  get nextAt(): Instant | undefined {
    return this.recording.at[this.next]
  }

  /** The next `count` rows, and goes on after them. */
  take(count: number): RecordRun {
    const { recording, source } = this
    const from = this.next
    this.next = Math.min(recording.rows, from + count)
    const received = this.#host.clock.now()
    return {
      source,
      first: from + 1,
      count: this.next - from,
      received,
      ...this.#fields,
      time: (i) => timeOf(recording, from + i, received),
      value: (i, f) => {
        const cell = this.#columns[f]?.cells?.[from + i] ?? ""
        const value = plainCell(cell, this.#fields.fields[f]?.point.tag.kind)
        return typeof value === "number" && isTooLong(cell) ? { value, inexact: true } : { value }
      },
      missing: (f) => {
        const { cells, header } = this.#columns[f] ?? {}
        return cells ? undefined : `got no column "${header}"`
      },
      where: (f, i) => {
        const line = i === undefined ? 1 : recording.line[from + i]
        return `${recording.file}:${line}:${this.#columns[f]?.header}`
      },
    }
  }
}

interface Column {
  readonly header: string
  readonly cells: readonly string[] | undefined
}

function timeOf(recording: Recording, row: number, received: Instant) {
  const at = recording.at[row] ?? Number.NaN
  if (Number.isNaN(at)) return { at: received, isOwn: false }
  return { at, isOwn: recording.timeBorrowed[row] !== 1 }
}

function plainCell(cell: string, kind: TagKind | undefined): unknown {
  if (cell === "") return null
  if (kind === "text") return cell
  if (kind === "boolean" && /^(true|false)$/i.test(cell)) return cell.toLowerCase() === "true"
  return readNumber(cell) ?? cell
}
