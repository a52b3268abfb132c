import { exceptionWords, type Request, readRequest } from "../../codec/modbus-frame.ts"
import { backOffMs } from "../../kernel/retry.ts"
import { parseDuration } from "../../kernel/tag-file.ts"
import type { Instant } from "../../model/instant.ts"
import { Problem } from "../../model/problem.ts"
import { quality } from "../../model/quality.ts"
import type { Host, Point } from "../connector.ts"
import type { LiveRows } from "../live-rows.ts"
import { type Place, parseAddress } from "./address.ts"
import type { Line } from "./line.ts"
import type { ModbusOptions } from "./options.ts"
import { halves, planSpans, type Span, spanOf } from "./plan.ts"
import { givenIn } from "./values.ts"

interface Item {
  readonly point: Point
  readonly place: Place
}

/** One device, alone on its line or behind a gateway. */
interface Unit {
  readonly id: number
  spans: readonly Span<Item>[]
  /** What the device refused, and when it is asked for again. */
  refused: { readonly item: Item; readonly retryAt: Instant }[]
  /** Requests in vain since it answered last. */
  failures: number
  awayUntil: Instant
  lastAt: Instant | undefined
}

/** A request whose answer, whatever it says, shows that a unit is there. */
export interface Greeting {
  readonly unit: number
  readonly request: Request
}

export interface ReaderParts {
  readonly line: Line
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
    const limits = { maxRegisters: options["max-registers"], maxGap: options["max-gap"] }
    const spans = Map.groupBy(planSpans(items, limits), ({ unit }) => unit)
    this.#units = [...spans].map(([id, own]) => unitOf(id, own))
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

  /** One request to each unit. */
  get greetings(): readonly Greeting[] {
    return this.#units.flatMap(({ id, spans: [first] }) =>
      first ? [{ unit: id, request: readRequest(first.table, first.start, first.length) }] : [],
    )
  }

  get #now(): Instant {
    return this.#parts.host.clock.now()
  }

  async #readUnit(unit: Unit, rows: LiveRows, signal: AbortSignal): Promise<void> {
    const now = this.#now
    const again = unit.refused.filter(({ retryAt }) => retryAt <= now)
    unit.refused = unit.refused.filter(({ retryAt }) => retryAt > now)
    const toRead = [...unit.spans, ...again.map(({ item }) => spanOf([item]))]
    const learned: Span<Item>[] = []
    // A span that is refused is replaced by its halves, until only what the device really has not is left alone.
    for (let span = toRead.shift(); span; span = toRead.shift()) {
      const outcome = await this.#readSpan(unit, span, { rows, signal })
      if (outcome === "part") toRead.unshift(...halves(span))
      else if (outcome === "keep") learned.push(span)
    }
    unit.spans = learned
  }

  async #readSpan(
    unit: Unit,
    span: Span<Item>,
    { rows, signal }: { rows: LiveRows; signal: AbortSignal },
  ): Promise<"keep" | "part" | "drop"> {
    const { line, options } = this.#parts
    const request = readRequest(span.table, span.start, span.length)
    const retries = unit.failures > 0 ? 0 : options.retries
    const answer = await line.ask(unit.id, request, { retries, signal })
    const code = "exception" in answer ? answer.exception : undefined
    if (code === 10 || code === 11) throw this.#silent(unit, code)
    this.#found(unit, rows)
    if ("data" in answer) {
      for (const item of span.items) this.#add(item, { data: answer.data, span, rows })
      return "keep"
    }
    return this.#refused(unit, span, { code: answer.exception, rows })
  }

  /** Illegal function concerns all of a table; an address, length or failure perhaps only one of the points. */
  #refused(
    unit: Unit,
    span: Span<Item>,
    { code, rows }: { code: number; rows: LiveRows },
  ): "keep" | "part" | "drop" {
    const isOfOne = code === 2 || code === 3 || code === 4
    if (isOfOne && span.items.length > 1) return "part"
    const words = exceptionWords(code)
    const isLasting = code <= 3
    const retryAt = this.#now + parseDuration(this.#parts.options["retry-refused"])
    for (const item of span.items) {
      if (isLasting) {
        rows.unknown(item.point, words)
        unit.refused.push({ item, retryAt })
      } else rows.bad(item.point, quality.bad, this.#unreadable(item.point, words))
    }
    return isLasting ? "drop" : "keep"
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
    for (const { items } of unit.spans)
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

function unitOf(id: number, spans: readonly Span<Item>[]): Unit {
  return { id, spans, refused: [], failures: 0, awayUntil: 0, lastAt: undefined }
}
