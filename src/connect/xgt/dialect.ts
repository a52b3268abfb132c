import {
  isUnknownVariable,
  readBytes,
  readXgtAnswer,
  writeBit,
  writeBytes,
  type XgtAnswer,
  type XgtRequest,
  type XgtRoute,
  xgtErrorWords,
  xgtFrame,
} from "../../codec/xgt.ts"
import type { Value } from "../../model/tag.ts"
import { type Framing, Line, type LineParts } from "../line/line.ts"
import type { Dialect, Refusal } from "../memory/dialect.ts"
import { bytesFor, flagOf, type Place } from "../memory/place.ts"
import type { SpanLimits } from "../spans.ts"
import { parseAddress } from "./address.ts"
import type { XgtOptions } from "./options.ts"

/** Values are read in a row, which the protocol allows for bytes only: `%DB200` is the lower byte of `%DW100`. */
export class XgtDialect implements Dialect<XgtRequest, XgtAnswer> {
  readonly limits: SpanLimits
  readonly greeting = readBytes("%MB0", 2)
  readonly #route: XgtRoute

  constructor(options: XgtOptions) {
    const { cpu, base, slot } = options
    this.#route = { cpu, base, slot }
    this.limits = { most: options["max-words"], gap: options["max-gap"] }
  }

  readonly parse = parseAddress

  line(parts: Omit<LineParts<XgtRequest, XgtAnswer>, "framing">) {
    return new Line({ ...parts, framing: new XgtFraming(this.#route) })
  }

  readRequest(group: string, start: number, words: number): XgtRequest {
    return readBytes(`${group}B${start * 2}`, words * 2)
  }

  writeRequest(place: Place, value: Value): XgtRequest | string {
    const { group, start } = place
    const { bit, type } = place.content
    if (bit !== undefined) {
      const on = flagOf(value)
      if (on === undefined) return `${value}, expected true or false`
      return writeBit(`${group}X${start * 16 + bit}`, on)
    }
    const bytes = bytesFor(value, place)
    if (!bytes) return `${value}, expected what ${type} holds in steps of its scale`
    return writeBytes(`${group}B${start * 2}`, bytes)
  }

  refusalIn(answer: XgtAnswer): Refusal | undefined {
    if (answer.kind !== "refused") return undefined
    return { words: xgtErrorWords(answer.code), isLasting: isUnknownVariable(answer.code) }
  }

  bytesIn(answer: XgtAnswer): Uint8Array {
    return (answer.kind === "read" ? answer.blocks[0] : undefined) ?? new Uint8Array(0)
  }
}

class XgtFraming implements Framing<XgtRequest, XgtAnswer> {
  readonly #route: XgtRoute
  #invoke = 0
  #arrived: Uint8Array = new Uint8Array(0)

  constructor(route: XgtRoute) {
    this.#route = route
  }

  begin(request: XgtRequest): Uint8Array {
    this.#invoke = (this.#invoke + 1) & 0xffff
    return xgtFrame(request, this.#route, this.#invoke)
  }

  take(arrived: Uint8Array): XgtAnswer | undefined {
    this.#arrived = Buffer.concat([this.#arrived, arrived])
    for (;;) {
      const read = readXgtAnswer(this.#arrived)
      if (read === "wait") return undefined
      if (read === "rubbish") throw new Error("got bytes that are no XGT frame")
      this.#arrived = read.rest
      if (read.invoke === this.#invoke) return read.content
    }
  }
}
