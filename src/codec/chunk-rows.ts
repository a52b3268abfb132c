import { ChunkReader, DamagedChunk } from "./chunk/bytes.ts"
import { ChunkWriter } from "./chunk/bytes-out.ts"
import { crc32 } from "./chunk/crc32.ts"
import { type ProvenanceColumns, readProvenance } from "./chunk/provenance.ts"
import { writeProvenance } from "./chunk/provenance-out.ts"
import { Rows } from "./chunk/rows.ts"
import {
  decodeChunk,
  encodeChunk,
  maxChunkSamples,
  type SampleColumns,
  samplesOf,
} from "./chunk.ts"

export { DamagedChunk }

/** One tag's samples with where each came from, as columns of equal length. */
export interface RowColumns extends SampleColumns, ProvenanceColumns {}

/*
 * Layout: length of the chunk (4 bytes, little-endian), the chunk as `encodeChunk` makes it, then CRC-32 of what follows
 * and the rows' provenance (see `chunk/provenance.ts`). Who needs only samples never looks at the latter.
 */
const headBytes = 4
const sumBytes = 4

const writer = new ChunkWriter(maxChunkSamples * 40)

/**
 * Packs 1 to `maxChunkSamples` rows without loss: about ten bytes more than `encodeChunk` where rows of one source are
 * numbered in equal steps. Throws a `RangeError` as `encodeChunk` does.
 */
export function encodeRows(rows: RowColumns): Uint8Array {
  const chunk = encodeChunk(rows)
  const { length } = rows.at
  if (rows.origin.length !== length || rows.number.length !== length)
    throw new RangeError(
      `got ${rows.origin.length} origins and ${rows.number.length} numbers, expected ${length} of each`,
    )
  writer.start(sumBytes)
  writeProvenance(writer, rows)
  const sum = crc32(writer.bytes.subarray(0, writer.position), sumBytes)
  writer.view.setUint32(0, sum, true)
  const bytes = new Uint8Array(headBytes + chunk.length + writer.position)
  new DataView(bytes.buffer).setUint32(0, chunk.length, true)
  bytes.set(chunk, headBytes)
  bytes.set(writer.bytes.subarray(0, writer.position), headBytes + chunk.length)
  return bytes
}

/** How many rows it says it has; as `samplesOf`. */
export function rowsIn(bytes: Uint8Array): number {
  return samplesOf(chunkIn(bytes))
}

/** Unpacks the samples alone, as `decodeChunk` does. */
export function decodeSamples(bytes: Uint8Array, into: SampleColumns, offset = 0): number {
  return decodeChunk(chunkIn(bytes), into, offset)
}

/** Unpacks all columns, as `decodeChunk` does. */
export function decodeRows(bytes: Uint8Array, into: RowColumns, offset = 0): number {
  const chunk = chunkIn(bytes)
  const length = decodeChunk(chunk, into, offset)
  if (Math.min(into.origin.length, into.number.length) < offset + length)
    throw new DamagedChunk(`got ${length} rows, expected fewer`)
  const rest = bytes.subarray(headBytes + chunk.length)
  const reader = new ChunkReader(rest)
  const sum = reader.view.getUint32(reader.take(sumBytes), true)
  if (sum !== crc32(rest, sumBytes)) throw new DamagedChunk("got a wrong checksum of the origins")
  readProvenance(reader, into, new Rows(offset, offset + length))
  reader.expectEnd()
  return length
}

function chunkIn(bytes: Uint8Array): Uint8Array {
  const reader = new ChunkReader(bytes)
  const length = reader.view.getUint32(reader.take(headBytes), true)
  reader.take(length)
  return bytes.subarray(headBytes, headBytes + length)
}
