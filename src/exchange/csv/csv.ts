import type { StoredBlock } from "../../historian/historian.ts"
import type { Instant } from "../../model/instant.ts"
import { wallTimeIn } from "../../model/zone.ts"
import type { Exporter, ExportSource, ExportTag } from "../export.ts"
import { blocksOf, qualityNames } from "../rows.ts"

const head = "path,time,local_time,value,unit,quality,source,sequence\r\n"
/** Spreadsheets take a file for UTF-8 only with it. */
const byteOrderMark = "\uFEFF"

/** RFC 4180; times in UTC and as the plant's wall clocks show them. */
export const writeCsv: Exporter = async function* (request, source, signal) {
  const encoder = new TextEncoder()
  yield encoder.encode(byteOrderMark + head)
  const { timezone } = request
  for await (const { tag, block } of blocksOf(request, source, signal))
    yield encoder.encode(linesOf(block, { tag, source, timezone }))
}

interface Told {
  readonly tag: ExportTag
  readonly source: ExportSource
  readonly timezone: string
}

function linesOf(block: StoredBlock, told: Told): string {
  const { path, unit } = told.tag
  const sources = block.sources.map(quoted)
  const utc = new Wall("UTC")
  const local = new Wall(told.timezone)
  let lines = ""
  for (let row = 0; row < block.length; row++) {
    const at = Math.round(block.at[row] ?? 0)
    const value = shown(block.value[row] ?? Number.NaN, told)
    const quality = qualityNames[block.quality[row] ?? 0]
    const source = sources[block.origin[row] ?? 0] ?? ""
    lines += `${path},${utc.shown(at, "T")}Z,${local.shown(at, " ")},${value},${quoted(unit)},${quality},${source},${block.number[row]}\r\n`
  }
  return lines
}

/** What a spreadsheet knows no number for - NaN, infinities - is an empty cell. */
function shown(value: number, { tag, source }: Told): string {
  if (!Number.isFinite(value)) return ""
  if (tag.kind === "boolean") return `${value !== 0}`
  if (tag.kind === "text") return quoted(harmless(source.textOf(tag.id, value) ?? ""))
  return `${value}`
}

const minuteMs = 60_000

/** Writes times as `2026-07-28 14:03:05.250`; a minute's beginning is worked out once while times stay in it. */
class Wall {
  readonly #zone: string
  #minute = Number.NaN
  #day = ""
  #hour = ""

  constructor(zone: string) {
    this.#zone = zone
  }

  shown(at: Instant, between: string): string {
    const minute = Math.floor(at / minuteMs)
    if (minute !== this.#minute) this.#turn(minute)
    const ms = at - minute * minuteMs
    const seconds = Math.floor(ms / 1000)
    return `${this.#day}${between}${this.#hour}:${two(seconds)}.${String(ms % 1000).padStart(3, "0")}`
  }

  #turn(minute: number): void {
    const wall = wallTimeIn(this.#zone, minute * minuteMs)
    this.#minute = minute
    this.#day = `${wall.year}-${two(wall.month)}-${two(wall.day)}`
    this.#hour = `${two(wall.hour)}:${two(wall.minute)}`
  }
}

function two(number: number): string {
  return number < 10 ? `0${number}` : `${number}`
}

/** A text that a spreadsheet would take for a formula is made plain text (OWASP, CSV Injection). */
function harmless(text: string): string {
  return /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
}

function quoted(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell
}
