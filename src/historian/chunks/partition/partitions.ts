import { join } from "node:path"
import { DamagedChunk, readRecordHead } from "../../../codec/chunk-record.ts"
import type { Disk } from "../../../kernel/disk.ts"
import type { Instant } from "../../../model/instant.ts"
import { type Interval, intervalsToForget } from "../../forget.ts"
import type { Range } from "../../historian.ts"
import { blankRun, compareRows, copyRow, cut, mergeRuns, rowsIn } from "../merge.ts"
import type { Run } from "../run.ts"
import { PartitionFile } from "./partition-file.ts"
import { damage, type Place, runOf } from "./place.ts"
import { fileOf, weekAfter, weekOf, weekOfFile } from "./week.ts"

const mostOpen = 6
/** Chunks that one transaction forgets. */
const forgottenAtOnce = 64
/** A chunk of fewer rows is worth joining with its neighbours. */
export const smallRows = 512

/** All partitions of a folder, for the one hand that changes them. Everything here is at once: nothing waits. */
export class Partitions {
  readonly #folder: string
  readonly #disk: Disk
  readonly #starts: Set<Instant>
  /** The last used is the last. */
  readonly #open = new Map<Instant, PartitionFile>()
  /** Partitions with commits since the last checkpoint. */
  readonly #touched = new Set<Instant>()
  /** Tags whose new chunks are small or overlap others, by partition: worth a look by the compaction. */
  readonly suspects = new Map<Instant, Set<number>>()

  /** The latest time that was put of each tag, by partition. */
  readonly #lastAt = new Map<Instant, Map<number, Instant>>()

  constructor(options: { readonly folder: string; readonly disk: Disk }) {
    this.#folder = options.folder
    this.#disk = options.disk
    this.#starts = new Set(partitionsIn(options.folder, options.disk))
  }

  /** Where each begins, ascending. */
  get starts(): readonly Instant[] {
    return [...this.#starts].sort((a, b) => a - b)
  }

  has(start: Instant): boolean {
    return this.#starts.has(start)
  }

  get #newest(): Instant {
    let newest = Number.NEGATIVE_INFINITY
    for (const start of this.#starts) newest = Math.max(newest, start)
    return newest
  }

  /** Commits the runs as chunks, a transaction a partition; safe after `checkpoint`. Gives where those partitions begin. */
  put(runs: readonly Run[]): readonly Instant[] {
    const byStart = new Map<Instant, Run[]>()
    for (const run of runs)
      for (const [start, piece] of split(run)) {
        const pieces = byStart.get(start)
        if (pieces) pieces.push(piece)
        else byStart.set(start, [piece])
      }
    for (const [start, pieces] of byStart) {
      const file = this.file(start)
      file.transaction(() => {
        for (const piece of pieces) file.add(piece)
      })
      this.#touched.add(start)
      for (const piece of pieces) this.#suspect(start, piece)
    }
    return [...byStart.keys()]
  }

  /** True once all commits are safe; false where a reader stood in the way: ask again. */
  checkpoint(): boolean {
    for (const start of this.#touched)
      if (this.file(start).checkpoint()) this.#touched.delete(start)
    return this.#touched.size === 0
  }

  /** What of a run no chunk holds yet with the same value and quality; undefined where nothing is left. */
  withoutHeld(run: Run): Run | undefined {
    const left = split(run).flatMap(([start, piece]) => {
      if (!this.#starts.has(start)) return [piece]
      const rest = withoutRows(piece, this.#runsBeside(start, piece))
      return rest ? [rest] : []
    })
    return left.length === 0 ? undefined : mergeRuns(left)
  }

  /** Removes rows before an instant but those to keep, of these tags or all; each turn of the iterator is short. */
  *forget(
    before: Instant,
    { keep = [], tags }: { readonly keep?: readonly Range[]; readonly tags?: readonly number[] },
  ): Generator<void> {
    for (const start of this.starts) {
      if (start >= before) return
      const within = new Set(this.file(start).tags())
      for (const tag of tags ?? within) {
        if (!within.has(tag)) continue
        for (const interval of intervalsToForget(tag, before, keep))
          yield* this.#forgetInterval(start, tag, interval)
      }
      while (this.#touched.has(start) && this.file(start).giveBack()) yield
      yield
    }
  }

  /** Deletes the file of a partition that holds nothing any more; false where it does. Nobody may read it. */
  removeEmpty(start: Instant): boolean {
    if (this.file(start).tags().length > 0) return false
    this.#open.get(start)?.close()
    for (const kept of [this.#open, this.#touched, this.#starts, this.suspects, this.#lastAt])
      kept.delete(start)
    const path = join(this.#folder, fileOf(start))
    for (const end of ["-wal", "-shm", ""]) {
      const name = `${fileOf(start)}${end}`
      if (this.#disk.list(this.#folder).includes(name)) this.#disk.remove(`${path}${end}`)
    }
    return true
  }

  close(): void {
    for (const file of this.#open.values()) file.close()
    this.#open.clear()
  }

  /** The partition, opened where it is not; made where it is missing. */
  file(start: Instant): PartitionFile {
    const known = this.#open.get(start)
    if (known) this.#open.delete(start)
    const file = known ?? new PartitionFile(join(this.#folder, fileOf(start)))
    this.#open.set(start, file)
    this.#starts.add(start)
    for (const [oldest, other] of this.#open) {
      if (this.#open.size <= mostOpen) break
      other.close()
      this.#open.delete(oldest)
    }
    return file
  }

  /** To be called by who changed a partition by its file. */
  touch(start: Instant): void {
    this.#touched.add(start)
  }

  #suspect(start: Instant, { tag, at }: Run): void {
    const ends = this.#lastAt.get(start) ?? new Map<number, Instant>()
    this.#lastAt.set(start, ends)
    const before = ends.get(tag) ?? Number.NEGATIVE_INFINITY
    const last = at.at(-1) as number
    if (last > before) ends.set(tag, last)
    const isPast = start !== this.#newest
    if (!isPast && at.length >= smallRows && (at[0] as number) > before) return
    const tags = this.suspects.get(start)
    if (tags) tags.add(tag)
    else this.suspects.set(start, new Set([tag]))
  }

  #runsBeside(start: Instant, { tag, at }: Run): readonly Run[] {
    const file = this.file(start)
    const end = weekAfter(start)
    const places = file.placesWithin(tag, { from: at[0] as number, to: end })
    const last = at.at(-1) as number
    return agedRuns(
      file,
      places.filter(({ from }) => from <= last),
    ).runs
  }

  *#forgetInterval(start: Instant, tag: number, interval: Interval): Generator<void> {
    const stuck = new Set<number>()
    // Asked for anew each time: others may have changed the chunks meanwhile.
    for (;;) {
      const file = this.file(start)
      const limit = forgottenAtOnce + stuck.size
      const some = file.placesWithin(tag, interval, limit).filter(({ id }) => !stuck.has(id))
      if (some.length === 0) return
      file.transaction(() => {
        for (const place of some) if (!forgetIn(file, place, interval)) stuck.add(place.id)
      })
      this.#touched.add(start)
      yield
    }
  }
}

/** Where the partitions of a folder begin. */
export function partitionsIn(folder: string, disk: Disk): readonly Instant[] {
  return disk.list(folder).flatMap((name) => weekOfFile(name) ?? [])
}

/** A run's parts by partition. */
function split(run: Run): [start: Instant, piece: Run][] {
  const pieces: [Instant, Run][] = []
  for (let first = 0; first < run.at.length; ) {
    const start = weekOf(run.at[first] as number)
    const rest = rowsIn(run, first, run.at.length)
    const piece = cut(rest, Number.NEGATIVE_INFINITY, weekAfter(start))
    pieces.push([start, piece])
    first += piece.at.length
  }
  return pieces
}

/** The chunks' rows, the oldest first, and the age of the youngest. Damaged ones are left out, with their problem. */
export function agedRuns(
  file: PartitionFile,
  places: readonly Place[],
): { runs: readonly Run[]; age: number; damaged: readonly Error[] } {
  const found: { age: number; run: Run }[] = []
  const damaged: Error[] = []
  for (const place of places) {
    try {
      const bytes = file.bytesOf(place)
      found.push({ age: readRecordHead(bytes, place).age, run: runOf({ place, bytes }) })
    } catch (thrown) {
      if (!(thrown instanceof DamagedChunk)) throw thrown
      damaged.push(damage(file.path, place, thrown))
    }
  }
  found.sort((a, b) => a.age - b.age)
  return { runs: found.map(({ run }) => run), age: found.at(-1)?.age ?? 0, damaged }
}

function withoutRows(run: Run, held: readonly Run[]): Run | undefined {
  if (held.length === 0) return run
  const known = mergeRuns(held)
  const left = blankRun(run.tag, run.at.length)
  let length = 0
  let j = 0
  for (let i = 0; i < run.at.length; i++) {
    while (j < known.at.length && compareRows(known, j, run, i) < 0) j++
    const isHeld =
      j < known.at.length &&
      compareRows(known, j, run, i) === 0 &&
      Object.is(known.value[j], run.value[i]) &&
      known.quality[j] === run.quality[i]
    if (!isHeld) copyRow(run, i, left, length++)
  }
  return length === 0 ? undefined : rowsIn(left, 0, length)
}

/**
 * False where nothing was removed: the chunk has no row in the interval, or it cannot be read and so not be cut; that one
 * goes when all of it may.
 */
function forgetIn(file: PartitionFile, place: Place, { from, to }: Interval): boolean {
  if (place.from >= from && place.to < to) {
    file.remove(place)
    return true
  }
  const { runs, age } = agedRuns(file, [place])
  const [run] = runs
  if (!run || cut(run, from, to).at.length === 0) return false
  file.remove(place)
  for (const left of [cut(run, Number.NEGATIVE_INFINITY, from), cut(run, to, Infinity)])
    if (left.at.length > 0) file.add(left, age)
  return true
}
