import { nextTurn } from "../../../kernel/turn.ts"
import type { SourceId } from "../../../model/block.ts"
import type { Instant } from "../../../model/instant.ts"
import { problemOf } from "../../../model/problem.ts"
import type { TagId } from "../../../model/tag.ts"
import { BucketFold } from "../../buckets.ts"
import { DurationFold } from "../../durations.ts"
import { alignTags } from "../../frames.ts"
import type {
  AlignOptions,
  Buckets,
  Durations,
  Frame,
  LastSample,
  Range,
  StoredBlock,
} from "../../historian.ts"
import type { SampleBlock, TagRange, TagSamples } from "../../tag-samples.ts"
import { blankRun, blankSamples, copyRows, copySamples, cut, firstRow, rowsIn } from "../merge.ts"
import { type LoadedChunk, unpack, unpackSamples } from "../partition/place.ts"
import { weekAfter } from "../partition/week.ts"
import type { Run } from "../run.ts"
import { type Fold, sampleAt, TagFold } from "./tag-fold.ts"
import { type ReadSources, TagScan } from "./tag-scan.ts"
import {
  type Damaged,
  extentOf,
  inOrder,
  isChunk,
  mergedRows,
  type Piece,
  unlessDamaged,
  type Window,
} from "./window.ts"

/** Rows of a block. */
const blockRows = 4096
/** Rows that a fold takes up at once. */
const foldRows = 16_384
/** Rows after which the rest of the process has its turn: some two milliseconds. */
const rowsInOneTurn = 65_536

/**
 * Reads one tag after the other from its chunks and from what is not in chunks yet. Each window is read at once and holds
 * nothing open, so a slow or forgotten reader costs nothing; what is appended behind its place meanwhile is not seen.
 */
export class ChunkReader implements TagSamples {
  readonly #sources: ReadSources
  readonly #names: () => readonly SourceId[]
  #rows = 0

  /** `names` are those of the origins, as the history met them. */
  constructor(sources: ReadSources, names: () => readonly SourceId[]) {
    this.#sources = sources
    this.#names = names
  }

  /** As `History.read`. */
  async *readStored(range: TagRange, signal: AbortSignal): AsyncGenerator<StoredBlock> {
    for await (const run of this.#runs(range, wholeRows, signal))
      yield storedBlock(run, this.#names())
  }

  async *read(range: TagRange, signal: AbortSignal): AsyncGenerator<SampleBlock> {
    for await (const { at, value, quality } of this.#runs(range, samplesOnly, signal))
      yield { length: at.length, at, value, quality }
  }

  async before(tag: TagId, then: Instant, signal: AbortSignal): Promise<LastSample | undefined> {
    for (let to = then; ; ) {
      const from = this.#newestStart(tag, to)
      if (from === undefined) return undefined
      let last: LastSample | undefined
      for await (const block of this.read({ tag, from, to }, signal))
        last = sampleAt(block, block.length - 1)
      if (last) return last
      // What stood there is damaged.
      to = from
    }
  }

  async *aggregate(range: Range, buckets: number, signal: AbortSignal): AsyncGenerator<Buckets> {
    for (const tag of range.tags) {
      const fold = new BucketFold(tag, range, buckets)
      await this.fold(fold, { ...range, tag }, signal)
      yield fold.result()
    }
  }

  async *durations(range: Range, buckets: number, signal: AbortSignal): AsyncGenerator<Durations> {
    for (const tag of range.tags) {
      const fold = new DurationFold(tag, range, buckets)
      await this.fold(fold, { ...range, tag }, signal)
      yield fold.result()
    }
  }

  align(
    range: Range,
    stepMs: number,
    options: AlignOptions,
    signal: AbortSignal,
  ): AsyncIterable<Frame> {
    return alignTags(this, { range, stepMs, options }, signal)
  }

  /** Hands an interval of a tag to a fold, with what held before it. */
  async fold(fold: Fold, { tag, from, to }: TagRange, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    const begin = from < to ? (this.#newestStart(tag, from) ?? from) : from
    const scan = new TagScan(this.#sources, { tag, from: begin, to })
    const taken = new TagFold(fold, from, this.#sources.damaged)
    for (;;) {
      const window = scan.next(foldRows)
      if (!window) break
      await this.#pace(taken.add(window), signal)
    }
    taken.end()
  }

  /** The tags that have chunks. */
  tags(): readonly TagId[] {
    const tags = new Set<TagId>()
    for (const start of this.#sources.views.starts)
      for (const tag of this.#sources.views.of(start)?.tags() ?? []) tags.add(tag)
    return [...tags].sort((a, b) => a - b)
  }

  /** Rows of a tag, by counting. */
  async count(tag: TagId): Promise<number> {
    const range = { tag, from: Number.NEGATIVE_INFINITY, to: Infinity }
    const scan = new TagScan(this.#sources, range)
    let count = 0
    for (let window = scan.next(foldRows); window; window = scan.next(foldRows)) {
      count += countIn(window, this.#sources.damaged)
      await this.#pace(blockRows)
    }
    return count
  }

  async *#runs(range: TagRange, columns: Columns, signal: AbortSignal): AsyncGenerator<Run> {
    signal.throwIfAborted()
    const scan = new TagScan(this.#sources, range)
    for (;;) {
      const window = scan.next(blockRows)
      if (!window) return
      const rows = rowsOfWindow(window, columns, this.#sources.damaged)
      for (let first = 0; first < rows.at.length; first += blockRows) {
        yield rowsIn(rows, first, Math.min(first + blockRows, rows.at.length))
        signal.throwIfAborted()
      }
      await this.#pace(rows.at.length, signal)
    }
  }

  /** The latest time before then at which a run has a row or a chunk begins. */
  #newestStart(tag: TagId, then: Instant): Instant | undefined {
    let newest = Number.NEGATIVE_INFINITY
    for (const { at } of this.#sources.runsOf(tag))
      newest = Math.max(newest, at[firstRow(at, then) - 1] ?? newest)
    const { starts } = this.#sources.views
    for (let i = starts.length - 1; i >= 0; i--) {
      const start = starts[i] as Instant
      if (start >= then) continue
      if (weekAfter(start) <= newest) break
      const found = this.#newestIn(start, tag, then)
      if (found === undefined) continue
      newest = Math.max(newest, found)
      break
    }
    return newest === Number.NEGATIVE_INFINITY ? undefined : newest
  }

  #newestIn(start: Instant, tag: TagId, then: Instant): Instant | undefined {
    try {
      return this.#sources.views.of(start)?.newestStart(tag, then)
    } catch (thrown) {
      this.#sources.damaged(problemOf(thrown, "history"))
      return undefined
    }
  }

  async #pace(rows: number, signal?: AbortSignal): Promise<void> {
    this.#rows += rows
    if (this.#rows < rowsInOneTurn) return
    this.#rows = 0
    await nextTurn()
    signal?.throwIfAborted()
  }
}

/** Which columns of rows a reader wants, and how they are come by. */
interface Columns {
  readonly blank: (tag: TagId, length: number) => Run
  readonly unpack: (chunk: LoadedChunk, into: Run, offset: number) => number
  readonly copy: (from: Run, into: Run, offset: number) => void
}

const wholeRows: Columns = { blank: blankRun, unpack, copy: copyRows }
const samplesOnly: Columns = { blank: blankSamples, unpack: unpackSamples, copy: copySamples }

function rowsOfWindow(window: Window, columns: Columns, damaged: Damaged): Run {
  const pieces = inOrder(window)
  if (!pieces) return mergedRows(window, damaged)
  const room = pieces.reduce((count, piece) => count + extentOf(piece).count, 0)
  const rows = columns.blank(window.tag, room)
  let length = 0
  for (const piece of pieces) {
    if (isChunk(piece))
      unlessDamaged(piece, { path: window.path, damaged }, () => {
        length += columns.unpack(piece, rows, length)
      })
    else {
      columns.copy(piece, rows, length)
      length += piece.at.length
    }
  }
  return cut(rowsIn(rows, 0, length), window.from, window.to)
}

function countIn(window: Window, damaged: Damaged): number {
  const pieces = inOrder(window)
  const isWhole = (piece: Piece) => {
    const { from, to } = extentOf(piece)
    return from >= window.from && to < window.to
  }
  if (!pieces?.every(isWhole)) return rowsOfWindow(window, samplesOnly, damaged).at.length
  return pieces.reduce((count, piece) => count + extentOf(piece).count, 0)
}

function storedBlock(run: Run, sources: readonly SourceId[]): StoredBlock {
  const { tag, at, value, quality, origin, number } = run
  const { length } = at
  return {
    source: sources[origin[0] ?? 0] as SourceId,
    sequence: number[0] ?? 0,
    received: Number.NaN,
    length,
    tag: new Uint32Array(length).fill(tag),
    at,
    value,
    quality,
    sources,
    origin,
    number,
  }
}
