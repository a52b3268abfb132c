import { isBitTable } from "../../codec/modbus-frame.ts"
import { decodeRegisters, encodeRegisters } from "../../codec/modbus-value.ts"
import { type Quality, quality } from "../../model/quality.ts"
import type { TagKind, Value } from "../../model/tag.ts"
import type { Place, Scale } from "./address.ts"
import type { Span } from "./plan.ts"

export interface Given {
  /** Null where the device says that it has none. */
  readonly value: number | boolean | string | null
  readonly said: Quality
}

/** What a place holds in the answer for a span; undefined where no value of its type stands there. */
export function givenIn(
  data: Uint8Array,
  span: Span<unknown>,
  { place, kind }: { place: Place; kind: TagKind },
): Given | undefined {
  const offset = place.start - span.start
  if (isBitTable(place.table)) return plain((((data[offset >> 3] ?? 0) >> (offset & 7)) & 1) === 1)
  const bytes = data.subarray(2 * offset, 2 * (offset + place.length))
  if (place.bit !== undefined)
    return plain(((((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0)) >> place.bit) % 2 === 1)
  const stored = decodeRegisters(bytes, place.encoding)
  if (stored === undefined) return undefined
  // A text tag keeps all digits of a 64-bit number.
  if (typeof stored === "bigint" && kind === "text" && !place.scale) return plain(String(stored))
  if (typeof stored === "boolean" || typeof stored === "string") return plain(stored)
  const number = Number(stored)
  if (!Number.isFinite(number)) return plain(null)
  const isExact = typeof stored === "number" || Number.isSafeInteger(number)
  const value = place.scale ? scaled(number, place.scale) : number
  return { value, said: isExact ? quality.good : quality.uncertain }
}

function plain(value: Given["value"]): Given {
  return { value, said: quality.good }
}

function scaled(stored: number, { times, over, plus }: Scale): number {
  return (stored * times) / over + plus
}

/** The registers' bytes for a value; undefined where it cannot stand there without a change of its meaning. */
export function bytesFor(value: Value, place: Place): Uint8Array | undefined {
  const length = 2 * place.length
  if (!place.scale) return encodeRegisters(value, length, place.encoding)
  if (typeof value === "string") return undefined
  const { times, over, plus } = place.scale
  const exact = ((Number(value) - plus) * over) / times
  if (place.encoding.type.startsWith("float")) return encodeRegisters(exact, length, place.encoding)
  const stored = Math.round(exact)
  // What is left beside the whole number is the rounding of the calculation or a digit that does not fit.
  if (Math.abs(stored - exact) > 1e-9 * Math.max(1, Math.abs(exact))) return undefined
  return encodeRegisters(stored, length, place.encoding)
}
