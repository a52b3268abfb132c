import {
  decodeRegisters,
  type Encoding,
  encodeRegisters,
  type RegisterType,
  registerTypes,
} from "../../codec/modbus-value.ts"
import { didYouMean } from "../../kernel/spelling.ts"
import { quality } from "../../model/quality.ts"
import type { TagKind, Value } from "../../model/tag.ts"
import type { Extent } from "../spans.ts"
import { type Given, givenOf, type Scale, scaleForm, scaleOf, storedOf } from "../stored.ts"

/** Where a point stands in a PLC's memory of little endian words: its words, and what of them. */
export interface Place extends Extent {
  /** Of the device or area, such as `D` or `%M`. */
  readonly group: string
  readonly content: Content
}

export interface Content {
  readonly type: RegisterType | "uint8"
  /** One bit of the word, 0 for the least significant. */
  readonly bit?: number
  /** Of a `uint8`: 0 for the lower byte of the word. */
  readonly byte?: number
  readonly scale?: Scale
}

/** `:type`, `*scale` and `+offset` behind the place in an address, as groups of these names. */
export const contentForm = `(?::(?<type>[^:*+-]+))?${scaleForm}`

interface Said {
  readonly type?: string | undefined
  readonly scale?: string | undefined
  readonly offset?: string | undefined
}

const longestText = 250

interface At {
  readonly group: string
  readonly start: number
}

/** One bit of a word. What is wrong is the end of a sentence that begins with "got", here as below. */
export function bitAt({ bit, ...at }: At & { bit: number }, said: Said): Place | string {
  if ((said.type ?? "bool") !== "bool") return `type "${said.type}" of a bit, expected none`
  if (said.scale ?? said.offset) return "a scale of a bit, expected none"
  return { ...at, length: 1, content: { type: "bool", bit } }
}

/** One byte of a word, as a number. */
export function byteAt({ byte, ...at }: At & { byte: number }, said: Said): Place | string {
  if ((said.type ?? "uint8") !== "uint8") return `type "${said.type}" of a byte, expected none`
  const scale = scaleOf(said)
  if (typeof scale === "string") return scale
  return { ...at, length: 1, content: { type: "uint8", byte, ...(scale && { scale }) } }
}

/** Whole words, by their type; one unsigned word where it says none. */
export function wordsAt(at: At, said: Said): Place | string {
  const scale = scaleOf(said)
  if (typeof scale === "string") return scale
  const { type: name = "uint16" } = said
  const [, characters] = /^string\((\d+)\)$/.exec(name) ?? []
  if (characters !== undefined) {
    const count = Number(characters)
    if (scale) return `a scale for ${name}, expected one for numbers only`
    if (count < 1 || count > longestText) return `${name}, expected 1 to ${longestText} characters`
    return { ...at, length: Math.ceil(count / 2), content: { type: "string" } }
  }
  if (name === "bool") return "bool for a word, expected the number of its bit"
  const known = [...Object.keys(registerTypes), "string(8)"]
  if (!Object.hasOwn(registerTypes, name))
    return `type "${name}", expected ${known.join(", ")}${didYouMean(name, known)}`
  const type = name as keyof typeof registerTypes
  return { ...at, length: registerTypes[type], content: { type, ...(scale && { scale }) } }
}

/** Words stand with their lower byte first, numbers with their lower word first, texts in their order. */
function encodingOf(type: RegisterType): Encoding {
  return { type, order: type === "string" ? "abcd" : "dcba" }
}

/** What stands in the bytes of the place's words; undefined where no value of its type does. */
export function givenIn(bytes: Uint8Array, content: Content, kind: TagKind): Given | undefined {
  const { type, bit, byte, scale } = content
  if (bit !== undefined)
    return { value: (((bytes[bit >> 3] ?? 0) >> (bit & 7)) & 1) === 1, said: quality.good }
  if (type === "uint8") return givenOf(bytes[byte ?? 0] ?? 0, { scale, kind })
  const stored = decodeRegisters(bytes, encodingOf(type))
  return stored === undefined ? undefined : givenOf(stored, { scale, kind })
}

/** The bytes of whole words for a value; undefined where it cannot stand there without a change of its meaning. */
export function bytesFor(value: Value, { length, content }: Place): Uint8Array | undefined {
  const { type, scale } = content
  if (type === "uint8") return undefined
  const stored = storedOf(value, { scale, isWhole: !type.startsWith("float") })
  return stored === undefined ? undefined : encodeRegisters(stored, 2 * length, encodingOf(type))
}

/** True or false of a value for a bit. */
export function flagOf(value: Value): boolean | undefined {
  if (value === true || value === 1) return true
  return value === false || value === 0 ? false : undefined
}
