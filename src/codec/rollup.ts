import { ChunkReader, DamagedChunk } from "./chunk/bytes.ts"
import { ChunkWriter } from "./chunk/bytes-out.ts"
import { readColumn } from "./chunk/column.ts"
import { writeColumn } from "./chunk/column-out.ts"
import { crc32 } from "./chunk/crc32.ts"
import { Rows } from "./chunk/rows.ts"

/** The most rows of a packed summary: a day of minutes. */
export const maxRollupRows = 1440

/**
 * What one tag's samples amount to in equal stretches of time, as columns of equal length, ascending by `from`. Only
 * usable samples whose value is a number count; a stretch in which none came but a value still held has count 0 and NaN.
 */
export class Rollup {
  /** Start of each stretch. */
  readonly from: Float64Array
  readonly count: Float64Array
  readonly min: Float64Array
  readonly max: Float64Array
  readonly sum: Float64Array
  readonly first: Float64Array
  readonly last: Float64Array
  /** Value x milliseconds, each value held until the next sample; over `heldMs` it is the time-weighted mean. */
  readonly integral: Float64Array
  readonly heldMs: Float64Array

  constructor(rows: number) {
    this.from = new Float64Array(rows)
    this.count = new Float64Array(rows)
    this.min = new Float64Array(rows)
    this.max = new Float64Array(rows)
    this.sum = new Float64Array(rows)
    this.first = new Float64Array(rows)
    this.last = new Float64Array(rows)
    this.integral = new Float64Array(rows)
    this.heldMs = new Float64Array(rows)
  }

  get rows(): number {
    return this.from.length
  }
}

/** For how long a tag stood at a value within equal stretches of time: a row for each value of a stretch. */
export class Spans {
  readonly from: Float64Array
  readonly value: Float64Array
  readonly ms: Float64Array

  constructor(rows: number) {
    this.from = new Float64Array(rows)
    this.value = new Float64Array(rows)
    this.ms = new Float64Array(rows)
  }

  get rows(): number {
    return this.from.length
  }
}

/*
 * Layout, little-endian: CRC-32 of all that follows, version (1 byte), kind (1 byte), number of rows (2 bytes), then the
 * columns in the order of the class, as in a chunk.
 */
const version = 1
const headBytes = 8
const kinds = { rollup: 1, spans: 2 } as const
/** Both forms of a column are tried side by side. */
const mostBytesOfValue = 24

const writer = new ChunkWriter(headBytes + (maxRollupRows + 8) * 9 * mostBytesOfValue)

/** Packs 1 to `maxRollupRows` rows; every bit comes back. Throws a `RangeError` where there are none or too many. */
export function encodeRollup(rollup: Rollup): Uint8Array {
  return encode(kinds.rollup, columnsOf(rollup))
}

/** As `encodeRollup`. */
export function encodeSpans(spans: Spans): Uint8Array {
  return encode(kinds.spans, [spans.from, spans.value, spans.ms])
}

/** Throws `DamagedChunk` where the bytes are not those that `encodeRollup` made. */
export function decodeRollup(bytes: Uint8Array): Rollup {
  const reader = new ChunkReader(bytes)
  const rollup = new Rollup(readHead(reader, bytes, kinds.rollup))
  decode(reader, columnsOf(rollup))
  return rollup
}

/** Throws `DamagedChunk` where the bytes are not those that `encodeSpans` made. */
export function decodeSpans(bytes: Uint8Array): Spans {
  const reader = new ChunkReader(bytes)
  const spans = new Spans(readHead(reader, bytes, kinds.spans))
  decode(reader, [spans.from, spans.value, spans.ms])
  return spans
}

function columnsOf(rollup: Rollup): readonly Float64Array[] {
  const { from, count, min, max, sum, first, last, integral, heldMs } = rollup
  return [from, count, min, max, sum, first, last, integral, heldMs]
}

function encode(kind: number, columns: readonly Float64Array[]): Uint8Array {
  const rows = columns[0]?.length ?? 0
  if (rows < 1 || rows > maxRollupRows)
    throw new RangeError(`got ${rows} rows, expected 1 to ${maxRollupRows}`)
  writer.start(headBytes)
  columns.forEach((column, i) => {
    writeColumn(writer, column, i === 0 ? "steady" : "free")
  })
  const bytes = writer.taken()
  const head = new DataView(bytes.buffer)
  head.setUint8(4, version)
  head.setUint8(5, kind)
  head.setUint16(6, rows, true)
  head.setUint32(0, crc32(bytes, 4), true)
  return bytes
}

function readHead(reader: ChunkReader, bytes: Uint8Array, kind: number): number {
  const at = reader.take(headBytes)
  const { view } = reader
  const found = view.getUint8(at + 4)
  if (found !== version) throw new DamagedChunk(`got version ${found}, expected ${version}`)
  if (view.getUint8(at + 5) !== kind) throw new DamagedChunk("got another kind of summary")
  const rows = view.getUint16(at + 6, true)
  if (rows < 1 || rows > maxRollupRows)
    throw new DamagedChunk(`got ${rows} rows, expected 1 to ${maxRollupRows}`)
  if (view.getUint32(at, true) !== crc32(bytes, 4)) throw new DamagedChunk("got a wrong checksum")
  return rows
}

function decode(reader: ChunkReader, columns: readonly Float64Array[]): void {
  for (const column of columns) readColumn(reader, column, new Rows(0, column.length))
  reader.expectEnd()
}
