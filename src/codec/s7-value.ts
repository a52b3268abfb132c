/** The elementary types of a SIMATIC controller, most significant byte first, with their bytes. A STRING says its own length. */
export const s7Types = {
  X: 1,
  BYTE: 1,
  USINT: 1,
  SINT: 1,
  CHAR: 1,
  WORD: 2,
  UINT: 2,
  INT: 2,
  DWORD: 4,
  UDINT: 4,
  DINT: 4,
  REAL: 4,
  LWORD: 8,
  ULINT: 8,
  LINT: 8,
  LREAL: 8,
} as const

export type S7Type = keyof typeof s7Types | "STRING"

/** Undefined where no value of the type stands there: a text that says to be longer than its place. */
export function decodeS7(bytes: Uint8Array, type: S7Type): number | bigint | string | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  switch (type) {
    case "X":
    case "BYTE":
    case "USINT":
      return view.getUint8(0)
    case "SINT":
      return view.getInt8(0)
    case "CHAR":
      return String.fromCharCode(view.getUint8(0))
    case "WORD":
    case "UINT":
      return view.getUint16(0)
    case "INT":
      return view.getInt16(0)
    case "DWORD":
    case "UDINT":
      return view.getUint32(0)
    case "DINT":
      return view.getInt32(0)
    case "REAL":
      return view.getFloat32(0)
    case "LREAL":
      return view.getFloat64(0)
    case "LWORD":
    case "ULINT":
      return view.getBigUint64(0)
    case "LINT":
      return view.getBigInt64(0)
    case "STRING":
      return textIn(bytes)
  }
}

/** Most characters, present characters, then the characters, one byte each (Latin-1). */
function textIn(bytes: Uint8Array): string | undefined {
  const [, count = 0] = bytes
  return count > bytes.length - 2 ? undefined : String.fromCharCode(...bytes.subarray(2, 2 + count))
}

type Put = (view: DataView, value: number) => void

const put8: Put = (view, value) => view.setUint8(0, value)
const put16: Put = (view, value) => view.setUint16(0, value)
const put32: Put = (view, value) => view.setUint32(0, value)
const put64: Put = (view, value) => view.setBigUint64(0, BigInt.asUintN(64, BigInt(value)))

interface Whole {
  readonly low: number
  readonly high: number
  readonly put: Put
}

const bits = (count: number, put: Put): Whole => ({ low: 0, high: 2 ** count - 1, put })
const signed = (count: number, put: Put): Whole => ({
  low: -(2 ** (count - 1)),
  high: 2 ** (count - 1) - 1,
  put,
})
const safe = { high: Number.MAX_SAFE_INTEGER, put: put64 }

const wholes: Partial<Record<S7Type, Whole>> = {
  X: bits(1, put8),
  BYTE: bits(8, put8),
  USINT: bits(8, put8),
  SINT: signed(8, put8),
  WORD: bits(16, put16),
  UINT: bits(16, put16),
  INT: signed(16, put16),
  DWORD: bits(32, put32),
  UDINT: bits(32, put32),
  DINT: signed(32, put32),
  LWORD: { low: 0, ...safe },
  ULINT: { low: 0, ...safe },
  LINT: { low: Number.MIN_SAFE_INTEGER, ...safe },
}

/** True for types that hold whole numbers only. */
export function isWholeType(type: S7Type): boolean {
  return wholes[type] !== undefined
}

/**
 * The bytes of a value in a place of `length` bytes; undefined where the type cannot hold it. Of a STRING without its first byte, which
 * says how long it may become and is the program's.
 */
export function encodeS7(
  value: number | boolean | string,
  length: number,
  type: S7Type,
): Uint8Array | undefined {
  if (type === "STRING") return textBytes(String(value), length - 2)
  if (type === "CHAR") return String(value).length === 1 ? latin1(String(value)) : undefined
  const number = Number(value)
  if (typeof value === "string" || !Number.isFinite(number)) return undefined
  const bytes = new Uint8Array(length)
  const view = new DataView(bytes.buffer)
  const whole = wholes[type]
  if (whole) {
    const fits = Number.isInteger(number) && number >= whole.low && number <= whole.high
    if (!fits) return undefined
    whole.put(view, number)
  } else if (type === "LREAL") view.setFloat64(0, number)
  else if (Number.isFinite(Math.fround(number))) view.setFloat32(0, number)
  else return undefined
  return bytes
}

function textBytes(text: string, longest: number): Uint8Array | undefined {
  const characters = latin1(text)
  if (!characters || characters.length > longest) return undefined
  return Uint8Array.of(characters.length, ...characters)
}

function latin1(text: string): Uint8Array | undefined {
  const codes = Array.from(text, (c) => c.codePointAt(0) ?? 0)
  return codes.every((code) => code <= 0xff) ? Uint8Array.from(codes) : undefined
}
