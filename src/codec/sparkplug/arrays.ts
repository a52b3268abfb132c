import { type DataType, type MetricValue, payloadLimits, type Whole } from "../sparkplug-payload.ts"

/** Array types are packed into bytes, little-endian (Sparkplug 3.0.0, 6.4.17). */
interface Packing {
  readonly size: number
  readonly get: (view: DataView, at: number) => Whole
  readonly set: (view: DataView, at: number, value: Whole) => void
}

const wide = (get: "getBigInt64" | "getBigUint64"): Packing => ({
  size: 8,
  get: (view, at) => {
    const value = view[get](at, true)
    const number = Number(value)
    return Number.isSafeInteger(number) ? number : value
  },
  set: (view, at, value) => view.setBigInt64(at, BigInt.asIntN(64, BigInt(value)), true),
})

const packings: Partial<Record<DataType, Packing>> = {
  Int8Array: {
    size: 1,
    get: (v, at) => v.getInt8(at),
    set: (v, at, n) => v.setInt8(at, Number(n)),
  },
  Int16Array: {
    size: 2,
    get: (v, at) => v.getInt16(at, true),
    set: (v, at, n) => v.setInt16(at, Number(n), true),
  },
  Int32Array: {
    size: 4,
    get: (v, at) => v.getInt32(at, true),
    set: (v, at, n) => v.setInt32(at, Number(n), true),
  },
  Int64Array: wide("getBigInt64"),
  UInt8Array: {
    size: 1,
    get: (v, at) => v.getUint8(at),
    set: (v, at, n) => v.setUint8(at, Number(n)),
  },
  UInt16Array: {
    size: 2,
    get: (v, at) => v.getUint16(at, true),
    set: (v, at, n) => v.setUint16(at, Number(n), true),
  },
  UInt32Array: {
    size: 4,
    get: (v, at) => v.getUint32(at, true),
    set: (v, at, n) => v.setUint32(at, Number(n), true),
  },
  UInt64Array: wide("getBigUint64"),
  FloatArray: {
    size: 4,
    get: (v, at) => v.getFloat32(at, true),
    set: (v, at, n) => v.setFloat32(at, Number(n), true),
  },
  DoubleArray: {
    size: 8,
    get: (v, at) => v.getFloat64(at, true),
    set: (v, at, n) => v.setFloat64(at, Number(n), true),
  },
  DateTimeArray: wide("getBigUint64"),
}

/** Undefined where the bytes are no array of the type. */
export function arrayOf(bytes: Uint8Array, type: DataType): MetricValue | undefined {
  const packing = packings[type]
  if (packing) return numbersOf(bytes, packing)
  return type === "BooleanArray" ? booleansOf(bytes) : stringsOf(bytes)
}

/** Undefined where the value is no array of the type. */
export function bytesOf(value: unknown, type: DataType): Uint8Array | undefined {
  if (!Array.isArray(value)) return undefined
  const packing = packings[type]
  if (packing) return bytesOfNumbers(value, packing)
  if (type === "BooleanArray") return bytesOfBooleans(value)
  const isText = value.every((text) => typeof text === "string" && !text.includes("\0"))
  return isText ? new TextEncoder().encode(value.map((text) => `${text}\0`).join("")) : undefined
}

function numbersOf(bytes: Uint8Array, { size, get }: Packing): Whole[] | undefined {
  const count = bytes.length / size
  if (!Number.isInteger(count) || count > payloadLimits.elements) return undefined
  const view = viewOf(bytes)
  return Array.from({ length: count }, (_, i) => get(view, i * size))
}

function bytesOfNumbers(values: readonly unknown[], { size, set }: Packing) {
  const isNumeric = values.every((v) => typeof v === "number" || typeof v === "bigint")
  if (!isNumeric) return undefined
  const bytes = new Uint8Array(values.length * size)
  const view = viewOf(bytes)
  values.forEach((value, i) => {
    set(view, i * size, value as Whole)
  })
  return bytes
}

/** A count of 32 bits, then bits from the most significant on. */
function booleansOf(bytes: Uint8Array): boolean[] | undefined {
  if (bytes.length < 4) return undefined
  const count = viewOf(bytes).getUint32(0, true)
  if (count > payloadLimits.elements || bytes.length !== 4 + Math.ceil(count / 8)) return undefined
  return Array.from({ length: count }, (_, i) => {
    const byte = bytes[4 + (i >>> 3)] ?? 0
    return ((byte >>> (7 - (i & 7))) & 1) === 1
  })
}

function bytesOfBooleans(values: readonly unknown[]): Uint8Array {
  const bytes = new Uint8Array(4 + Math.ceil(values.length / 8))
  viewOf(bytes).setUint32(0, values.length, true)
  values.forEach((value, i) => {
    const at = 4 + (i >>> 3)
    if (value === true) bytes[at] = (bytes[at] ?? 0) | (0x80 >>> (i & 7))
  })
  return bytes
}

/** Texts, each ended by a zero byte. */
function stringsOf(bytes: Uint8Array): string[] | undefined {
  if (bytes.length === 0) return []
  if (bytes.at(-1) !== 0) return undefined
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes)
    const texts = text.split("\0", payloadLimits.elements + 2).slice(0, -1)
    return texts.length > payloadLimits.elements ? undefined : texts
  } catch {
    return undefined
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
