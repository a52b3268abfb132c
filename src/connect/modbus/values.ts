import { isBitTable } from "../../codec/modbus-frame.ts"
import { decodeRegisters, encodeRegisters } from "../../codec/modbus-value.ts"
import { quality } from "../../model/quality.ts"
import type { TagKind, Value } from "../../model/tag.ts"
import { type Given, givenOf, storedOf } from "../stored.ts"
import type { Place } from "./address.ts"

/** What a place holds in the answer for a span; undefined where no value of its type stands there. */
export function givenIn(
  data: Uint8Array,
  span: { readonly start: number },
  { place, kind }: { place: Place; kind: TagKind },
): Given | undefined {
  const offset = place.start - span.start
  if (isBitTable(place.table)) return flag((((data[offset >> 3] ?? 0) >> (offset & 7)) & 1) === 1)
  const bytes = data.subarray(2 * offset, 2 * (offset + place.length))
  if (place.bit !== undefined)
    return flag(((((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0)) >> place.bit) % 2 === 1)
  const stored = decodeRegisters(bytes, place.encoding)
  if (stored === undefined) return undefined
  return givenOf(stored, { scale: place.scale, kind })
}

function flag(value: boolean): Given {
  return { value, said: quality.good }
}

/** The registers' bytes for a value; undefined where it cannot stand there without a change of its meaning. */
export function bytesFor(value: Value, { scale, encoding, length }: Place): Uint8Array | undefined {
  const stored = storedOf(value, { scale, isWhole: !encoding.type.startsWith("float") })
  return stored === undefined ? undefined : encodeRegisters(stored, 2 * length, encoding)
}
