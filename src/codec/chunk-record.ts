import { isUsable } from "../model/quality.ts"
import { ChunkReader, DamagedChunk } from "./chunk/bytes.ts"
import { ChunkWriter } from "./chunk/bytes-out.ts"
import { crc32 } from "./chunk/crc32.ts"
import { encodeRows, type RowColumns } from "./chunk-rows.ts"
import { type ChunkSummary, summarize } from "./chunk-summary.ts"

export { DamagedChunk }

/** What stands beside a record wherever it is kept, and is checked with it. */
export interface RecordKey {
  readonly tag: number
  /** Times of the first and last row. */
  readonly from: number
  readonly to: number
  readonly count: number
}

/** What a record says without being unpacked. */
export interface RecordHead {
  /** Where two records have the same row, that of the greater age holds. */
  readonly age: number
  readonly summary: ChunkSummary
  /** The last row's value holds until the next record: it is usable and a number. */
  readonly holds: boolean
}

/*
 * Layout: CRC-32 of key and head, length of the head (1 byte), the head, then the rows as `encodeRows` makes them. The
 * head: flags, age, and of the summary what the key and the flags do not already say.
 */
const startBytes = 5
const keyBytes = 32

const flag = {
  allUsable: 1,
  firstIsFrom: 2,
  lastIsTo: 4,
  heldAll: 8,
  holds: 16,
  decimal: 32,
} as const

/** Scaled figures within this stay exact. */
const reach = 2 ** 49
const mostDecimals = 6

const writer = new ChunkWriter(256)
const keyed = new ChunkWriter(512)

/** One tag's rows, ascending by time, with their summary. Throws as `encodeRows` does. */
export function encodeRecord(tag: number, age: number, rows: RowColumns): Uint8Array<ArrayBuffer> {
  const packed = encodeRows(rows)
  const summary = summarize(rows)
  const { from, to, count } = summary
  writer.start(0)
  writeHead({ age, summary, holds: endsUsable(rows) })
  const head = writer.bytes.subarray(0, writer.position)
  const bytes = new Uint8Array(startBytes + head.length + packed.length)
  bytes[4] = head.length
  bytes.set(head, startBytes)
  bytes.set(packed, startBytes + head.length)
  new DataView(bytes.buffer).setUint32(0, sumOf({ tag, from, to, count }, head), true)
  return bytes
}

/** Throws `DamagedChunk` where it is not the head of this key's record. */
export function readRecordHead(bytes: Uint8Array, key: RecordKey): RecordHead {
  const head = headOf(bytes)
  const start = new DataView(bytes.buffer, bytes.byteOffset)
  if (start.getUint32(0, true) !== sumOf(key, head))
    throw new DamagedChunk("got a wrong checksum of the summary")
  const reader = new ChunkReader(head)
  const read = readHead(reader, key)
  reader.expectEnd()
  return read
}

/** The rows in a record, for `decodeRows` and `decodeSamples`. Throws `DamagedChunk` where it ends before. */
export function rowsOf(bytes: Uint8Array): Uint8Array {
  return bytes.subarray(startBytes + headOf(bytes).length)
}

function headOf(bytes: Uint8Array): Uint8Array {
  const head = bytes.subarray(startBytes, startBytes + (bytes[4] ?? 0))
  if (head.length === 0 || head.length !== bytes[4]) throw new DamagedChunk("got no summary")
  return head
}

function sumOf({ tag, from, to, count }: RecordKey, head: Uint8Array): number {
  keyed.start(0)
  for (const one of [tag, from, to, count]) keyed.double(one)
  keyed.bytes.set(head, keyBytes)
  return crc32(keyed.bytes.subarray(0, keyBytes + head.length), 0)
}

function endsUsable({ value, quality }: RowColumns): boolean {
  const last = value.length - 1
  return isUsable(quality[last] as number) && !Number.isNaN(value[last])
}

function writeHead({ age, summary, holds }: RecordHead): void {
  const { count, from, to, usable, firstAt, lastAt, heldMs, sum, integral } = summary
  const decimals = decimalsOf(summary)
  const flags =
    (usable === count ? flag.allUsable : 0) |
    (firstAt === from ? flag.firstIsFrom : 0) |
    (lastAt === to ? flag.lastIsTo : 0) |
    (heldMs === to - from ? flag.heldAll : 0) |
    (holds ? flag.holds : 0) |
    (decimals >= 0 ? flag.decimal : 0)
  writer.byte(flags)
  writer.whole(age)
  if (usable !== count) writer.whole(usable)
  if (usable === 0) return
  if (firstAt !== from) writer.double(firstAt)
  if (lastAt !== to) writer.double(lastAt)
  if (heldMs !== to - from) writer.double(heldMs)
  writer.double(sum)
  writer.double(integral)
  writeFigures(summary, decimals)
}

function readHead(reader: ChunkReader, { from, to, count }: RecordKey): RecordHead {
  const flags = reader.byte()
  const age = reader.whole()
  const usable = flags & flag.allUsable ? count : reader.whole()
  const holds = (flags & flag.holds) !== 0
  if (usable === 0) return { age, holds, summary: { ...nothing, count, from, to } }
  const firstAt = flags & flag.firstIsFrom ? from : reader.double()
  const lastAt = flags & flag.lastIsTo ? to : reader.double()
  const heldMs = flags & flag.heldAll ? to - from : reader.double()
  const sum = reader.double()
  const integral = reader.double()
  const figures = readFigures(reader, (flags & flag.decimal) !== 0)
  const times = { firstAt, lastAt, heldMs }
  return { age, holds, summary: { count, from, to, usable, sum, integral, ...times, ...figures } }
}

const none = Number.NaN
const nothing = {
  usable: 0,
  min: none,
  max: none,
  sum: 0,
  first: none,
  firstAt: none,
  last: none,
  lastAt: none,
  integral: 0,
  heldMs: 0,
}

type Figures = Pick<ChunkSummary, "min" | "max" | "first" | "last">

function writeFigures({ min, max, first, last }: Figures, decimals: number): void {
  if (decimals < 0) {
    for (const one of [min, max, first, last]) writer.double(one)
    return
  }
  const unit = 10 ** decimals
  const least = Math.round(min * unit)
  writer.byte(decimals)
  writer.signed(least)
  for (const one of [max, first, last]) writer.whole(Math.round(one * unit) - least)
}

function readFigures(reader: ChunkReader, isDecimal: boolean): Figures {
  if (!isDecimal) {
    const min = reader.double()
    const max = reader.double()
    const first = reader.double()
    return { min, max, first, last: reader.double() }
  }
  const unit = 10 ** reader.byte()
  const least = reader.signed()
  const max = (least + reader.whole()) / unit
  const first = (least + reader.whole()) / unit
  return { min: least / unit, max, first, last: (least + reader.whole()) / unit }
}

/** The fewest with which all four are kept; -1 where they are none. */
function decimalsOf({ min, max, first, last }: Figures): number {
  const all = [min, max, first, last]
  for (let decimals = 0; decimals <= mostDecimals; decimals++)
    if (all.every((x) => isWhole(x, 10 ** decimals))) return decimals
  return -1
}

function isWhole(x: number, unit: number): boolean {
  const whole = Math.round(x * unit)
  return Math.abs(whole) < reach && whole / unit === x && !Object.is(x, -0)
}
