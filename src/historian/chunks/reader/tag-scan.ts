import { problemOf } from "../../../model/problem.ts"
import type { TagRange } from "../../tag-samples.ts"
import { cut } from "../merge.ts"
import type { PartitionView } from "../partition/partition-view.ts"
import type { PartitionViews } from "../partition/partition-views.ts"
import type { Place } from "../partition/place.ts"
import { weekAfter, weekOf } from "../partition/week.ts"
import type { Run } from "../run.ts"
import { type Damaged, type Extent, extentOf, type Window } from "./window.ts"

/** What a reader reads from. */
export interface ReadSources {
  readonly views: PartitionViews
  /** What of a tag is not in chunks yet, the oldest first; a run must not go before its chunk is committed. */
  runsOf(tag: number): readonly Run[]
  /** Told of each chunk and partition that cannot be read; what else there is goes on being served. */
  readonly damaged: Damaged
}

/** Goes through one tag's time in windows of about as many rows as are asked for. */
export class TagScan {
  readonly #sources: ReadSources
  readonly #tag: number
  readonly #to: number
  #from: number
  #list: readonly Place[] = []
  /** What lies before in the list ends before `#from`. */
  #skip = 0

  constructor(sources: ReadSources, { tag, from, to }: TagRange) {
    this.#sources = sources
    this.#tag = tag
    this.#from = from
    this.#to = to
  }

  /** Undefined at the end. */
  next(rows: number): Window | undefined {
    while (this.#from < this.#to) {
      const start = weekOf(this.#from)
      const view = this.#viewOf(start)
      const to = Math.min(this.#to, view ? weekAfter(start) : this.#nextStart())
      const window = view ? this.#inView(view, to, rows) : this.#window([], { to, rows })
      if (window) return window
      this.#from = to
    }
    return undefined
  }

  #viewOf(start: number): PartitionView | undefined {
    try {
      return this.#sources.views.of(start)
    } catch (thrown) {
      this.#sources.damaged(problemOf(thrown, "history"))
      return undefined
    }
  }

  #nextStart(): number {
    return this.#sources.views.starts.find((start) => start > this.#from) ?? Infinity
  }

  #inView(view: PartitionView, to: number, rows: number): Window | undefined {
    try {
      return view.snapshot(() => {
        const list = view.places(this.#tag, this.#from, to)
        if (list !== this.#list) this.#skip = 0
        this.#list = list
        return this.#window(list, { to, rows, view })
      })
    } catch (thrown) {
      this.#sources.damaged(problemOf(thrown, view.path))
      return this.#window([], { to, rows })
    }
  }

  /** Sets out from there on; undefined where nothing lies before the end. */
  #window(
    list: readonly Place[],
    { to, rows, view }: { to: number; rows: number; view?: PartitionView },
  ): Window | undefined {
    const from = this.#from
    const { places, before } = this.#nextPlaces(list, rows)
    const until = Math.min(to, before)
    const runs = cutRuns(this.#sources.runsOf(this.#tag), from, until)
    if (places.length === 0 && runs.length === 0) return undefined
    const extents: Extent[] = [...places, ...runs.map(extentOf)]
    if (runs.length > 0) extents.sort((a, b) => a.from - b.from)
    const end = windowEnd(extents, { from, to: until, rows })
    this.#from = end
    const within = places.filter((place) => place.from < end)
    return {
      tag: this.#tag,
      from,
      to: end,
      chunks: view ? within.map((place) => ({ place, bytes: view.bytesOf(place) })) : [],
      runs: end < until ? cutRuns(runs, from, end) : runs,
      path: view?.path ?? "",
    }
  }

  /** More than a window takes, and where the next after them begins. */
  #nextPlaces(list: readonly Place[], rows: number): { places: Place[]; before: number } {
    const from = this.#from
    while ((list[this.#skip]?.to ?? Infinity) < from) this.#skip++
    const places: Place[] = []
    let count = 0
    for (let i = this.#skip; i < list.length; i++) {
      const place = list[i] as Place
      if (count > 8 * rows && place.from > from) return { places, before: place.from }
      if (place.to < from) continue
      places.push(place)
      count += place.count
    }
    return { places, before: Infinity }
  }
}

function cutRuns(runs: readonly Run[], from: number, to: number): readonly Run[] {
  return runs.map((run) => cut(run, from, to)).filter((run) => run.at.length > 0)
}

/** Where a window of about so many rows ends. */
function windowEnd(
  pieces: readonly Extent[],
  { from, to, rows }: { from: number; to: number; rows: number },
): number {
  let expected = 0
  let end = to
  for (const piece of pieces) {
    if (expected > 0 && expected + piece.count > rows && piece.from > from) {
      end = piece.from
      break
    }
    expected += expectedRows(piece, from)
  }
  if (expected <= 4 * rows) return end
  // Many overlap: some of their time at once, so that memory stays bounded; not too little, since each is unpacked again.
  const last = pieces.reduce((latest, piece) => Math.max(latest, piece.to), from)
  const part = from + (Math.min(end, last) - from) * Math.max(rows / expected, 1 / 8)
  return part > from ? part : end
}

/** How many of a piece's rows lie from there on, if they lie evenly. */
function expectedRows({ from, to, count }: Extent, after: number): number {
  return from >= after || to === from ? count : (count * (to - after)) / (to - from)
}
