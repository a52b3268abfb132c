import { type JsonPath, parseJsonPath, pickJson } from "../../codec/json-path.ts"
import { isTooLong } from "../../codec/number.ts"
import { Problem } from "../../model/problem.ts"
import { type Quality, quality } from "../../model/quality.ts"
import { covers } from "../bus/filter.ts"
import type { BusMessage } from "../bus.ts"
import type { Host, Point } from "../connector.ts"
import { DocumentParts } from "../document-parts.ts"
import type { LiveRows } from "../live-rows.ts"
import { shown } from "../values.ts"
import { parseAddress } from "./address.ts"
import type { MqttOptions } from "./options.ts"
import { TopicPattern } from "./pattern.ts"
import { meaningOf, type Payload, readPayload, timeIn } from "./payload.ts"

interface Told {
  readonly point: Point
  readonly path: JsonPath | undefined
  /** Messages of the topic that had nothing for the point, as long as none had; then undefined. */
  misses: number | undefined
}

/** What is read at once, and the document that its time is in. */
interface Part {
  readonly read: Payload
  readonly timed: unknown
}

/** A machine may tell its values in parts; after so many messages without a point it is taken for missing. */
const patience = 10
const longestText = 1000

/** The points of a device by the topics that tell them, and what a message says of them. */
export class Topics {
  readonly #options: MqttOptions
  readonly #host: Host
  readonly #time: { path: JsonPath; form: "iso" | "s" | "ms" } | undefined
  readonly #parts: DocumentParts
  readonly #pattern: TopicPattern | undefined
  readonly #told = new Map<string, Told[]>()
  readonly #wrong: { point: Point; because: string }[] = []

  /** Throws `option-invalid`. */
  constructor(points: readonly Point[], options: MqttOptions, host: Host) {
    this.#options = options
    this.#host = host
    this.#time = timeOf(options, host)
    this.#parts = new DocumentParts(options, host.name)
    this.#pattern = options.pattern === undefined ? undefined : new TopicPattern(options.pattern)
    for (const point of points) {
      const address = parseAddress(point.address)
      if (typeof address === "string") this.#wrong.push({ point, because: address })
      else {
        const { topic, path } = address
        const told = this.#told.get(topic) ?? []
        this.#told.set(topic, told)
        told.push({ point, path, misses: 0 })
      }
    }
  }

  /** What is to be followed: no filter lies within another, so that no message comes twice. */
  get filters(): readonly string[] {
    const own = this.#pattern ? [this.#pattern.filter] : this.#told.keys()
    const all = [...new Set([...(this.#options.topics ?? []), ...own])]
    return all.filter((one) => !all.some((other) => other !== one && covers(other, one)))
  }

  has(topic: string): boolean {
    return this.#toldBy(topic) !== undefined
  }

  /** What stands for a topic in the addresses of points. */
  addressOf(topic: string): string {
    return this.#pattern?.nameOf(topic) ?? topic
  }

  /** The documents that one is taken apart into. */
  rootsOf(document: unknown): readonly unknown[] {
    return this.#parts.of(document)?.map(({ root }) => root) ?? [document]
  }

  /** Says which points have addresses that cannot be read. */
  complain(rows: LiveRows): void {
    for (const { point, because } of this.#wrong) rows.unknown(point, because)
  }

  add(message: BusMessage, rows: LiveRows): void {
    const told = this.#toldBy(message.topic)
    if (!told) return
    const read = this.#read(message, told)
    const parts = typeof read === "string" ? read : this.#partsOf(read)
    if (typeof parts === "string") {
      const what = `got ${parts}`
      rows.refuse(new Problem("value-refused", `${this.#host.name} ${message.topic}`, what))
      for (const { point } of told) rows.bad(point, quality.badRefused)
      return
    }
    for (const { read, timed } of parts) {
      const at = this.#timeOf(timed, message)
      for (const one of told) this.#addOne(one, { read, at, rows })
    }
  }

  /** The points of a topic: by the topic itself, or by what the pattern makes of it. */
  #toldBy(topic: string): Told[] | undefined {
    const told = this.#told.get(topic)
    if (told || !this.#pattern) return told
    const name = this.#pattern.nameOf(topic)
    return name === undefined ? undefined : this.#told.get(name)
  }

  /** What is read one by one, with where its time is; or in words why there is nothing. */
  #partsOf(read: Payload): readonly Part[] | string {
    if (!read.document || !this.#parts.isList) return [{ read, timed: read.document?.root }]
    const parts = this.#parts.of(read.document.root)
    if (!parts) return `no list at ${this.#options.each}`
    return parts.map(({ root, timed }) => ({
      read: { text: JSON.stringify(root), document: { root } },
      timed,
    }))
  }

  /** The payload, or in words why it is none that can be read. */
  #read({ payload }: BusMessage, told: readonly Told[]): Payload | string {
    const most = this.#options["max-payload"]
    if (payload.length > most) return `${payload.length} bytes, expected at most ${most}`
    const read = readPayload(payload)
    if (!read) return "bytes that are no text, expected UTF-8"
    const wantsJson = this.#options.format === "json" || told.some((t) => t.path)
    if (wantsJson && read.text !== "" && !read.document)
      return `${shown(read.text)}, which is no JSON`
    return read
  }

  #addOne(told: Told, from: { read: Payload; at: number | undefined; rows: LiveRows }): void {
    const { point, path } = told
    const { read, at, rows } = from
    const given = read.text === "" ? null : this.#given(read, path)
    if (given === undefined) {
      if (this.#parts.isList) return
      if (told.misses !== undefined && ++told.misses === patience)
        rows.unknown(point, `${patience} messages without a value`)
      return
    }
    told.misses = undefined
    if (typeof given === "string" && given.length > longestText) {
      const what = `got a text of ${given.length} characters, expected at most ${longestText}`
      const where = `${this.#host.name} ${point.tag.path}`
      rows.bad(point, quality.badRefused, new Problem("value-refused", where, what))
      return
    }
    const value = typeof given === "string" ? meaningOf(given, point.tag) : given
    const isRounded = typeof value === "number" && typeof given === "string" && isTooLong(given)
    const said: Quality = isRounded ? quality.uncertain : quality.good
    rows.add(point, value, { said, ...(at !== undefined && { at }) })
  }

  /** Undefined where the message says nothing of the place. */
  #given({ text, document }: Payload, path: JsonPath | undefined): unknown {
    if (path) return document && pickJson(document.root, path)
    const isText = this.#options.format === "text" || typeof document?.root === "object"
    return document && !isText ? document.root : text
  }

  /** NaN where nobody knows it: the document should have one and has not, or the message was kept by the broker. */
  #timeOf(timed: unknown, { retained }: BusMessage): number | undefined {
    if (this.#time && typeof timed === "object") return timeIn(timed, this.#time)
    return retained ? Number.NaN : undefined
  }
}

function timeOf({ time, "time-form": form }: MqttOptions, { name }: Host) {
  if (time === undefined) return undefined
  const path = parseJsonPath(time)
  if (path) return { path, form }
  const what = `option "time": got ${shown(time)}, expected a place such as ts or meta.time`
  throw new Problem("option-invalid", name, what)
}
