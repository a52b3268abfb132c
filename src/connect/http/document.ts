import { decodeText } from "../../codec/csv.ts"
import { type JsonPath, parseJsonPath, pickJson } from "../../codec/json-path.ts"
import { readTime } from "../../codec/recording-time.ts"
import type { Instant } from "../../model/instant.ts"
import { Problem } from "../../model/problem.ts"
import type { Point } from "../connector.ts"
import type { LiveRows } from "../live-rows.ts"
import { shown } from "../values.ts"
import type { HttpOptions } from "./options.ts"

/** Throws `protocol-error` for what is no JSON. */
export function parseDocument(body: Uint8Array, where: string): unknown {
  const text = decodeText(body)
  try {
    return JSON.parse(text.replace(/^\ufeff/, ""))
  } catch {
    throw new Problem("protocol-error", where, `got ${shown(text)}, expected a JSON document`)
  }
}

/** Where each point and the time stand in a document. */
export class Places {
  readonly #points: readonly { readonly point: Point; readonly path: JsonPath | undefined }[]
  readonly #time: JsonPath | undefined
  readonly #options: HttpOptions

  constructor(points: readonly Point[], options: HttpOptions) {
    this.#points = points.map((point) => ({ point, path: parseJsonPath(point.address) }))
    this.#time = options.time === undefined ? undefined : parseJsonPath(options.time)
    this.#options = options
  }

  /** All points of a document that was asked for; what it has not is said to be unknown. */
  readAll(document: unknown, into: LiveRows): void {
    this.#read(document, into, (point, because) => into.unknown(point, because))
  }

  /** The points that a document happens to hold, as machines send them. */
  readSome(document: unknown, into: LiveRows): void {
    this.#read(document, into, () => {})
  }

  /** The document's own time; NaN where it cannot be read, undefined where none is asked for. */
  timeOf(document: unknown): Instant | undefined {
    if (!this.#time) return undefined
    const given = pickJson(document, this.#time)
    const { "time-form": form, zone } = this.#options
    if (form === "text")
      return typeof given === "string" ? (readTime(given, zone) ?? Number.NaN) : Number.NaN
    return typeof given === "number" ? given * (form === "s" ? 1000 : 1) : Number.NaN
  }

  #read(document: unknown, into: LiveRows, lacks: (point: Point, because: string) => void): void {
    const at = this.timeOf(document)
    for (const { point, path } of this.#points) {
      const given = path && pickJson(document, path)
      if (!path) into.unknown(point, "no path such as values.temp[0]")
      else if (given === undefined) lacks(point, "nothing in the document")
      else into.add(point, given, at === undefined ? {} : { at })
    }
  }
}
