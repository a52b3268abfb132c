import type { Block, SourceId } from "../model/block.ts"

/** The only error that unpacking rows throws: its bytes are not those that were packed. */
export class DamagedRows extends Error {
  override readonly name = "DamagedRows"
}

/** Blocks, and what goes with them. */
export interface Rows {
  readonly blocks: readonly Block[]
  /** What JSON can say; undefined where nothing was given. */
  readonly more?: unknown
}

/*
 * Layout, little-endian: magic with the version, number of blocks, number of rows, bytes of the text (4 bytes each);
 * sequence and received of the blocks, at and value of the rows (doubles); source and length of the blocks, tag of the rows
 * (4 bytes); quality of the rows (1 byte); the text, JSON of the sources' names and of `more`. Doubles first, so that the
 * columns can be used where they stand.
 */
const magic = 0x01_77_6f_72
const headBytes = 16

/** Packs blocks as they are, every bit of every double; nothing is compressed. */
export function encodeRows({ blocks, more }: Rows): Uint8Array<ArrayBuffer> {
  const sources = new Map<SourceId, number>()
  let rows = 0
  for (const { source, length } of blocks) {
    rows += length
    if (!sources.has(source)) sources.set(source, sources.size)
  }
  const text = new TextEncoder().encode(JSON.stringify({ sources: [...sources.keys()], more }))
  const size = { blocks: blocks.length, rows, text: text.length }
  const bytes = new Uint8Array(bytesOf(size))
  new Uint32Array(bytes.buffer, 0, 4).set([magic, size.blocks, rows, text.length])
  const columns = new Columns(bytes, size)
  let row = 0
  for (const [i, block] of blocks.entries()) {
    const { length } = block
    columns.sequence[i] = block.sequence
    columns.received[i] = block.received
    columns.source[i] = sources.get(block.source) ?? 0
    columns.length[i] = length
    columns.at.set(block.at.subarray(0, length), row)
    columns.value.set(block.value.subarray(0, length), row)
    columns.tag.set(block.tag.subarray(0, length), row)
    columns.quality.set(block.quality.subarray(0, length), row)
    row += length
  }
  columns.text.set(text)
  return bytes
}

/** The blocks' columns are views of these bytes where these stand at a multiple of eight in their buffer. Throws `DamagedRows`. */
export function decodeRows(packed: Uint8Array): Rows {
  const bytes = packed.byteOffset % 8 === 0 ? packed : new Uint8Array(packed)
  if (bytes.length < headBytes) throw new DamagedRows(`got ${bytes.length} bytes, expected a head`)
  const [found, blocks = 0, rows = 0, text = 0] = new Uint32Array(bytes.buffer, bytes.byteOffset, 4)
  if (found !== magic) throw new DamagedRows("got no rows, or those of another version")
  const expected = bytesOf({ blocks, rows, text })
  if (bytes.length !== expected)
    throw new DamagedRows(`got ${bytes.length} bytes, expected ${expected}`)
  const columns = new Columns(bytes, { blocks, rows, text })
  const { sources, more } = parseText(columns.text)
  const read: Block[] = []
  let row = 0
  for (let i = 0; i < blocks; i++) {
    const source = sources[columns.source[i] ?? 0]
    const length = columns.length[i] ?? 0
    if (source === undefined || row + length > rows)
      throw new DamagedRows(`got a block ${i} beyond its sources or rows`)
    read.push(columns.block(i, source, row))
    row += length
  }
  if (row !== rows) throw new DamagedRows(`got ${row} rows in the blocks, expected ${rows}`)
  return more === undefined ? { blocks: read } : { blocks: read, more }
}

interface Size {
  readonly blocks: number
  readonly rows: number
  /** Bytes. */
  readonly text: number
}

function bytesOf({ blocks, rows, text }: Size): number {
  return headBytes + blocks * 24 + rows * 21 + text
}

class Columns {
  readonly sequence: Float64Array
  readonly received: Float64Array
  readonly at: Float64Array
  readonly value: Float64Array
  readonly source: Uint32Array
  readonly length: Uint32Array
  readonly tag: Uint32Array
  readonly quality: Uint8Array
  readonly text: Uint8Array

  constructor(bytes: Uint8Array, { blocks, rows, text }: Size) {
    const { buffer } = bytes
    let at = bytes.byteOffset + headBytes
    const next = (size: number) => {
      const from = at
      at += size
      return from
    }
    this.sequence = new Float64Array(buffer, next(8 * blocks), blocks)
    this.received = new Float64Array(buffer, next(8 * blocks), blocks)
    this.at = new Float64Array(buffer, next(8 * rows), rows)
    this.value = new Float64Array(buffer, next(8 * rows), rows)
    this.source = new Uint32Array(buffer, next(4 * blocks), blocks)
    this.length = new Uint32Array(buffer, next(4 * blocks), blocks)
    this.tag = new Uint32Array(buffer, next(4 * rows), rows)
    this.quality = new Uint8Array(buffer, next(rows), rows)
    this.text = new Uint8Array(buffer, next(text), text)
  }

  block(i: number, source: SourceId, row: number): Block {
    const length = this.length[i] ?? 0
    const end = row + length
    return {
      source,
      sequence: this.sequence[i] ?? 0,
      received: this.received[i] ?? 0,
      length,
      tag: this.tag.subarray(row, end),
      at: this.at.subarray(row, end),
      value: this.value.subarray(row, end),
      quality: this.quality.subarray(row, end),
    }
  }
}

function parseText(text: Uint8Array): { sources: readonly SourceId[]; more?: unknown } {
  try {
    const parsed = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(text))
    const { sources } = parsed
    if (Array.isArray(sources) && sources.every((source) => typeof source === "string"))
      return parsed
  } catch (thrown) {
    throw new DamagedRows("got a text that is no JSON", { cause: thrown })
  }
  throw new DamagedRows("got a text without the sources' names")
}
