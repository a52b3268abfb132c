import { Problem } from "../../model/problem.ts"
import type { Whole } from "../sparkplug-payload.ts"
import { payloadLimits } from "../sparkplug-payload.ts"

/** Wire types of protobuf (Protocol Buffers, "Encoding"). */
export const wire = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
const two32 = 2 ** 32

/** Walks the fields of a protobuf message, never beyond its end. What does not fit throws `protocol-error`. */
export class Reader {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  readonly #where: string
  #at = 0
  #end: number
  #fields = 0
  #depth = 0
  #wire = 0
  /** Halves of the last varint. */
  #low = 0
  #high = 0

  constructor(bytes: Uint8Array, where: string) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#where = where
    this.#end = bytes.length
    if (bytes.length > payloadLimits.bytes) throw this.wrong(`${bytes.length} bytes`)
  }

  /** Number of the next field of the present message, 0 at its end. */
  next(): number {
    if (this.#at === this.#end) return 0
    if (++this.#fields > payloadLimits.fields) throw this.wrong("too many fields")
    this.#varint()
    this.#wire = this.#low & 7
    const field = this.#low >>> 3
    if (field === 0 || this.#high !== 0) throw this.wrong("a field without number")
    return field
  }

  /** Reads the field as a message: `read` sees its fields only. */
  message<T>(read: (reader: Reader) => T): T {
    this.#expect(wire.bytes)
    const outer = this.#end
    const end = this.#stop()
    if (++this.#depth > payloadLimits.depth) throw this.wrong("too deep a nesting")
    this.#end = end
    const content = read(this)
    this.#depth--
    this.#at = end
    this.#end = outer
    return content
  }

  uint32(): number {
    this.#expect(wire.varint)
    this.#varint()
    return this.#low
  }

  whole(): Whole {
    this.#expect(wire.varint)
    this.#varint()
    const number = this.#high * two32 + this.#low
    if (Number.isSafeInteger(number)) return number
    return (BigInt(this.#high) << 32n) | BigInt(this.#low)
  }

  /** A number of 64 bits with sign; beyond 2^53 its last digits are lost. */
  signed(): number {
    this.#expect(wire.varint)
    this.#varint()
    return (this.#high | 0) * two32 + this.#low
  }

  boolean(): boolean {
    this.#expect(wire.varint)
    this.#varint()
    return this.#low !== 0 || this.#high !== 0
  }

  float(): number {
    this.#expect(wire.fixed32)
    const at = this.#pass(4)
    return this.#view.getFloat32(at, true)
  }

  double(): number {
    this.#expect(wire.fixed64)
    const at = this.#pass(8)
    return this.#view.getFloat64(at, true)
  }

  /** A copy, so that the message can be let go. */
  bytes(): Uint8Array {
    this.#expect(wire.bytes)
    const end = this.#stop()
    const content = this.#bytes.slice(this.#at, end)
    this.#at = end
    return content
  }

  string(): string {
    this.#expect(wire.bytes)
    const end = this.#stop()
    const content = this.#bytes.subarray(this.#at, end)
    this.#at = end
    const text = textIn(content)
    if (text === undefined) throw this.wrong("a text that is not UTF-8")
    return text
  }

  /** Numbers of a repeated field, one after another or packed. */
  uint32s(into: number[]): void {
    if (this.#wire === wire.varint) {
      into.push(this.uint32())
      return
    }
    this.#expect(wire.bytes)
    const end = this.#stop()
    const outer = this.#end
    this.#end = end
    while (this.#at < end) {
      if (++this.#fields > payloadLimits.fields) throw this.wrong("too many fields")
      this.#varint()
      into.push(this.#low)
    }
    this.#end = outer
  }

  skip(): void {
    if (this.#wire === wire.varint) this.#varint()
    else if (this.#wire === wire.fixed64) this.#pass(8)
    else if (this.#wire === wire.fixed32) this.#pass(4)
    else {
      this.#expect(wire.bytes)
      this.#at = this.#stop()
    }
  }

  wrong(got: string): Problem {
    return wrongPayload(got, this.#where)
  }

  #expect(expected: number): void {
    if (this.#wire !== expected) throw this.wrong(`wire type ${this.#wire} at byte ${this.#at}`)
  }

  /** Where the field of a length ends. */
  #stop(): number {
    this.#varint()
    const end = this.#at + this.#low
    if (this.#high !== 0 || end > this.#end) throw this.wrong(`a cut field at byte ${this.#at}`)
    return end
  }

  #pass(length: number): number {
    const at = this.#at
    if (at + length > this.#end) throw this.wrong(`a cut field at byte ${at}`)
    this.#at += length
    return at
  }

  #varint(): void {
    let [low, high] = [0, 0]
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.#bytes[this.#pass(1)] ?? 0
      const bits = byte & 0x7f
      if (shift < 28) low |= bits << shift
      else if (shift === 28) {
        low |= bits << 28
        high |= bits >>> 4
      } else high |= shift < 63 ? bits << (shift - 32) : (bits & 1) << 31
      if (byte < 0x80) {
        this.#low = low >>> 0
        this.#high = high >>> 0
        return
      }
    }
    throw this.wrong(`an endless number at byte ${this.#at}`)
  }
}

export function wrongPayload(got: string, where: string): Problem {
  return new Problem("protocol-error", where, `got ${got}, expected a Sparkplug B payload`)
}

/** Undefined where it is not UTF-8. */
export function textIn(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes)
  } catch {
    return undefined
  }
}
