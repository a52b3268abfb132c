import { decodeText } from "../../codec/csv.ts"
import { type JsonPath, parseJsonPath, pickJson } from "../../codec/json-path.ts"
import { readTime } from "../../codec/recording-time.ts"
import type { Instant } from "../../model/instant.ts"
import { Problem, type ProblemCode } from "../../model/problem.ts"
import type { TagId } from "../../model/tag.ts"
import type { Point } from "../connector.ts"
import { type DocumentPart, DocumentParts } from "../document-parts.ts"
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
  readonly #parts: DocumentParts
  /** Times of the newest entries of a list that is asked for again and again, by point. */
  readonly #newest = new Map<TagId, Instant>()

  /** Throws `option-invalid`. */
  constructor(points: readonly Point[], options: HttpOptions, where = "http") {
    this.#parts = new DocumentParts(options, where)
    this.#points = points.map((point) => ({ point, path: parseJsonPath(point.address) }))
    this.#time = options.time === undefined ? undefined : parseJsonPath(options.time)
    this.#options = options
  }

  /** All points of a document that was asked for; what it has not is said to be unknown. */
  readAll(document: unknown, into: LiveRows): void {
    const { isList } = this.#parts
    const isNew = ({ id }: Point, at: Instant | undefined) => {
      if (!isList || at === undefined) return true
      if (at <= (this.#newest.get(id) ?? Number.NEGATIVE_INFINITY)) return false
      if (!Number.isNaN(at)) this.#newest.set(id, at)
      return true
    }
    const lacks = (point: Point) => isList || into.unknown(point, "nothing in the document")
    this.#read(document, into, { lacks, isNew, noList: "protocol-error" })
  }

  /** The points that a document happens to hold, as machines send them. */
  readSome(document: unknown, into: LiveRows): void {
    this.#read(document, into, { lacks: () => {}, isNew: () => true, noList: "request-invalid" })
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

  #read(document: unknown, into: LiveRows, ask: Ask): void {
    const parts = this.#parts.of(document)
    const where = this.#options.each ?? "document"
    if (!parts) throw new Problem(ask.noList, where, "got no list, expected one")
    for (const part of parts) this.#readPart(part, into, ask)
  }

  #readPart({ root, timed }: DocumentPart, into: LiveRows, { lacks, isNew }: Ask): void {
    const at = this.timeOf(timed)
    for (const { point, path } of this.#points) {
      const given = path && pickJson(root, path)
      if (!path) into.unknown(point, "no path such as values.temp[0]")
      else if (given === undefined) lacks(point)
      else if (isNew(point, at)) into.add(point, given, at === undefined ? {} : { at })
    }
  }
}

interface Ask {
  readonly lacks: (point: Point) => void
  readonly noList: ProblemCode
  /** False for an entry that was read before. */
  readonly isNew: (point: Point, at: Instant | undefined) => boolean
}
