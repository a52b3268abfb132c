/** Zero where each of four bytes is a digit. */
function notDigits(word: number): number {
  return ((word & 0xf0f0f0f0) | (((word + 0x06060606) & 0xf0f0f0f0) >>> 4)) ^ 0x33333333
}

/** The number of four digits, little-endian, by arithmetic on their bytes side by side. */
function four(word: number): number {
  const digits = word & 0x0f0f0f0f
  const pairs = Math.imul(digits, 10) + (digits >>> 8)
  return (pairs & 0xff) * 100 + ((pairs >>> 16) & 0xff)
}

/** The whole number of twelve digits; -1 where one is none. The bytes must reach so far. */
export function readTwelve(view: DataView, from: number): number {
  const high = view.getInt32(from, true)
  const middle = view.getInt32(from + 4, true)
  const low = view.getInt32(from + 8, true)
  if ((notDigits(high) | notDigits(middle) | notDigits(low)) !== 0) return -1
  return (four(high) * 10_000 + four(middle)) * 10_000 + four(low)
}

/** The whole number of up to nine digits; -1 where one is none. */
export function readDigits(bytes: Uint8Array, from: number, to: number): number {
  let number = 0
  for (let at = from; at < to; at++) {
    const byte = bytes[at] ?? 0
    if (!isDigit(byte)) return -1
    number = Math.imul(number, 10) + byte - 48
  }
  return number
}

export function isDigit(byte: number): boolean {
  return byte >= 48 && byte <= 57
}
