import { exceptionWords, isBitTable, type Request, readRequest } from "../../codec/modbus-frame.ts"
import { backOffMs } from "../../kernel/retry.ts"
import { parseDuration } from "../../kernel/tag-file.ts"
import type { Instant } from "../../model/instant.ts"
import { Problem } from "../../model/problem.ts"
import { quality } from "../../model/quality.ts"
import type { Host, Point } from "../connector.ts"
import type { LiveRows } from "../live-rows.ts"
import { halves, planSpans, type Span, type SpanLimits, spanOf } from "../spans.ts"
import { type Place, parseAddress } from "./address.ts"
import type { UnitRequest } from "./framing.ts"
import type { ModbusLine } from "./open.ts"
import type { ModbusOptions } from "./options.ts"
import { givenIn } from "./values.ts"

interface Item {
  readonly point: Point
  readonly place: Place
}

/** One device, alone on its line or behind a gateway. */
interface Unit {
  readonly id: number
  plan: Plan
  /** Requests in vain since it answered last. */
  failures: number
  awayUntil: Instant
  lastAt: Instant | undefined
}

interface Plan {
  readonly spans: Span<Item>[]
  /** What the device refused, and when it is asked for again. */
  readonly refused: { readonly item: Item; readonly retryAt: Instant }[]
}

/** What is learned in one reading, and where its rows go. */
interface Reading {
  readonly unit: Unit
  readonly plan: Plan
  readonly rows: LiveRows
  readonly signal: AbortSignal
}

export interface ReaderParts {
  readonly line: ModbusLine
  readonly host: Host
  readonly options: ModbusOptions
  readonly points: readonly Point[]
}

/** A silent unit is asked again after so long, so that it does not hold up the others of its line. */
const unitBackOff = { firstMs: 2000, factor: 2, longestMs: 60_000 }

/** Reads points by as few requests as may be, and learns what the devices refuse. */
export class Reader {
  readonly #parts: ReaderParts
  readonly #units: Unit[]
  #wrong: readonly { point: Point; because: string }[]

  constructor(parts: ReaderParts) {
    this.#parts = parts
    const { options, points } = parts
    const parsed = points.map((point) => ({
      point,
      place: parseAddress(point.address, options.unit),
    }))
    this.#wrong = parsed.flatMap(({ point, place: because }) =>
      typeof because === "string" ? [{ point, because }] : [],
    )
    const items = parsed.flatMap(({ point, place }) =>
      typeof place === "string" ? [] : [{ point, place }],
    )
    const spans = planSpans(items, ({ place }) => limitsOf(place, options))
    const units = Map.groupBy(spans, ({ items: [{ place }] }) => place.unit)
    this.#units = [...units].map(([id, own]) => unitOf(id, own))
  }

  /** Throws when no unit answers, or the line is lost; anything less spoils the points concerned. */
  async read(rows: LiveRows, signal: AbortSignal): Promise<void> {
    for (const { point, because } of this.#wrong) rows.unknown(point, because)
    this.#wrong = []
    let silence: unknown
    for (const unit of this.#units.toSorted((a, b) => a.failures - b.failures)) {
      if (signal.aborted) return
      if (unit.awayUntil > this.#now) continue
      // Who answers shall not wait for who probably won't.
      if (unit.failures > 0) await rows.deliver()
      try {
        await this.#readUnit(unit, rows, signal)
      } catch (thrown) {
        if (signal.aborted) return
        this.#lose(unit, thrown, rows)
        silence = thrown
      }
    }
    if (silence !== undefined && this.#units.every(({ failures }) => failures > 0)) throw silence
  }

  /** A request to each unit, whose answer, whatever it says, shows that it is there. */
  get greetings(): readonly UnitRequest[] {
    return this.#units.flatMap(
      ({
        id,
        plan: {
          spans: [first],
        },
      }) => (first ? [{ unit: id, request: requestFor(first) }] : []),
    )
  }

  get #now(): Instant {
    return this.#parts.host.clock.now()
  }

  /** A span that is refused is replaced by its halves, until only what the device really has not is left alone. */
  async #readUnit(unit: Unit, rows: LiveRows, signal: AbortSignal): Promise<void> {
    const now = this.#now
    const { spans, refused } = unit.plan
    const again = refused.filter(({ retryAt }) => retryAt <= now)
    const plan = { spans: [], refused: refused.filter(({ retryAt }) => retryAt > now) }
    const toRead = [...spans, ...again.map(({ item }) => spanOf([item]))]
    for (let span = toRead.shift(); span; span = toRead.shift())
      toRead.unshift(...(await this.#readSpan(span, { unit, plan, rows, signal })))
    unit.plan = plan
  }

  /** Gives what is to be read instead. */
  async #readSpan(span: Span<Item>, reading: Reading): Promise<readonly Span<Item>[]> {
    const { line, options } = this.#parts
    const { unit, plan, rows, signal } = reading
    const retries = unit.failures > 0 ? 0 : options.retries
    const asked = { unit: unit.id, request: requestFor(span) }
    const answer = await line.ask(asked, { retries, signal, whom: `unit ${unit.id}` })
    const code = "exception" in answer ? answer.exception : undefined
    if (code === 10 || code === 11) throw this.#silent(unit, code)
    this.#found(unit, rows)
    if (!("data" in answer)) return this.#refused(span, answer.exception, reading)
    for (const item of span.items) this.#add(item, { data: answer.data, span, rows })
    plan.spans.push(span)
    return []
  }

  /** Illegal function concerns all of a table; an address, length or failure perhaps only one of the points. */
  #refused(span: Span<Item>, code: number, { plan, rows }: Reading): readonly Span<Item>[] {
    const isOfOne = code === 2 || code === 3 || code === 4
    if (isOfOne && span.items.length > 1) return halves(span)
    const words = exceptionWords(code)
    const isLasting = code <= 3
    const retryAt = this.#now + parseDuration(this.#parts.options["retry-refused"])
    for (const item of span.items) {
      if (isLasting) {
        rows.unknown(item.point, words)
        plan.refused.push({ item, retryAt })
      } else rows.bad(item.point, quality.bad, this.#unreadable(item.point, words))
    }
    if (!isLasting) plan.spans.push(span)
    return []
  }

  #add(item: Item, from: { data: Uint8Array; span: Span<Item>; rows: LiveRows }): void {
    const { point, place } = item
    const { data, span, rows } = from
    const given = givenIn(data, span, { place, kind: point.tag.kind })
    if (given) rows.add(point, given.value, { said: given.said })
    else {
      const { start, length } = place
      const bytes = data.subarray(2 * (start - span.start), 2 * (start - span.start + length))
      const shown = Buffer.from(bytes).toString("hex").slice(0, 40)
      const problem = this.#unreadable(point, `hexadecimal ${shown}`, place.encoding.type)
      rows.bad(point, quality.badRefused, problem)
    }
  }

  #unreadable(point: Point, got: string, expected = "value"): Problem {
    const where = `${this.#parts.host.name} ${point.tag.path}`
    return new Problem(
      "value-refused",
      where,
      `got ${got} for ${point.address}, expected a ${expected}`,
    )
  }

  #silent(unit: Unit, code: number): Problem {
    const where = `${this.#parts.host.name} unit ${unit.id}`
    return new Problem("connection-timeout", where, `got ${exceptionWords(code)}`)
  }

  /** Throws on what was thrown unless only this unit is silent. */
  #lose(unit: Unit, thrown: unknown, rows: LiveRows): void {
    if (!(thrown instanceof Problem) || thrown.code !== "connection-timeout") throw thrown
    const { clock, random } = this.#parts.host
    unit.failures++
    unit.awayUntil = this.#now + backOffMs(unit.failures, unitBackOff, random) * (clock.speed ?? 1)
    if (unit.failures > 1) return
    for (const { items } of unit.plan.spans)
      for (const { point } of items) rows.bad(point, quality.badNotConnected)
    rows.refuse(thrown)
  }

  #found(unit: Unit, rows: LiveRows): void {
    const now = this.#now
    if (unit.failures > 0 && unit.lastAt !== undefined)
      rows.lost({ because: "connection-lost", from: unit.lastAt, to: now })
    unit.failures = 0
    unit.lastAt = now
  }
}

function requestFor({ start, length, items: [{ place }] }: Span<Item>): Request {
  return readRequest(place.table, start, length)
}

/** Bits in one request: MODBUS Application Protocol V1.1b3, 6.1. */
const mostBits = 2000

export function limitsOf(
  { table }: Pick<Place, "table">,
  { "max-registers": most, "max-gap": gap }: Pick<ModbusOptions, "max-registers" | "max-gap">,
): SpanLimits {
  return isBitTable(table) ? { most: Math.min(mostBits, 16 * most), gap: 16 * gap } : { most, gap }
}

function unitOf(id: number, spans: Span<Item>[]): Unit {
  return { id, plan: { spans, refused: [] }, failures: 0, awayUntil: 0, lastAt: undefined }
}
