import type { Block, SourceId } from "../model/block.ts"
import type { Cycle } from "../model/cycle.ts"
import type { Instant } from "../model/instant.ts"
import type { TagId, TagKind } from "../model/tag.ts"
import { ChunkReader, DamagedChunk } from "./chunk/bytes.ts"
import { crc32 } from "./chunk/crc32.ts"
import { bytesOfJson, joined, jsonOf } from "./delivery/pieces.ts"

export { decodeEntry, encodeEntry } from "./delivery/entry.ts"
export {
  decodeParcel,
  encodeParcel,
  type Parcel,
  parcelHead,
  parcelTags,
} from "./delivery/parcel.ts"
export { TagRun } from "./delivery/tag-run.ts"
export { DamagedChunk }

/**
 * How an edge tells the centre what it measured. Tag ids and text ids are the edge's own; tables beside them say what
 * they stand for. Every decoder throws `DamagedChunk`, and nothing else, for bytes that no encoder made.
 */

/** What a device handed over at once, as one entry of the edge's log; its place there is its number. */
export interface LogEntry {
  /** Absent where there are only gaps. */
  readonly block?: Block
  readonly cycles: readonly Cycle[]
  readonly gaps: readonly EdgeGap[]
}

/** A gap in what the edge's devices sent, as it is known at that time: open while `to` is absent. */
export interface EdgeGap {
  /** Unique at the edge; the same gap told again, for instance when it ends, has the same. */
  readonly id: string
  readonly device: string
  readonly source: SourceId
  readonly because: string
  readonly from: Instant
  readonly to?: Instant
  /** Samples or records that are missing, where known. */
  readonly size?: number
  /** Nobody has them any more. */
  readonly gone?: true
}

/** What many entries hold, sorted by source and tag: about a tenth of their size. */
export interface ParcelHead {
  /** Numbers of the entries that it stands for, both in. */
  readonly first: number
  readonly last: number
  readonly rows: number
  /** Of its samples; both 0 where there are none. */
  readonly from: Instant
  readonly to: Instant
  /** True where only each minute's lowest, highest and last samples are left. */
  readonly isSummary: boolean
  readonly sources: readonly SourceId[]
  readonly cycles: readonly Cycle[]
  readonly gaps: readonly EdgeGap[]
  /** The texts that its rows use: tag, id, text. */
  readonly texts: readonly TextEntry[]
}

export type TextEntry = readonly [tag: TagId, id: number, text: string]
export type TagEntry = readonly [id: TagId, path: string, kind: TagKind, unit: string]

/** Fresh entries as they come, or parcels of what waited. */
export type Lane = "live" | "late"

/** What stands before the parts of a message. */
export interface MessageHead {
  readonly edge: string
  /** Of the edge's log: another one counts its entries anew. */
  readonly epoch: string
  readonly lane: Lane
  /** Numbers of the entries that stand in it or before them in no other message, both in; 0 where it brings none. */
  readonly first: number
  readonly last: number
  /** The edge's clock, ms since 1970. */
  readonly sentAt: Instant
  /** The centre's session to which tags were told before; an unknown one is asked for all. */
  readonly session: string
  /** Tags that this session has not been told yet. */
  readonly tags: readonly TagEntry[]
  /** Texts that the entries use; parcels bring their own. */
  readonly texts: readonly TextEntry[]
  /** JSON: how the edge does; its shape is the connect part's. */
  readonly status: unknown
}

export interface MessagePart {
  readonly kind: "entry" | "parcel"
  /** Of an entry, its number in the log; 0 for a parcel, which says itself what it stands for. */
  readonly number: number
  /** As `encodeEntry` or `encodeParcel` made them. */
  readonly bytes: Uint8Array
}

/*
 * Layout of a message, little-endian: magic with the version (4 bytes), CRC-32 of all that follows (4), bytes of the head (4),
 * head (JSON), then for each part its kind (1), number (8, a double), bytes (4) and the bytes.
 */
const magic = 0x01_45_72_4d
const kinds = ["entry", "parcel"] as const

export function encodeMessage(head: MessageHead, parts: readonly MessagePart[]): Uint8Array {
  const json = bytesOfJson(head)
  const pieces: Uint8Array[] = [new Uint8Array(12), json]
  for (const { kind, number, bytes } of parts) {
    const view = new DataView(new ArrayBuffer(13))
    view.setUint8(0, kinds.indexOf(kind))
    view.setFloat64(1, number, true)
    view.setUint32(9, bytes.length, true)
    pieces.push(new Uint8Array(view.buffer), bytes)
  }
  const whole = joined(pieces)
  const view = new DataView(whole.buffer)
  view.setUint32(0, magic, true)
  view.setUint32(8, json.length, true)
  view.setUint32(4, crc32(whole, 8), true)
  return whole
}

export function decodeMessage(bytes: Uint8Array): {
  readonly head: MessageHead
  readonly parts: readonly MessagePart[]
} {
  const reader = new ChunkReader(bytes)
  const at = reader.take(12)
  const { view } = reader
  if (view.getUint32(at, true) !== magic) throw new DamagedChunk("got no message of an edge")
  if (view.getUint32(at + 4, true) !== crc32(bytes, 8))
    throw new DamagedChunk("got a wrong checksum")
  const length = view.getUint32(at + 8, true)
  const start = reader.take(length)
  const head = jsonOf(bytes.subarray(start, start + length)) as MessageHead
  const parts: MessagePart[] = []
  let position = start + length
  while (position < bytes.length) {
    const from = reader.take(13)
    const kind = kinds[view.getUint8(from)]
    if (!kind) throw new DamagedChunk("got a part of an unknown kind")
    const size = view.getUint32(from + 9, true)
    const body = reader.take(size)
    parts.push({
      kind,
      number: view.getFloat64(from + 1, true),
      bytes: bytes.subarray(body, body + size),
    })
    position = body + size
  }
  return { head, parts }
}
