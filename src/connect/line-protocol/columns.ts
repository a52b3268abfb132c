import {
  fieldKind,
  type LineReader,
  type Series,
  seriesOf,
  seriesText,
} from "../../codec/line-protocol.ts"
import { type BlockWriter, grown } from "../../model/block.ts"
import type { Instant } from "../../model/instant.ts"
import { Problem } from "../../model/problem.ts"
import { type Quality, quality } from "../../model/quality.ts"
import type { TagKind, Value } from "../../model/tag.ts"
import type { FoundPoint, Host, Point } from "../connector.ts"
import { cellOf, isPlausible, shown } from "../values.ts"
import { addressOf } from "./template.ts"

/** What becomes of a column's values. */
const fate = {
  /** No point names it. */
  unmapped: 0,
  /** A number for a number: no look at the value but at the tag's range. */
  number: 1,
  /** Anything else, by the rules of all connectors. */
  other: 2,
} as const

/** Problems that are listed of one message. */
const mostListed = 20

interface Known {
  readonly address: string
  readonly series: Series
  readonly points: readonly Point[]
  /** As the first value was. */
  readonly kind: TagKind
}

/** Where each column of a reader goes: looked up once, when it comes first. */
export class Columns {
  readonly #reader: LineReader
  readonly #host: Host
  readonly #template: string | undefined
  readonly #points: ReadonlyMap<string, readonly Point[]>
  readonly #known: Known[] = []
  #fate = new Uint8Array(256)
  #tag = new Uint32Array(256)
  #low = new Float64Array(256)
  #high = new Float64Array(256)
  /** How many series no point names. */
  strangers = 0
  /** Values of columns without a point, of the last message. */
  unmapped = 0
  /** Values of the last message that were not of their tag's kind. */
  refused = 0

  constructor(of: {
    reader: LineReader
    host: Host
    template: string | undefined
    points: readonly Point[]
  }) {
    this.#reader = of.reader
    this.#host = of.host
    this.#template = of.template
    this.#points = Map.groupBy(of.points, ({ address }) => address)
  }

  /** Writes the rows of the reader's last message into a block; gives what was refused, the first of it. */
  addTo(into: BlockWriter): Problem[] {
    const { rows, columns } = this.#reader
    if (this.#known.length < columns) this.#learn(columns)
    const problems: Problem[] = []
    const now = this.#host.clock.now()
    this.unmapped = 0
    this.refused = 0
    for (let row = 0; row < rows.length; row++) {
      const column = rows.column[row] ?? 0
      const at = rows.at[row] ?? 0
      const what = this.#fate[column] ?? 0
      if (what === fate.unmapped) this.unmapped++
      else if (what === fate.number && this.#isPlain(row) && isPlausible(at, now)) {
        const value = rows.value[row] ?? 0
        into.add(this.#tag[column] ?? 0, at, value, this.#qualityOf(column, value))
      } else this.#other({ row, now }, into, problems)
    }
    return problems
  }

  #isPlain(row: number): boolean {
    return (this.#reader.rows.kind[row] ?? fieldKind.text) <= fieldKind.integer
  }

  #qualityOf(column: number, value: number): Quality {
    const isInside = value >= (this.#low[column] ?? 0) && value <= (this.#high[column] ?? 0)
    return isInside ? quality.good : quality.uncertainRange
  }

  /** Everything that came, what no point names first; with its value where it was in the last message. */
  *found(): Iterable<FoundPoint> {
    const { rows } = this.#reader
    const last = new Map<number, Value>()
    for (let row = 0; row < rows.length; row++) last.set(rows.column[row] ?? 0, this.#valueOf(row))
    const seen = new Set<string>()
    const all = [...this.#known.entries()]
    const ordered = [
      ...all.filter(([, k]) => k.points.length === 0),
      ...all.filter(([, k]) => k.points.length > 0),
    ]
    for (const [column, { address, series, kind }] of ordered) {
      if (seen.has(address)) continue
      seen.add(address)
      const value = last.get(column)
      const within = [series.measurement, ...series.tags.map(([, tag]) => tag)]
      yield {
        ...{ address, name: series.field, within, kind, writable: false },
        ...(value !== undefined && { value }),
      }
    }
  }

  /** Says that there are series without a point; undefined where each has one. */
  complaint(): Problem | undefined {
    const first = this.#known.find(({ points }) => points.length === 0)
    if (!first) return undefined
    const what = `got ${this.strangers} series that no point names, such as ${shown(first.address)}, which are not kept`
    return new Problem("point-unknown", this.#host.name, what)
  }

  #other(
    { row, now }: { row: number; now: Instant },
    into: BlockWriter,
    problems: Problem[],
  ): void {
    const { rows } = this.#reader
    const column = rows.column[row] ?? 0
    const time = rows.at[row] ?? Number.NaN
    const isTrusted = isPlausible(time, now)
    const at = isTrusted ? time : now
    const said = isTrusted || Number.isNaN(time) ? quality.good : quality.uncertainTime
    const isRounded = rows.kind[row] === fieldKind.rounded
    const given = this.#valueOf(row)
    for (const point of this.#known[column]?.points ?? []) {
      const cell = cellOf(given, point, this.#host.registry)
      const rounded = isRounded ? quality.uncertain : quality.good
      const worst = Math.max(cell.quality, rounded, said) as Quality
      into.add(point.id, at, cell.value, worst)
      if (cell.expected === undefined || this.refused++ >= mostListed) continue
      const what = `got ${shown(given)}, expected ${cell.expected}`
      problems.push(new Problem("value-refused", `${this.#host.name} ${point.tag.path}`, what))
    }
  }

  #valueOf(row: number): Value {
    const { rows } = this.#reader
    const value = rows.value[row] ?? Number.NaN
    if (rows.kind[row] === fieldKind.boolean) return value === 1
    return rows.kind[row] === fieldKind.text ? this.#reader.textAt(value) : value
  }

  #learn(columns: number): void {
    const { rows } = this.#reader
    const from = this.#known.length
    while (columns > this.#fate.length) this.#grow()
    const kinds = new Map<number, number>()
    for (let row = 0; row < rows.length; row++)
      kinds.set(rows.column[row] ?? 0, rows.kind[row] ?? 0)
    for (let column = from; column < columns; column++) {
      const series = seriesOf(this.#reader.keysOf(column))
      const address = addressOf(series, this.#template)
      const points = this.#points.get(address) ?? this.#points.get(seriesText(series)) ?? []
      this.#known.push({ address, series, points, kind: tagKind(kinds.get(column) ?? 0) })
      this.#direct(column, points)
      if (points.length === 0) this.strangers++
    }
  }

  #direct(column: number, points: readonly Point[]): void {
    const [point] = points
    const isOne = points.length === 1 && point?.tag.kind === "number"
    this.#fate[column] = isOne ? fate.number : point ? fate.other : fate.unmapped
    this.#tag[column] = point?.id ?? 0
    const [low, high] = point?.tag.range ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]
    this.#low[column] = low
    this.#high[column] = high
  }

  #grow(): void {
    const size = this.#fate.length * 2
    this.#fate = grown(this.#fate, new Uint8Array(size))
    this.#tag = grown(this.#tag, new Uint32Array(size))
    this.#low = grown(this.#low, new Float64Array(size))
    this.#high = grown(this.#high, new Float64Array(size))
  }
}

function tagKind(kind: number): TagKind {
  if (kind === fieldKind.text) return "text"
  return kind === fieldKind.boolean ? "boolean" : "number"
}
