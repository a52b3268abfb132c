import { constants, crc32, zstdCompressSync, zstdDecompressSync } from "node:zlib"

/*
 * Layout, little-endian: magic with the version (4 bytes), CRC-32 of all that follows (4), stored bytes of the payload
 * (4), its bytes before zstd or 0 where it stands as it is (4), position (8, a double), payload. The checksum begins
 * with the segment's number, so that a frame which some other segment left in the disk's blocks is none here.
 */
export const magic = Buffer.from("MrJ\u0001", "latin1")
export const headBytes = 24
/** Of a payload, before and after it was packed. */
export const maxPayloadBytes = 256 * 1024 * 1024

const worthPacking = 200

/** A payload as it will stand in a frame. */
export interface Packed {
  readonly bytes: Uint8Array
  /** 0 where it was not compressed. */
  readonly plainBytes: number
}

/** Compresses where it pays. Takes its time, so whoever has other work does it before appending. */
export function pack(payload: Uint8Array): Packed {
  if (payload.length > maxPayloadBytes)
    throw new RangeError(`got ${payload.length} bytes, expected at most ${maxPayloadBytes}`)
  if (payload.length >= worthPacking) {
    const bytes = zstdCompressSync(payload, {
      params: { [constants.ZSTD_c_compressionLevel]: 1 },
    })
    if (bytes.length < payload.length * 0.9) return { bytes, plainBytes: payload.length }
  }
  return { bytes: payload, plainBytes: 0 }
}

export function headOf(packed: Packed, place: { position: number; segment: number }): Uint8Array {
  const head = Buffer.alloc(headBytes)
  magic.copy(head)
  head.writeUInt32LE(packed.bytes.length, 8)
  head.writeUInt32LE(packed.plainBytes, 12)
  head.writeDoubleLE(place.position, 16)
  head.writeUInt32LE(checksum(head, packed.bytes, place.segment), 4)
  return head
}

/** Bytes of the payload behind the head; undefined where this is no head. */
export function payloadBytes(head: Buffer): number | undefined {
  if (head.length < headBytes || head.compare(magic, 0, magic.length, 0, magic.length) !== 0)
    return undefined
  const length = head.readUInt32LE(8)
  return length <= maxPayloadBytes ? length : undefined
}

export function isWhole(head: Buffer, stored: Buffer, segment: number): boolean {
  return checksum(head, stored, segment) === head.readUInt32LE(4)
}

export function positionOf(head: Buffer): number {
  return head.readDoubleLE(16)
}

/** The payload as it was appended. */
export function unpack(head: Buffer, stored: Buffer): Uint8Array {
  const plainBytes = head.readUInt32LE(12)
  return plainBytes === 0 ? stored : zstdDecompressSync(stored, { maxOutputLength: plainBytes })
}

function checksum(head: Buffer, stored: Uint8Array, segment: number): number {
  return crc32(stored, crc32(head.subarray(8), segment % 2 ** 32))
}
