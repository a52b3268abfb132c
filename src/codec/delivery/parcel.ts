import type { TagId } from "../../model/tag.ts"
import { ChunkReader, DamagedChunk } from "../chunk/bytes.ts"
import { ChunkWriter } from "../chunk/bytes-out.ts"
import { readColumn } from "../chunk/column.ts"
import { writeColumn } from "../chunk/column-out.ts"
import { Rows } from "../chunk/rows.ts"
import { decodeChunk, encodeChunk, maxChunkSamples, samplesOf } from "../chunk.ts"
import type { ParcelHead } from "../delivery.ts"
import { bytesOfJson, joined, jsonOf } from "./pieces.ts"
import { TagRun } from "./tag-run.ts"

export interface Parcel {
  readonly head: ParcelHead
  readonly runs: Iterable<TagRun>
}

/*
 * Layout, little-endian: bytes of the head (4), head (JSON), then for each run its source, tag, rows, numbers and bytes of the
 * chunk (whole numbers of 7 bits a byte) and the chunk. Numbers are 0, first and step where they are a line, else 1 and a column.
 */

const writer = new ChunkWriter(maxChunkSamples * 10 + 64)

/** Runs may be of any length. */
export function encodeParcel({ head, runs }: Parcel): Uint8Array {
  const json = bytesOfJson(head)
  const size = new Uint8Array(4)
  new DataView(size.buffer).setUint32(0, json.length, true)
  const pieces: Uint8Array[] = [size, json]
  for (const run of runs)
    for (let from = 0; from < run.at.length; from += maxChunkSamples) writeRun(pieces, run, from)
  return joined(pieces)
}

function writeRun(pieces: Uint8Array[], run: TagRun, from: number): void {
  const to = Math.min(run.at.length, from + maxChunkSamples)
  const chunk = encodeChunk({
    at: run.at.subarray(from, to),
    value: run.value.subarray(from, to),
    quality: run.quality.subarray(from, to),
  })
  writer.start(0)
  writer.whole(run.source)
  writer.whole(run.tag)
  writeNumbers(run.number.subarray(from, to))
  writer.whole(chunk.length)
  pieces.push(writer.taken(), chunk)
}

function writeNumbers(number: Float64Array): void {
  const first = number[0] ?? 0
  const step = (number[1] ?? first) - first
  let isLine = step >= 0
  for (let i = 1; isLine && i < number.length; i++) isLine = number[i] === first + i * step
  writer.byte(isLine ? 0 : 1)
  if (isLine) {
    writer.whole(first)
    writer.whole(step)
    writer.whole(number.length)
  } else {
    writer.whole(number.length)
    writeColumn(writer, number, "steady")
  }
}

export function parcelHead(bytes: Uint8Array): ParcelHead {
  return readHead(new ChunkReader(bytes), bytes)
}

/** Only unpacked while it is walked. The rows of a run are checked by its own sum. */
export function decodeParcel(bytes: Uint8Array): Parcel {
  const reader = new ChunkReader(bytes)
  const head = readHead(reader, bytes)
  return { head, runs: runsOf(reader, { bytes, head }) }
}

/** The tags that it has rows of, without unpacking them. */
export function parcelTags(bytes: Uint8Array): ReadonlySet<TagId> {
  const reader = new ChunkReader(bytes)
  readHead(reader, bytes)
  const tags = new Set<TagId>()
  while (reader.position < bytes.length) {
    reader.whole()
    tags.add(reader.whole())
    readNumbers(reader)
    reader.take(reader.whole())
  }
  return tags
}

function* runsOf(
  reader: ChunkReader,
  { bytes, head }: { bytes: Uint8Array; head: ParcelHead },
): Generator<TagRun> {
  let rows = 0
  while (reader.position < bytes.length) {
    const source = reader.whole()
    if (source >= head.sources.length) throw new DamagedChunk(`got source ${source}`)
    const tag = reader.whole()
    const number = readNumbers(reader)
    const size = reader.whole()
    const start = reader.take(size)
    const chunk = bytes.subarray(start, start + size)
    const { length } = number
    rows += length
    if (samplesOf(chunk) !== length || rows > head.rows)
      throw new DamagedChunk("got other rows than numbers")
    const at = new Float64Array(length)
    const value = new Float64Array(length)
    const quality = new Uint8Array(length)
    decodeChunk(chunk, { at, value, quality })
    yield new TagRun({ source, tag, at, value, quality, number })
  }
  if (rows !== head.rows) throw new DamagedChunk(`got ${rows} rows, expected ${head.rows}`)
}

function readNumbers(reader: ChunkReader): Float64Array {
  const isLine = reader.byte() === 0
  const first = isLine ? reader.whole() : 0
  const step = isLine ? reader.whole() : 0
  const length = reader.whole()
  if (length < 1 || length > maxChunkSamples) throw new DamagedChunk(`got ${length} rows`)
  const number = new Float64Array(length)
  if (isLine) for (let i = 0; i < length; i++) number[i] = first + i * step
  else readColumn(reader, number, new Rows(0, length))
  return number
}

function readHead(reader: ChunkReader, bytes: Uint8Array): ParcelHead {
  const length = reader.view.getUint32(reader.take(4), true)
  const start = reader.take(length)
  const head = jsonOf(bytes.subarray(start, start + length)) as ParcelHead
  const lists = [head.sources, head.cycles, head.gaps, head.texts]
  if (!lists.every(Array.isArray)) throw new DamagedChunk("got no parcel")
  const counts = [head.first, head.last, head.rows]
  if (!counts.every((n) => Number.isSafeInteger(n) && n >= 0))
    throw new DamagedChunk("got no parcel")
  return head
}
