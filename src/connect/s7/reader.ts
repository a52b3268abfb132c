import { type ItemResult, itemWords } from "../../codec/s7-frame.ts"
import { decodeS7 } from "../../codec/s7-value.ts"
import { parseDuration } from "../../kernel/tag-file.ts"
import type { Instant } from "../../model/instant.ts"
import { Problem } from "../../model/problem.ts"
import { quality } from "../../model/quality.ts"
import type { Host, Point } from "../connector.ts"
import type { LiveRows } from "../live-rows.ts"
import { halves, planSpans, type Span, spanOf } from "../spans.ts"
import { givenOf } from "../stored.ts"
import { type Place, parseAddress } from "./address.ts"
import type { S7Options } from "./options.ts"
import type { Session } from "./session.ts"

interface Item {
  readonly point: Point
  readonly place: Place
}

interface Plan {
  readonly spans: Span<Item>[]
  /** What the controller refused, and when it is asked for again. */
  readonly refused: { readonly item: Item; readonly retryAt: Instant }[]
}

export interface ReaderParts {
  readonly session: Session
  readonly host: Host
  readonly options: S7Options
  readonly points: readonly Point[]
}

/** Heads of the message, of its parameter and of each item, in request and answer. */
const [head, itemHead, resultHead] = [14, 12, 4]
/** Most items that every controller takes in one request. */
const mostItems = 20
/** Bytes that nobody asked for and that cost less than another item. */
const gap = 16

/** Reads points by as few requests as may be, and learns what the controller refuses. */
export class Reader {
  readonly #parts: ReaderParts
  #plan: Plan
  #wrong: readonly { point: Point; because: string }[]

  constructor(parts: ReaderParts) {
    this.#parts = parts
    const parsed = parts.points.map((point) => ({ point, place: parseAddress(point.address) }))
    this.#wrong = parsed.flatMap(({ point, place: because }) =>
      typeof because === "string" ? [{ point, because }] : [],
    )
    const most = longestRange(parts.session)
    const items = parsed.flatMap(({ point, place }) =>
      typeof place === "string" ? [] : [{ point, place }],
    )
    this.#plan = { spans: planSpans(items, () => ({ most, gap })), refused: [] }
  }

  /** Throws when the line is lost; anything less spoils the points concerned. */
  async read(rows: LiveRows, signal: AbortSignal): Promise<void> {
    for (const { point, because } of this.#wrong) rows.unknown(point, because)
    this.#wrong = []
    const { session, host } = this.#parts
    const now = host.clock.now()
    const { spans, refused } = this.#plan
    const plan: Plan = { spans: [], refused: refused.filter(({ retryAt }) => retryAt > now) }
    const again = refused.filter(({ retryAt }) => retryAt <= now)
    let toRead = [...spans, ...again.map(({ item }) => spanOf([item]))]
    while (toRead.length > 0) {
      const count = fitting(toRead, session)
      const some = toRead.slice(0, count)
      const results = await session.read(some.map(rangeOf), signal)
      const parts = some.flatMap((span, i) => this.#take(span, results[i], { plan, rows }))
      toRead = [...parts, ...toRead.slice(count)]
    }
    this.#plan = plan
  }

  /** Gives what is to be read instead: both halves of what was refused, until only what the controller really has not is left alone. */
  #take(
    span: Span<Item>,
    result: ItemResult | undefined,
    { plan, rows }: { plan: Plan; rows: LiveRows },
  ): readonly Span<Item>[] {
    if (!result) return []
    if ("bytes" in result) {
      for (const item of span.items)
        this.#add(item, result.bytes.subarray(item.place.start - span.start), rows)
      plan.spans.push(span)
      return []
    }
    if (span.items.length > 1) return halves(span)
    const [item] = span.items
    const { host, options } = this.#parts
    const retryAt = host.clock.now() + parseDuration(options["retry-refused"])
    rows.unknown(item.point, itemWords(result.code))
    plan.refused.push({ item, retryAt })
    return []
  }

  #add({ point, place }: Item, from: Uint8Array, rows: LiveRows): void {
    const { type, bit, scale, length } = place
    const stored = decodeS7(from.subarray(0, length), type)
    if (bit !== undefined) rows.add(point, ((Number(stored) >> bit) & 1) === 1)
    else if (stored !== undefined) {
      const { value, said } = givenOf(stored, { scale, kind: point.tag.kind })
      rows.add(point, value, { said })
    } else {
      const where = `${this.#parts.host.name} ${point.tag.path}`
      const what = `got a length of ${from[1]} characters for ${point.address}, expected at most ${length - 2}`
      rows.bad(point, quality.badRefused, new Problem("value-refused", where, what))
    }
  }
}

function rangeOf({ start, length, items: [{ place }] }: Span<Item>) {
  return { area: place.area, db: place.db, start, length }
}

function longestRange({ longest }: Session): number {
  return longest - head - resultHead
}

/** How many of the spans one request and its answer hold; at least one. */
function fitting(spans: readonly Span<Item>[], { longest }: Session): number {
  let [asked, answered, count] = [head, head, 0]
  for (const { length } of spans) {
    asked += itemHead
    answered += resultHead + length + (length & 1)
    if (count === mostItems || asked > longest || answered > longest) break
    count++
  }
  return Math.max(1, count)
}
