/** Where a point stands: within a group whose members can be read by one request, such as a table or a data block. */
export interface Extent {
  readonly group: string
  /** Of its first register, bit or byte. */
  readonly start: number
  readonly length: number
}

interface Placed {
  readonly place: Extent
}

/** Neighbouring places that are read together. */
export interface Span<Item> {
  readonly start: number
  readonly length: number
  /** By their start; at least one. */
  readonly items: readonly [Item, ...Item[]]
}

export interface SpanLimits {
  /** Longest span. A place that is longer stands alone. */
  readonly most: number
  /** What nobody asked for and is read along to join two places. */
  readonly gap: number
}

/** As few spans as the limits of each group allow. */
export function planSpans<Item extends Placed>(
  items: readonly Item[],
  limitsOf: (item: Item) => SpanLimits,
): Span<Item>[] {
  const groups = Map.groupBy(items, ({ place }) => place.group)
  return [...groups.values()].flatMap(([first, ...more]) =>
    first ? joined([first, ...more], limitsOf(first)) : [],
  )
}

function joined<Item extends Placed>(
  items: readonly [Item, ...Item[]],
  { most, gap }: SpanLimits,
): Span<Item>[] {
  const runs: [Item, ...Item[]][] = []
  let [first, end] = [0, 0]
  for (const item of items.toSorted((a, b) => a.place.start - b.place.start)) {
    const { start, length } = item.place
    const run = runs.at(-1)
    const after = Math.max(end, start + length)
    if (!run || start > end + gap || after - first > most) {
      runs.push([item])
      first = start
      end = start + length
    } else {
      run.push(item)
      end = after
    }
  }
  return runs.map(spanOf)
}

/** Both halves of a span that was refused, parted at its widest gap, or in the middle where all gaps are alike. */
export function halves<Item extends Placed>({ items }: Span<Item>): readonly Span<Item>[] {
  const middle = items.length / 2
  let [at, widest, end] = [0, Number.NEGATIVE_INFINITY, 0]
  for (const [i, { place }] of items.entries()) {
    const gap = place.start - end
    const isNearer = Math.abs(i - middle) < Math.abs(at - middle)
    if (i > 0 && (gap > widest || (gap === widest && isNearer))) [at, widest] = [i, gap]
    end = Math.max(end, place.start + place.length)
  }
  return [items.slice(0, at), items.slice(at)].flatMap(([first, ...more]) =>
    first ? [spanOf([first, ...more])] : [],
  )
}

/** The span of items that stand in order. */
export function spanOf<Item extends Placed>(items: readonly [Item, ...Item[]]): Span<Item> {
  const { start } = items[0].place
  const end = items.reduce((e, { place }) => Math.max(e, place.start + place.length), 0)
  return { start, length: end - start, items }
}
