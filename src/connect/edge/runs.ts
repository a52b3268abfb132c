import { type ParcelHead, TagRun } from "../../codec/delivery.ts"
import type { Block, SourceId } from "../../model/block.ts"
import type { Instant } from "../../model/instant.ts"

/** The rows of many blocks as runs, with what the head of a parcel says of them. */
export interface SortedRows extends Pick<ParcelHead, "rows" | "from" | "to" | "sources"> {
  readonly runs: Iterable<TagRun>
}

/** Sorts rows by source, tag and time; rows of one time stay in the order in which they came. */
export function sortRows(blocks: readonly Block[]): SortedRows {
  const bySource = Map.groupBy(blocks, ({ source }) => source)
  const sources: SourceId[] = [...bySource.keys()]
  let rows = 0
  let from: Instant = Number.POSITIVE_INFINITY
  let to: Instant = Number.NEGATIVE_INFINITY
  for (const { at, length } of blocks) {
    rows += length
    for (let i = 0; i < length; i++) {
      const time = at[i] as number
      if (time < from) from = time
      if (time > to) to = time
    }
  }
  return {
    ...{ rows, sources },
    ...(rows > 0 ? { from, to } : { from: 0, to: 0 }),
    runs: runsOf(sources.map((source) => bySource.get(source) ?? [])),
  }
}

function* runsOf(bySource: readonly (readonly Block[])[]): Generator<TagRun> {
  for (const [source, blocks] of bySource.entries()) yield* runsOfSource(blocks, source)
}

/** Counts the rows of each tag, then puts each row in its place. */
function* runsOfSource(blocks: readonly Block[], source: number): Generator<TagRun> {
  const starts = startsOf(blocks)
  const next = starts.slice()
  const columns = new Columns(starts.at(-1) as number)
  for (const block of blocks)
    for (let i = 0; i < block.length; i++)
      columns.put(raise(next, block.tag[i] as number, 1), block, i)
  for (let tag = 0; tag < starts.length - 1; tag++) {
    const [start, end] = [starts[tag] as number, starts[tag + 1] as number]
    if (end > start) yield columns.run({ source, tag, start, end })
  }
}

/** Where each tag's rows begin; behind the last tag, how many there are. */
function startsOf(blocks: readonly Block[]): Uint32Array {
  let most = 0
  for (const { tag, length } of blocks)
    for (let i = 0; i < length; i++) if ((tag[i] as number) > most) most = tag[i] as number
  const starts = new Uint32Array(most + 2)
  for (const { tag, length } of blocks)
    for (let i = 0; i < length; i++) raise(starts, (tag[i] as number) + 1, 1)
  for (let tag = 1; tag < starts.length; tag++) raise(starts, tag, starts[tag - 1] as number)
  return starts
}

/** Gives what it was before. */
function raise(counts: Uint32Array, place: number, by: number): number {
  const was = counts[place] as number
  counts[place] = was + by
  return was
}

class Columns {
  readonly #at: Float64Array
  readonly #value: Float64Array
  readonly #quality: Uint8Array
  readonly #number: Float64Array

  constructor(rows: number) {
    this.#at = new Float64Array(rows)
    this.#value = new Float64Array(rows)
    this.#quality = new Uint8Array(rows)
    this.#number = new Float64Array(rows)
  }

  put(place: number, block: Block, row: number): void {
    this.#at[place] = block.at[row] as number
    this.#value[place] = block.value[row] as number
    this.#quality[place] = block.quality[row] as number
    this.#number[place] = block.sequence + row
  }

  run(of: { source: number; tag: number; start: number; end: number }): TagRun {
    const { source, tag, start, end } = of
    const run = new TagRun({
      ...{ source, tag },
      at: this.#at.subarray(start, end),
      value: this.#value.subarray(start, end),
      quality: this.#quality.subarray(start, end),
      number: this.#number.subarray(start, end),
    })
    for (let i = 1; i < run.at.length; i++)
      if ((run.at[i] as number) < (run.at[i - 1] as number)) return inOrder(run)
    return run
  }
}

function inOrder({ source, tag, at, value, quality, number }: TagRun): TagRun {
  const order = Uint32Array.from(at.keys()).sort(
    (a, b) => (at[a] as number) - (at[b] as number) || a - b,
  )
  const doubles = (column: Float64Array) => Float64Array.from(order, (row) => column[row] as number)
  return new TagRun({
    ...{ source, tag },
    at: doubles(at),
    value: doubles(value),
    quality: Uint8Array.from(order, (row) => quality[row] as number),
    number: doubles(number),
  })
}
