import { Problem } from "../../model/problem.ts"
import { quality } from "../../model/quality.ts"
import type { Host, Point } from "../connector.ts"
import type { Line } from "../line/line.ts"
import type { LiveRows } from "../live-rows.ts"
import { halves, planSpans, type Span } from "../spans.ts"
import type { Dialect, Refusal } from "./dialect.ts"
import { givenIn, type Place } from "./place.ts"

interface Item {
  readonly point: Point
  readonly place: Place
}

export interface ReaderParts<Request, Answer> {
  readonly line: Line<Request, Answer>
  readonly host: Host
  readonly dialect: Dialect<Request, Answer>
  readonly points: readonly Point[]
}

/** Reads points by as few requests as may be, and learns what the PLC refuses. */
export class Reader<Request, Answer> {
  readonly #parts: ReaderParts<Request, Answer>
  #spans: readonly Span<Item>[]
  #wrong: { readonly point: Point; readonly because: string }[] = []

  constructor(parts: ReaderParts<Request, Answer>) {
    this.#parts = parts
    const { dialect, points } = parts
    const items: Item[] = []
    for (const point of points) {
      const place = dialect.parse(point.address)
      if (typeof place === "string") this.#wrong.push({ point, because: place })
      else items.push({ point, place })
    }
    this.#spans = planSpans(items, () => dialect.limits)
  }

  /** Throws when the line is lost; what is refused spoils the points concerned. What the PLC has not is not asked for again. */
  async read(rows: LiveRows, signal: AbortSignal): Promise<void> {
    for (const { point, because } of this.#wrong) rows.unknown(point, because)
    this.#wrong = []
    const toRead = [...this.#spans]
    const kept: Span<Item>[] = []
    for (let span = toRead.shift(); span; span = toRead.shift()) {
      const refusal = await this.#readSpan(span, rows, signal)
      if (refusal?.isLasting && span.items.length > 1) toRead.unshift(...halves(span))
      else if (refusal) this.#refused(span, refusal, rows)
      if (!refusal?.isLasting) kept.push(span)
    }
    this.#spans = kept
  }

  async #readSpan(
    span: Span<Item>,
    rows: LiveRows,
    signal: AbortSignal,
  ): Promise<Refusal | undefined> {
    const { line, dialect, host } = this.#parts
    const { start, length, items } = span
    const request = dialect.readRequest(items[0].place.group, start, length)
    const answer = await line.ask(request, { signal })
    const refusal = dialect.refusalIn(answer)
    if (refusal) return refusal
    const bytes = dialect.bytesIn(answer)
    if (bytes.length < 2 * length) {
      const what = `got ${bytes.length} bytes, expected ${2 * length}`
      throw new Problem("protocol-error", host.name, what)
    }
    for (const item of items) this.#add(item, bytes.subarray(2 * (item.place.start - start)), rows)
    return undefined
  }

  #refused({ items }: Span<Item>, { words, isLasting }: Refusal, rows: LiveRows): void {
    for (const { point } of items)
      if (isLasting) rows.unknown(point, words)
      else rows.bad(point, quality.bad, this.#unreadable(point, words))
  }

  #add({ point, place }: Item, bytes: Uint8Array, rows: LiveRows): void {
    const own = bytes.slice(0, 2 * place.length)
    const given = givenIn(own, place.content, point.tag.kind)
    if (given) rows.add(point, given.value, { said: given.said })
    else {
      const got = `hexadecimal ${Buffer.from(own).toString("hex").slice(0, 40)}`
      rows.bad(point, quality.badRefused, this.#unreadable(point, got, place.content.type))
    }
  }

  #unreadable(point: Point, got: string, expected = "value"): Problem {
    const where = `${this.#parts.host.name} ${point.tag.path}`
    const what = `got ${got} for ${point.address}, expected a ${expected}`
    return new Problem("value-refused", where, what)
  }
}
