import {
  endCodeWords,
  isUnknownDevice,
  readSlmpAnswer,
  readWords,
  type SlmpAnswer,
  type SlmpRequest,
  type SlmpRoute,
  slmpDevices,
  slmpFrame,
  writeBits,
  writeWords,
} from "../../codec/slmp.ts"
import { parseDuration } from "../../kernel/tag-file.ts"
import type { Value } from "../../model/tag.ts"
import { type Framing, Line, type LineParts } from "../line/line.ts"
import type { Dialect, Refusal } from "../memory/dialect.ts"
import { bytesFor, flagOf, type Place } from "../memory/place.ts"
import type { SpanLimits } from "../spans.ts"
import { parseAddress } from "./address.ts"
import type { SlmpOptions } from "./options.ts"

export class SlmpDialect implements Dialect<SlmpRequest, SlmpAnswer> {
  readonly limits: SpanLimits
  readonly greeting = readWords(deviceOf("SD").code, 0, 1)
  readonly #route: SlmpRoute

  constructor(options: SlmpOptions) {
    const { frame, network, pc, io, station } = options
    // The PLC gives up before the device does.
    const timer = Math.max(1, Math.floor(parseDuration(options.timeout) / 250) - 1)
    this.#route = { frame, network, pc, io, station, timer }
    this.limits = { most: options["max-words"], gap: options["max-gap"] }
  }

  readonly parse = parseAddress

  line(parts: Omit<LineParts<SlmpRequest, SlmpAnswer>, "framing">) {
    return new Line({ ...parts, framing: new SlmpFraming(this.#route) })
  }

  readRequest(group: string, start: number, words: number): SlmpRequest {
    const { code, isBit } = deviceOf(group)
    return readWords(code, isBit ? start * 16 : start, words)
  }

  writeRequest(place: Place, value: Value): SlmpRequest | string {
    const { group, start, content } = place
    const { code, isBit } = deviceOf(group)
    if (content.bit !== undefined) {
      if (!isBit) return "a bit of a word, which SLMP cannot write alone"
      const on = flagOf(value)
      if (on === undefined) return `${value}, expected true or false`
      return writeBits(code, start * 16 + content.bit, [on])
    }
    const bytes = bytesFor(value, place)
    if (!bytes) return `${value}, expected what ${content.type} holds in steps of its scale`
    return writeWords(code, isBit ? start * 16 : start, bytes)
  }

  refusalIn({ endCode }: SlmpAnswer): Refusal | undefined {
    if (endCode === 0) return undefined
    return { words: endCodeWords(endCode), isLasting: isUnknownDevice(endCode) }
  }

  bytesIn({ data }: SlmpAnswer): Uint8Array {
    return data
  }
}

function deviceOf(group: string) {
  const device = slmpDevices[group]
  if (!device) throw new Error(`no device ${group}`)
  return device
}

class SlmpFraming implements Framing<SlmpRequest, SlmpAnswer> {
  readonly #route: SlmpRoute
  #serial = 0
  #arrived: Uint8Array = new Uint8Array(0)

  constructor(route: SlmpRoute) {
    this.#route = route
  }

  begin(request: SlmpRequest): Uint8Array {
    this.#serial = (this.#serial + 1) & 0xffff
    return slmpFrame(request, this.#route, this.#serial)
  }

  /** An answer of a 3E frame does not say to which request. */
  lateFrom(): string | undefined {
    return this.#route.frame === "3E" ? "the PLC" : undefined
  }

  take(arrived: Uint8Array): SlmpAnswer | undefined {
    this.#arrived = Buffer.concat([this.#arrived, arrived])
    for (;;) {
      const read = readSlmpAnswer(this.#arrived, this.#route.frame)
      if (read === "wait") return undefined
      if (read === "rubbish") throw new Error(`got bytes that are no ${this.#route.frame} frame`)
      this.#arrived = read.rest
      if (this.#route.frame === "3E" || read.serial === this.#serial) return read.content
    }
  }
}
