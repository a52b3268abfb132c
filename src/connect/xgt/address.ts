import type { RegisterType } from "../../codec/modbus-value.ts"
import { bitAt, byteAt, contentForm, type Place, wordsAt } from "../memory/place.ts"

const form = new RegExp(
  `^%?(?<area>[A-Z])(?<size>[XBWDL]?)(?<number>\\d{1,7})(?:\\.(?<bit>[0-9A-F]))?${contentForm}`,
  "i",
)
const example = "%MW100, %DW100:float32, %DW100.A, %MX1603, %MB200 or %DD50*0.1"

/** Words of each size, and what stands there where the address says no type. */
const sizes: Readonly<Record<string, readonly [words: number, type: RegisterType]>> = {
  W: [1, "uint16"],
  D: [2, "uint32"],
  L: [4, "uint64"],
}

/** A variable of direct addressing: `%` area, size, and its number counted in that size. `D100` alone is `%DW100`. */
export function parseAddress(address: string): Place | string {
  const part = form.exec(address.trim())?.groups
  if (!part) return `what cannot be read, expected ${example}`
  const area = (part.area ?? "").toUpperCase()
  const size = (part.size || "W").toUpperCase()
  const number = Number(part.number)
  const group = `%${area}`
  if (part.bit !== undefined) {
    if (size !== "W") return "a bit of it, expected one of a word such as %MW100.A"
    return bitAt({ group, start: number, bit: Number.parseInt(part.bit, 16) }, part)
  }
  if (size === "X") return bitAt({ group, start: Math.floor(number / 16), bit: number % 16 }, part)
  if (size === "B") return byteAt({ group, start: Math.floor(number / 2), byte: number % 2 }, part)
  const [words, byDefault] = sizes[size] ?? [1, "uint16"]
  return wordsAt({ group, start: number * words }, { ...part, type: part.type ?? byDefault })
}
