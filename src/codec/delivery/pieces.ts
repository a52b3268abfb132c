import { DamagedChunk } from "../chunk/bytes.ts"

export function bytesOfJson(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value))
}

/** Throws `DamagedChunk` for what is no JSON object. */
export function jsonOf(bytes: Uint8Array): object {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes))
  } catch {
    throw new DamagedChunk("got bytes that are no JSON")
  }
  if (typeof value !== "object" || value === null) throw new DamagedChunk("got no JSON object")
  return value
}

export function joined(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  let length = 0
  for (const piece of pieces) length += piece.length
  const whole = new Uint8Array(length)
  let at = 0
  for (const piece of pieces) {
    whole.set(piece, at)
    at += piece.length
  }
  return whole
}
