import { grown } from "../../model/block.ts"
import { Problem } from "../../model/problem.ts"
import { type DataType, dataTypes, type PropertySet, payloadLimits } from "../sparkplug-payload.ts"
import { type DataMetric, isStructure, type WireKind, wireKinds } from "./data.ts"
import { readProperties } from "./decode.ts"
import { Reader, textIn, wrongPayload } from "./reader.ts"

const two32 = 2 ** 32
const noType = 255
const [kindNone, kindWhole, kindReal, kindBoolean, kindText, kindOther] = [0, 1, 2, 3, 4, 5]
const historical = 1
const missing = 2

/** Protobuf's key of a field: its number and its wire type. */
const key = {
  ...{ name: 0x0a, alias: 0x10, at: 0x18, type: 0x20, historical: 0x28, isNull: 0x38 },
  ...{ properties: 0x4a, int: 0x50, long: 0x58, float: 0x65, double: 0x69, boolean: 0x70 },
  text: 0x7a,
} as const

/**
 * The metrics of one message as columns, read in one walk without an object for each; the next message takes their place. Row i is
 * the i-th metric that could be read. Arrays, bytes, data sets and templates are passed over (kind `other`).
 */
export class MetricColumns {
  /** ms since 1970 UTC; NaN where the message has none. */
  timestamp = Number.NaN
  /** NaN where the message has none. */
  seq = Number.NaN
  length = 0
  /** Metrics that could not be read; `problem` is the first one's. */
  faults = 0
  problem: Problem | undefined
  /** NaN where there is none; beyond 2^53 rounded. */
  alias = new Float64Array(64)
  /** NaN where the metric has no time of its own. */
  at = new Float64Array(64)
  /** Place in `wireKinds`. */
  kind = new Uint8Array(64)
  /** The value of the kinds whole (32 bits without, 64 bits with sign), real and boolean. */
  raw = new Float64Array(64)
  /** By row, where the metric has one; `hasNames` says whether any has. */
  readonly names: (string | undefined)[] = []
  readonly texts: (string | undefined)[] = []
  readonly properties = new Map<number, PropertySet>()
  #type = new Uint8Array(64)
  #flags = new Uint8Array(64)
  #bytes: Uint8Array = new Uint8Array(0)
  #view = new DataView(this.#bytes.buffer)
  #where = ""
  #p = 0
  #high = 0

  /**
   * Reads a message; `where` names the sender in the problem. A metric that cannot be read is counted and left out, the others stand. Throws
   * `protocol-error` where the message itself breaks off or exceeds `payloadLimits`; what came before stands then.
   */
  read(bytes: Uint8Array, where: string): void {
    this.#begin(bytes, where)
    const end = bytes.length
    if (end > payloadLimits.bytes) throw this.#wrong(`${end} bytes`)
    while (this.#p < end) {
      const field = this.#key(end)
      if (field === 0x12) this.#metric(this.#stop(end))
      else if (field === 0x08) this.timestamp = this.#whole(end)
      else if (field === 0x18) this.seq = this.#whole(end)
      else this.#other(field, end, 3)
    }
  }

  isHistorical(row: number): boolean {
    return ((this.#flags[row] ?? 0) & historical) !== 0
  }

  isNull(row: number): boolean {
    return ((this.#flags[row] ?? 0) & missing) !== 0
  }

  typeOf(row: number): DataType | undefined {
    const type = this.#type[row] ?? noType
    return type === noType ? undefined : (dataTypes[type] ?? "Unknown")
  }

  /** One row as an object that is filled. */
  metric(row: number, into: DataMetric): DataMetric {
    into.name = this.names[row]
    into.alias = this.alias[row] ?? Number.NaN
    into.at = this.at[row] ?? Number.NaN
    into.type = this.typeOf(row)
    into.isHistorical = this.isHistorical(row)
    into.isNull = this.isNull(row)
    into.properties = this.properties.get(row)
    into.kind = wireKinds[this.kind[row] ?? 0] as WireKind
    into.raw = this.raw[row] ?? Number.NaN
    into.text = this.texts[row]
    return into
  }

  #begin(bytes: Uint8Array, where: string): void {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#where = where
    this.#p = 0
    this.timestamp = Number.NaN
    this.seq = Number.NaN
    this.length = 0
    this.faults = 0
    this.problem = undefined
    this.names.length = 0
    this.texts.length = 0
    if (this.properties.size > 0) this.properties.clear()
  }

  /** A fault within one metric spoils no other. */
  #metric(end: number): void {
    const row = this.length
    if (row === this.kind.length) this.#grow()
    this.alias[row] = Number.NaN
    this.at[row] = Number.NaN
    this.#type[row] = noType
    this.#flags[row] = 0
    this.kind[row] = kindNone
    this.raw[row] = Number.NaN
    try {
      while (this.#p < end) this.#field(row, end)
      this.length++
    } catch (thrown) {
      if (!(thrown instanceof Problem)) throw thrown
      this.faults++
      this.problem ??= thrown
      if (this.names.length > row) this.names.length = row
      if (this.texts.length > row) this.texts.length = row
      this.properties.delete(row)
    }
    this.#p = end
  }

  #field(row: number, end: number): void {
    const field = this.#key(end)
    switch (field) {
      case key.alias:
        this.alias[row] = this.#whole(end)
        return
      case key.at:
        this.at[row] = this.#whole(end)
        return
      case key.double:
        this.raw[row] = this.#view.getFloat64(this.#pass(8, end), true)
        this.kind[row] = kindReal
        return
      case key.float:
        this.raw[row] = this.#view.getFloat32(this.#pass(4, end), true)
        this.kind[row] = kindReal
        return
      case key.int:
        this.raw[row] = this.#varint(end)
        this.kind[row] = kindWhole
        return
      case key.long: {
        const low = this.#varint(end)
        this.raw[row] = (this.#high | 0) * two32 + low
        this.kind[row] = kindWhole
        return
      }
      case key.boolean:
        this.raw[row] = this.#whole(end) === 0 ? 0 : 1
        this.kind[row] = kindBoolean
        return
      default:
        this.#rare(field, row, end)
    }
  }

  #rare(field: number, row: number, end: number): void {
    switch (field) {
      case key.name:
        this.names[row] = this.#text(end)
        return
      case key.type: {
        const type = this.#varint(end)
        this.#type[row] = type < dataTypes.length ? type : 0
        return
      }
      case key.historical:
        this.#flag(row, historical, this.#whole(end) !== 0)
        return
      case key.isNull:
        this.#flag(row, missing, this.#whole(end) !== 0)
        return
      case key.text:
        this.texts[row] = this.#text(end)
        this.kind[row] = kindText
        return
      case key.properties: {
        const stop = this.#stop(end)
        const inner = new Reader(this.#bytes.subarray(this.#p, stop), this.#where)
        this.properties.set(row, readProperties(inner))
        this.#p = stop
        return
      }
      default:
        this.#other(field, end, 15)
        if (isStructure(field >>> 3)) this.kind[row] = kindOther
    }
  }

  #flag(row: number, flag: number, isSet: boolean): void {
    const flags = this.#flags[row] ?? 0
    this.#flags[row] = isSet ? flags | flag : flags & ~flag
  }

  /** Passes over a field; the known ones, up to `last`, must not come here with a wire type of their own. */
  #other(field: number, end: number, last: number): void {
    const [number, wire] = [field >>> 3, field & 7]
    if (number === 0) throw this.#wrong("a field without number")
    const isPassedOver = number > last || (last === 15 ? number === 6 || number === 8 : false)
    if (!isPassedOver) throw this.#wrong(`wire type ${wire} at byte ${this.#p}`)
    if (wire === 0) this.#varint(end)
    else if (wire === 1) this.#pass(8, end)
    else if (wire === 5) this.#pass(4, end)
    else if (wire === 2) this.#p = this.#stop(end)
    else throw this.#wrong(`wire type ${wire} at byte ${this.#p}`)
  }

  #key(end: number): number {
    const byte = this.#bytes[this.#p] ?? 0
    if (byte < 0x80) {
      this.#p++
      return byte
    }
    const field = this.#varint(end)
    if (this.#high !== 0) throw this.#wrong("a field without number")
    return field
  }

  /** Without sign; beyond 2^53 rounded. */
  #whole(end: number): number {
    const low = this.#varint(end)
    return this.#high * two32 + low
  }

  /** Where the field of a length ends. */
  #stop(end: number): number {
    const length = this.#varint(end)
    const stop = this.#p + length
    if (this.#high !== 0 || stop > end) throw this.#wrong(`a cut field at byte ${this.#p}`)
    return stop
  }

  #pass(length: number, end: number): number {
    const at = this.#p
    if (at + length > end) throw this.#wrong(`a cut field at byte ${at}`)
    this.#p = at + length
    return at
  }

  #text(end: number): string {
    const stop = this.#stop(end)
    const text = textIn(this.#bytes.subarray(this.#p, stop))
    if (text === undefined) throw this.#wrong("a text that is not UTF-8")
    this.#p = stop
    return text
  }

  /** The low half; the high one stays in `#high`. */
  #varint(end: number): number {
    const bytes = this.#bytes
    let p = this.#p
    let low = 0
    let high = 0
    for (let shift = 0; shift < 70; shift += 7) {
      if (p >= end) break
      const byte = bytes[p++] ?? 0
      const bits = byte & 0x7f
      if (shift < 28) low |= bits << shift
      else if (shift === 28) {
        low |= bits << 28
        high |= bits >>> 4
      } else high |= shift < 63 ? bits << (shift - 32) : (bits & 1) << 31
      if (byte < 0x80) {
        this.#p = p
        this.#high = high >>> 0
        return low >>> 0
      }
    }
    throw this.#wrong(p >= end ? `a cut field at byte ${p}` : `an endless number at byte ${p}`)
  }

  #wrong(got: string): Problem {
    return wrongPayload(got, this.#where)
  }

  #grow(): void {
    const size = this.kind.length * 2
    this.alias = grown(this.alias, new Float64Array(size))
    this.at = grown(this.at, new Float64Array(size))
    this.kind = grown(this.kind, new Uint8Array(size))
    this.raw = grown(this.raw, new Float64Array(size))
    this.#type = grown(this.#type, new Uint8Array(size))
    this.#flags = grown(this.#flags, new Uint8Array(size))
  }
}
