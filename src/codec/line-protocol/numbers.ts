import { ascii, type Message } from "./ascii.ts"
import { isDigit } from "./digits.ts"
import { fieldKind, type LineRows } from "./rows.ts"

/** Powers of ten that a double holds exactly. */
const exactPowers = Float64Array.from({ length: 23 }, (_, i) => Number(`1e${i}`))
const mostInt32Digits = 9
/** Whole numbers of so many digits are doubles without loss. */
const mostExactDigits = 15

/**
 * Reads a number into the next row and gives the place behind it, or -1 where it is none. The value is the double next to
 * what is written: up to fifteen digits are one division of two exact numbers (W. D. Clinger, "How to read floating point
 * numbers accurately", PLDI 1990), anything else is left to the engine.
 */
export function readNumber(message: Message, from: number, rows: LineRows): number {
  const { bytes } = message
  const sign = bytes[from]
  const first = sign === ascii.minus || sign === ascii.plus ? from + 1 : from
  run.whole = 0
  let at = run.over(bytes, first)
  let count = at - first
  let decimals = 0
  if (bytes[at] === ascii.point) {
    const point = at
    at = run.over(bytes, point + 1)
    decimals = at - point - 1
    count += decimals
  }
  const end = bytes[at] ?? 0
  const isInteger = end === ascii.integer && at === first + count
  if (count < 1 || count > mostExactDigits || !(isInteger || isEnd(end)))
    return readOther(message, from, rows)
  const whole = count > mostInt32Digits ? manyDigits(bytes, first, at) : run.whole
  const value = whole / (exactPowers[decimals] ?? 1)
  rows.put(sign === ascii.minus ? -value : value, isInteger ? fieldKind.integer : fieldKind.float)
  return isInteger ? at + 1 : at
}

/** Up to nine digits as they are read. */
class Run {
  whole = 0

  over(bytes: Uint8Array, from: number): number {
    let { whole } = this
    let at = from
    for (let byte = bytes[at] ?? 0; isDigit(byte); byte = bytes[++at] ?? 0)
      whole = (Math.imul(whole, 10) + byte - ascii.zero) | 0
    this.whole = whole
    return at
  }
}

const run = new Run()

function manyDigits(bytes: Uint8Array, from: number, to: number): number {
  let digits = 0
  for (let at = from; at < to; at++) {
    const byte = bytes[at] ?? 0
    if (byte !== ascii.point) digits = digits * 10 + byte - ascii.zero
  }
  return digits
}

/** More digits, an exponent, or `u` behind it. */
function readOther(message: Message, from: number, rows: LineRows): number {
  const { bytes } = message
  let to = from
  while (isOfNumber(bytes[to] ?? 0)) to++
  const text = message.text(from, to)
  const suffix = bytes[to]
  if (suffix === ascii.integer || suffix === ascii.unsigned)
    return putWhole(text, suffix === ascii.unsigned, rows) ? to + 1 : -1
  const value = decimal.test(text) ? Number(text) : Number.NaN
  if (!Number.isFinite(value)) return -1
  rows.put(value, fieldKind.float)
  return to
}

const decimal = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/
const whole = /^[+-]?\d{1,30}$/

/** False where it is no whole number of 64 bits. */
function putWhole(text: string, isUnsigned: boolean, rows: LineRows): boolean {
  if (!whole.test(text)) return false
  const exact = BigInt(text.replace("+", ""))
  const fits = isUnsigned ? BigInt.asUintN(64, exact) : BigInt.asIntN(64, exact)
  if (fits !== exact) return false
  const value = Number(exact)
  rows.put(value, BigInt(value) === exact ? fieldKind.integer : fieldKind.rounded)
  return true
}

function isEnd(byte: number): boolean {
  return (
    byte === ascii.comma || byte === ascii.space || byte === ascii.newline || byte === ascii.return
  )
}

function isOfNumber(byte: number): boolean {
  return (
    isDigit(byte) ||
    byte === ascii.point ||
    byte === ascii.minus ||
    byte === ascii.plus ||
    byte === ascii.lowerE ||
    byte === ascii.upperE
  )
}
