/** How values stand in registers, and how many each takes. A `string` takes one for two characters. */
export const registerTypes = {
  bool: 1,
  int16: 1,
  uint16: 1,
  int32: 2,
  uint32: 2,
  int64: 4,
  uint64: 4,
  float32: 2,
  float64: 4,
  bcd16: 1,
  bcd32: 2,
} as const

export type RegisterType = keyof typeof registerTypes | "string"

/**
 * Where the bytes of a value stand, written for one of two registers whose most significant byte is `a`: `abcd` as Modbus sends a
 * single register, `cdab` with the registers reversed, `badc` with the bytes of each register swapped, `dcba` with both.
 */
export const byteOrders = ["abcd", "cdab", "badc", "dcba"] as const

export type ByteOrder = (typeof byteOrders)[number]

export interface Encoding {
  readonly type: RegisterType
  readonly order: ByteOrder
}

/** The value in the bytes of its registers; undefined where no value of the type stands there, such as A in a BCD. */
export function decodeRegisters(
  bytes: Uint8Array,
  { type, order }: Encoding,
): number | bigint | boolean | string | undefined {
  const straight = reordered(bytes, order)
  const view = new DataView(straight.buffer)
  switch (type) {
    case "bool":
      return view.getUint16(0) > 1 ? undefined : view.getUint16(0) === 1
    case "int16":
      return view.getInt16(0)
    case "uint16":
      return view.getUint16(0)
    case "int32":
      return view.getInt32(0)
    case "uint32":
      return view.getUint32(0)
    case "int64":
      return view.getBigInt64(0)
    case "uint64":
      return view.getBigUint64(0)
    case "float32":
      return view.getFloat32(0)
    case "float64":
      return view.getFloat64(0)
    case "bcd16":
      return bcdIn(view.getUint16(0))
    case "bcd32":
      return bcdIn(view.getUint32(0))
    case "string":
      return textIn(straight)
  }
}

/** The bytes of `length` registers' worth of bytes that stand for the value; undefined where the type cannot hold it. */
export function encodeRegisters(
  value: number | boolean | string,
  length: number,
  { type, order }: Encoding,
): Uint8Array | undefined {
  const bytes = new Uint8Array(length)
  const isWritten =
    type === "string" ? putText(bytes, value) : putNumber(new DataView(bytes.buffer), value, type)
  return isWritten ? reordered(bytes, order) : undefined
}

/** The same there and back. */
function reordered(bytes: Uint8Array, order: ByteOrder): Uint8Array {
  const last = bytes.length / 2 - 1
  const swapsBytes = order === "badc" || order === "dcba"
  const swapsWords = order === "cdab" || order === "dcba"
  return bytes.map((_, i) => {
    const word = swapsWords ? last - (i >> 1) : i >> 1
    return bytes[2 * word + (swapsBytes ? 1 - (i & 1) : i & 1)] ?? 0
  })
}

function bcdIn(bits: number): number | undefined {
  const digits = bits.toString(16)
  return /^\d+$/.test(digits) ? Number(digits) : undefined
}

/** Up to the first NUL, without the blanks that fill it. */
function textIn(bytes: Uint8Array): string | undefined {
  const end = bytes.indexOf(0)
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(
      end < 0 ? bytes : bytes.subarray(0, end),
    )
    return text.trimEnd()
  } catch {
    return undefined
  }
}

function putText(bytes: Uint8Array, value: number | boolean | string): boolean {
  const text = new TextEncoder().encode(String(value))
  if (text.length > bytes.length) return false
  bytes.set(text)
  return true
}

const wholes: Partial<Record<RegisterType, readonly [low: number, high: number]>> = {
  bool: [0, 1],
  int16: [-32_768, 32_767],
  uint16: [0, 65_535],
  int32: [-2_147_483_648, 2_147_483_647],
  uint32: [0, 4_294_967_295],
  int64: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  uint64: [0, Number.MAX_SAFE_INTEGER],
  bcd16: [0, 9999],
  bcd32: [0, 99_999_999],
}

function putNumber(
  view: DataView,
  given: number | boolean | string,
  type: Exclude<RegisterType, "string">,
): boolean {
  const value = Number(given)
  if (typeof given === "string" || !Number.isFinite(value)) return false
  const range = wholes[type]
  if (range && !(Number.isInteger(value) && value >= range[0] && value <= range[1])) return false
  if (type === "float32" && !Number.isFinite(Math.fround(value))) return false
  puts[type](view, value)
  return true
}

type Put = (view: DataView, value: number) => void

const put16: Put = (view, value) => view.setUint16(0, value)
const put32: Put = (view, value) => view.setUint32(0, value)
const put64: Put = (view, value) => view.setBigUint64(0, BigInt.asUintN(64, BigInt(value)))
const bcdOf = (value: number) => Number.parseInt(String(value), 16)

const puts: Readonly<Record<Exclude<RegisterType, "string">, Put>> = {
  bool: put16,
  int16: put16,
  uint16: put16,
  int32: put32,
  uint32: put32,
  int64: put64,
  uint64: put64,
  float32: (view, value) => view.setFloat32(0, value),
  float64: (view, value) => view.setFloat64(0, value),
  bcd16: (view, value) => put16(view, bcdOf(value)),
  bcd32: (view, value) => put32(view, bcdOf(value)),
}
