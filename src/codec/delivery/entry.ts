import type { Block, SourceId } from "../../model/block.ts"
import { ChunkReader, DamagedChunk } from "../chunk/bytes.ts"
import type { LogEntry } from "../delivery.ts"
import { bytesOfJson, joined, jsonOf } from "./pieces.ts"

/** Everything of an entry but its columns. */
interface EntryHead extends Pick<LogEntry, "cycles" | "gaps"> {
  readonly block?: Pick<Block, "source" | "sequence" | "received" | "length">
}

/*
 * Layout, little-endian: bytes of the head (4), head (JSON), then the block's columns: tags (4 bytes a row), times (8), values
 * (8), qualities (1).
 */

export function encodeEntry({ block, cycles, gaps }: LogEntry): Uint8Array {
  const head: EntryHead = {
    cycles,
    gaps,
    ...(block && {
      block: {
        source: block.source,
        sequence: block.sequence,
        received: block.received,
        length: block.length,
      },
    }),
  }
  const json = bytesOfJson(head)
  const size = new Uint8Array(4)
  new DataView(size.buffer).setUint32(0, json.length, true)
  if (!block) return joined([size, json])
  const columns = [block.tag, block.at, block.value, block.quality].map(bytesOf)
  return joined([size, json, ...columns])
}

export function decodeEntry(bytes: Uint8Array): LogEntry {
  const reader = new ChunkReader(bytes)
  const length = reader.view.getUint32(reader.take(4), true)
  const start = reader.take(length)
  const { block, cycles, gaps } = jsonOf(bytes.subarray(start, start + length)) as EntryHead
  if (!Array.isArray(cycles) || !Array.isArray(gaps)) throw new DamagedChunk("got no entry")
  if (!block) {
    reader.expectEnd()
    return { cycles, gaps }
  }
  const rows = block.length
  if (!Number.isSafeInteger(rows) || rows < 0 || rows * 21 > bytes.length)
    throw new DamagedChunk(`got ${rows} rows`)
  const column = (width: number) => {
    const at = reader.take(rows * width)
    // A copy: columns of doubles stand at multiples of eight.
    return new Uint8Array(bytes.subarray(at, at + rows * width)).buffer
  }
  const tag = new Uint32Array(column(4))
  const at = new Float64Array(column(8))
  const value = new Float64Array(column(8))
  const quality = new Uint8Array(column(1))
  reader.expectEnd()
  const { sequence, received } = block
  const source = block.source as SourceId
  return {
    cycles,
    gaps,
    block: { source, sequence, received, length: rows, tag, at, value, quality },
  }
}

function bytesOf(column: Uint32Array | Float64Array | Uint8Array): Uint8Array {
  return new Uint8Array(column.buffer, column.byteOffset, column.byteLength)
}
