import { ascii } from "./ascii.ts"

/** True where bytes up to a place are a measurement and tags, each with a key and a value that are not empty. */
export function isSeriesKey(bytes: Uint8Array, from: number, to: number): boolean {
  const tags = splitAt(bytes, { from, to, by: ascii.comma })
  return tags.every(([start, end], i) => {
    if (i === 0) return end > start
    const sides = splitAt(bytes, { from: start, to: end, by: ascii.equals })
    return sides.length === 2 && sides.every(([a, b]) => b > a)
  })
}

/** What stands between bytes that are not escaped. */
export function splitAt(
  bytes: Uint8Array,
  { from, to, by }: { from: number; to: number; by: number },
): readonly (readonly [from: number, to: number])[] {
  const parts: (readonly [number, number])[] = []
  let start = from
  for (let at = from; at < to; at++) {
    if (bytes[at] === ascii.backslash) at++
    else if (bytes[at] === by) {
      parts.push([start, at])
      start = at + 1
    }
  }
  return [...parts, [start, to]]
}

/** Place of the line break that ends the line which begins here, as InfluxDB finds it: breaks within a text do not. */
export function lineEnd(bytes: Uint8Array, from: number): number {
  const fields = new Fields()
  for (let at = from; at < bytes.length - 1; at++) {
    const byte = bytes[at] ?? 0
    if (byte === ascii.newline && !fields.isInText) return at
    if (byte === ascii.backslash && bytes[at + 1] !== ascii.newline) at++
    else fields.pass(byte)
  }
  return bytes.length - 1
}

/** Tells texts from quotation marks elsewhere: one begins behind an equals sign of the fields. */
class Fields {
  isInText = false
  #isInFields = false
  #isValue = false

  pass(byte: number): void {
    if (byte === ascii.space) this.#isInFields = true
    else if (!this.#isInFields) return
    else if (byte === ascii.quote) this.isInText = this.#isValue && !this.isInText
    else if (this.isInText) return
    else if (byte === ascii.equals) this.#isValue = true
    else if (byte === ascii.comma) this.#isValue = false
  }
}
