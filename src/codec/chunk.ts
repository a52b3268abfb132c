import { ChunkReader, DamagedChunk } from "./chunk/bytes.ts"
import { ChunkWriter } from "./chunk/bytes-out.ts"
import { readColumn } from "./chunk/column.ts"
import { writeColumn } from "./chunk/column-out.ts"
import { crc32 } from "./chunk/crc32.ts"
import { readQuality, writeQuality } from "./chunk/quality.ts"
import { Rows } from "./chunk/rows.ts"

export { DamagedChunk }

/** One tag's samples as columns of equal length. */
export interface SampleColumns {
  /** Milliseconds since 1970, with fractions; any double is kept. */
  readonly at: Float64Array
  /** Number; boolean 0/1; text = id in the tag's dictionary, which is kept elsewhere. */
  readonly value: Float64Array
  readonly quality: Uint8Array
}

/** The most samples of a chunk. About a thousand is what it is made for. */
export const maxChunkSamples = 4096

/*
 * Layout, little-endian: CRC-32 of all that follows, version (1 byte), 0, number of samples (2 bytes), then the columns
 * of times, qualities and values (see `chunk/`).
 */
const version = 1
const headBytes = 8

const writer = new ChunkWriter(maxChunkSamples * 40)

/**
 * Packs 1 to `maxChunkSamples` samples, in any order, without loss: every bit of every double comes back, NaN's too. Small
 * where times are regular and values move little in their decimals; at most about 8 bytes a column otherwise. Throws a
 * `RangeError` where there are none, too many, or the columns differ in length.
 */
export function encodeChunk({ at, value, quality }: SampleColumns): Uint8Array {
  const { length } = at
  if (
    length < 1 ||
    length > maxChunkSamples ||
    value.length !== length ||
    quality.length !== length
  )
    throw new RangeError(
      `got ${length} times, ${value.length} values and ${quality.length} qualities, expected 1 to ${maxChunkSamples} of each`,
    )
  writer.start(headBytes)
  writeColumn(writer, at, "steady")
  writeQuality(writer, quality)
  writeColumn(writer, value, "free")
  const bytes = writer.taken()
  const head = new DataView(bytes.buffer)
  head.setUint8(4, version)
  head.setUint16(6, length, true)
  head.setUint32(0, crc32(bytes, 4), true)
  return bytes
}

/** How many samples a chunk says it has, its sum unchecked. Throws `DamagedChunk` where it is too short to say so. */
export function samplesOf(bytes: Uint8Array): number {
  return readHead(new ChunkReader(bytes))
}

/**
 * Unpacks a chunk into the columns from row `offset` on and returns how many samples it had. Throws `DamagedChunk`
 * where the bytes are not those of a chunk that `encodeChunk` made or the columns are too short; rows may have been
 * written by then.
 */
export function decodeChunk(bytes: Uint8Array, into: SampleColumns, offset = 0): number {
  const reader = new ChunkReader(bytes)
  const length = readHead(reader)
  const room = Math.min(into.at.length, into.value.length, into.quality.length) - offset
  if (length > room) throw new DamagedChunk(`got ${length} samples, expected at most ${room}`)
  if (reader.view.getUint32(0, true) !== crc32(bytes, 4))
    throw new DamagedChunk("got a wrong checksum")
  const rows = new Rows(offset, offset + length)
  readColumn(reader, into.at, rows)
  readQuality(reader, into.quality, rows)
  readColumn(reader, into.value, rows)
  reader.expectEnd()
  return length
}

function readHead(reader: ChunkReader): number {
  const at = reader.take(headBytes)
  const found = reader.view.getUint8(at + 4)
  if (found !== version) throw new DamagedChunk(`got version ${found}, expected ${version}`)
  const length = reader.view.getUint16(at + 6, true)
  if (length < 1 || length > maxChunkSamples)
    throw new DamagedChunk(`got ${length} samples, expected 1 to ${maxChunkSamples}`)
  return length
}
