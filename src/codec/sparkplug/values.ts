import type { DataType, MetricValue, Whole } from "../sparkplug-payload.ts"
import { arrayOf } from "./arrays.ts"

const two32 = 2 ** 32

/** Bits of the whole numbers and whether they have a sign. */
export const wholes = {
  Int8: { bits: 8, signed: true },
  Int16: { bits: 16, signed: true },
  Int32: { bits: 32, signed: true },
  Int64: { bits: 64, signed: true },
  UInt8: { bits: 8, signed: false },
  UInt16: { bits: 16, signed: false },
  UInt32: { bits: 32, signed: false },
  UInt64: { bits: 64, signed: false },
  DateTime: { bits: 64, signed: false },
} as const

export type WholeType = keyof typeof wholes

export function isWholeType(type: DataType): type is WholeType {
  return type in wholes
}

/** What stood on the wire as a value of the type; undefined where it is none. */
export function valueAs(raw: MetricValue, type: DataType): MetricValue | undefined {
  if (isWholeType(type)) return isWhole(raw) ? wholeAs(raw, wholes[type]) : undefined
  if (type.endsWith("Array")) return raw instanceof Uint8Array ? arrayOf(raw, type) : undefined
  return forms[type]?.(raw) ? raw : undefined
}

type Form = (raw: MetricValue) => boolean

const isNumber: Form = (raw) => typeof raw === "number"
const isText: Form = (raw) => typeof raw === "string"
const isBytes: Form = (raw) => raw instanceof Uint8Array

/** The types that stand on the wire as they are; those that are missing here are no values of a metric. */
const forms: Partial<Record<DataType, Form>> = {
  Float: isNumber,
  Double: isNumber,
  Boolean: (raw) => typeof raw === "boolean",
  String: isText,
  Text: isText,
  UUID: isText,
  Bytes: isBytes,
  File: isBytes,
  DataSet: (raw) => typeof raw === "object" && "rows" in raw,
  Template: (raw) => typeof raw === "object" && "metrics" in raw,
}

function isWhole(raw: MetricValue): raw is Whole {
  return typeof raw === "bigint" || Number.isInteger(raw)
}

/**
 * Negative numbers stand on the wire as two's complement of 8, 16, 32 or 64 bits: senders differ in how far they
 * extend the sign. Undefined where the number is out of the type's range.
 */
export function wholeAs(raw: Whole, type: { bits: number; signed: boolean }): Whole | undefined {
  const { bits, signed } = type
  if (!signed) return raw >= 0 && raw < 2 ** bits ? raw : undefined
  if (bits === 64) return short(BigInt.asIntN(64, BigInt(raw)))
  const wide = typeof raw === "bigint" ? Number(BigInt.asIntN(64, raw)) : raw
  const number = wide >= two32 / 2 && wide < two32 ? wide - two32 : wide
  const half = 2 ** (bits - 1)
  if (number >= -half && number < half) return number
  return number >= half && number < 2 * half ? number - 2 * half : undefined
}

function short(value: bigint): Whole {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}
