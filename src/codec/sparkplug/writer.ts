import type { Whole } from "../sparkplug-payload.ts"
import { wire } from "./reader.ts"

const utf8 = new TextEncoder()
const two32 = 2 ** 32

/** Writes the fields of a protobuf message one after another. */
export class Writer {
  #bytes = new Uint8Array(256)
  #view = new DataView(this.#bytes.buffer)
  #length = 0

  uint32(field: number, value: number): void {
    this.#tag(field, wire.varint)
    this.#varint(value >>> 0, 0)
  }

  /** Negative numbers as two's complement of 64 bits. */
  whole(field: number, value: Whole): void {
    this.#tag(field, wire.varint)
    if (typeof value === "number") {
      this.#varint(value >>> 0, Math.floor(value / two32) >>> 0)
      return
    }
    const bits = BigInt.asUintN(64, value)
    this.#varint(Number(bits & 0xffff_ffffn), Number(bits >> 32n))
  }

  boolean(field: number, value: boolean): void {
    this.uint32(field, value ? 1 : 0)
  }

  float(field: number, value: number): void {
    this.#tag(field, wire.fixed32)
    const at = this.#reserve(4)
    this.#view.setFloat32(at, value, true)
  }

  double(field: number, value: number): void {
    this.#tag(field, wire.fixed64)
    const at = this.#reserve(8)
    this.#view.setFloat64(at, value, true)
  }

  bytes(field: number, value: Uint8Array): void {
    this.#tag(field, wire.bytes)
    this.#varint(value.length, 0)
    const at = this.#reserve(value.length)
    this.#bytes.set(value, at)
  }

  string(field: number, value: string): void {
    this.bytes(field, utf8.encode(value))
  }

  message(field: number, write: (writer: Writer) => void): void {
    const inner = new Writer()
    write(inner)
    this.bytes(field, inner.finish())
  }

  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length)
  }

  #tag(field: number, wireType: number): void {
    this.#varint((field << 3) | wireType, 0)
  }

  #varint(low: number, high: number): void {
    let [l, h] = [low, high]
    while (h > 0 || l > 0x7f) {
      this.#byte((l & 0x7f) | 0x80)
      l = ((l >>> 7) | (h << 25)) >>> 0
      h >>>= 7
    }
    this.#byte(l)
  }

  #byte(value: number): void {
    const at = this.#reserve(1)
    this.#bytes[at] = value
  }

  #reserve(length: number): number {
    const at = this.#length
    this.#length += length
    if (this.#length > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(this.#length, 2 * this.#bytes.length))
      grown.set(this.#bytes)
      this.#bytes = grown
      this.#view = new DataView(grown.buffer)
    }
    return at
  }
}
