import { isBitTable, type Table } from "../../codec/modbus-frame.ts"
import type { Place } from "./address.ts"

/** Neighbouring places that one request reads. */
export interface Span<Item> {
  readonly unit: number
  readonly table: Table
  readonly start: number
  readonly length: number
  /** By their start. */
  readonly items: readonly Item[]
}

interface Placed {
  readonly place: Place
}

export interface SpanLimits {
  readonly maxRegisters: number
  readonly maxGap: number
}

/** Bits in one request (MODBUS Application Protocol V1.1b3, 6.1). */
const mostBits = 2000

/** As few requests as the limits allow, unit by unit and table by table. A place longer than the limit stands alone. */
export function planSpans<Item extends Placed>(
  items: readonly Item[],
  limits: SpanLimits,
): Span<Item>[] {
  const groups = Map.groupBy(items, ({ place }) => `${place.unit}/${place.table}`)
  return [...groups.values()].flatMap((group) => joined(group, limits))
}

function joined<Item extends Placed>(
  items: readonly Item[],
  { maxRegisters, maxGap }: SpanLimits,
): Span<Item>[] {
  const sorted = items.toSorted((a, b) => a.place.start - b.place.start)
  const runs: Item[][] = []
  let [first, end] = [0, Number.NEGATIVE_INFINITY]
  for (const item of sorted) {
    const { start, length, table } = item.place
    const most = isBitTable(table) ? Math.min(mostBits, 16 * maxRegisters) : maxRegisters
    const gap = isBitTable(table) ? 16 * maxGap : maxGap
    const after = Math.max(end, start + length)
    if (start > end + gap || after - first > most) {
      runs.push([item])
      first = start
      end = start + length
    } else {
      runs.at(-1)?.push(item)
      end = after
    }
  }
  return runs.map(spanOf)
}

/** Both halves of a span that was refused, parted at its widest gap, or in the middle where all gaps are alike. */
export function halves<Item extends Placed>({ items }: Span<Item>): readonly Span<Item>[] {
  const middle = items.length / 2
  let [at, widest] = [0, Number.NEGATIVE_INFINITY]
  for (let i = 1; i < items.length; i++) {
    const gap = startOf(items[i]) - endOf(items.slice(0, i))
    const isNearer = Math.abs(i - middle) < Math.abs(at - middle)
    if (gap > widest || (gap === widest && isNearer)) [at, widest] = [i, gap]
  }
  return [spanOf(items.slice(0, at)), spanOf(items.slice(at))]
}

/** The span of these items, which stand in order and are of one table. */
export function spanOf<Item extends Placed>(items: readonly Item[]): Span<Item> {
  const [first] = items
  if (!first) throw new TypeError("a span holds at least one place")
  const { unit, table, start } = first.place
  return { unit, table, start, length: endOf(items) - start, items }
}

function startOf(item: Placed | undefined): number {
  return item?.place.start ?? 0
}

function endOf(items: readonly Placed[]): number {
  return items.reduce((end, { place }) => Math.max(end, place.start + place.length), 0)
}
