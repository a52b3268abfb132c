/** Bytes that mean something in line protocol. */
export const ascii = {
  tab: 9,
  newline: 10,
  return: 13,
  space: 32,
  quote: 34,
  hash: 35,
  plus: 43,
  comma: 44,
  minus: 45,
  point: 46,
  zero: 48,
  upperE: 69,
  equals: 61,
  backslash: 92,
  lowerE: 101,
  integer: 105,
  unsigned: 117,
} as const

/** A message that ends with a line break, so that no loop needs to look for its end. */
export class Message {
  readonly bytes: Uint8Array
  readonly view: DataView
  readonly end: number

  constructor(given: Uint8Array) {
    const isEnded = given.length > 0 && given[given.length - 1] === ascii.newline
    this.bytes = isEnded ? given : ended(given)
    this.end = this.bytes.length
    this.view = new DataView(this.bytes.buffer, this.bytes.byteOffset, this.end)
  }

  text(from: number, to: number): string {
    return decoder.decode(this.bytes.subarray(from, to))
  }
}

const decoder = new TextDecoder()

function ended(given: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(given.length + 1)
  bytes.set(given)
  bytes[given.length] = ascii.newline
  return bytes
}
