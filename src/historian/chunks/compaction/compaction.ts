import type { Instant } from "../../../model/instant.ts"
import { mergeRuns } from "../merge.ts"
import { chunkRows, type PartitionFile } from "../partition/partition-file.ts"
import { agedRuns, type Partitions, smallRows } from "../partition/partitions.ts"
import type { Place } from "../partition/place.ts"
import { jobsOf, lieTogether } from "./jobs.ts"

/** Records that one step moves: some milliseconds. */
const movedAtOnce = 64

/** Tags of a partition to look at. */
interface Work {
  readonly start: Instant
  readonly isPast: boolean
  readonly isWhole: boolean
  readonly tags: number[]
}

/**
 * Makes of many small and overlapping chunks few full ones, and in partitions that are no longer written lays the chunks
 * of a tag side by side. Works with the hand that writes, in steps of some milliseconds, each a transaction: killed at
 * any point it leaves the same rows.
 */
export class Compaction {
  readonly #partitions: Partitions
  /** Past partitions that were gone through whole, or need not be. */
  readonly #arranged = new Set<Instant>()
  /** The newest partition when it was gone through whole. */
  #checked: Instant | undefined
  #work: Work | undefined
  /** The steps of the tag at hand. */
  #steps: Iterator<void> | undefined

  constructor(partitions: Partitions) {
    this.#partitions = partitions
  }

  /** Does a little; false where there is nothing to do until more is put. Throws as the partitions do. */
  step(): boolean {
    if (this.#work && !this.#partitions.has(this.#work.start)) {
      this.#work = undefined
      this.#steps = undefined
    }
    if (this.#steps) {
      if (this.#steps.next().done) this.#steps = undefined
      return true
    }
    this.#work ??= this.#nextWork()
    const work = this.#work
    if (!work) return false
    const tag = work.tags.pop()
    if (tag !== undefined) this.#steps = this.#compact(tag, work)
    else this.#finish(work)
    return true
  }

  /** After a start a partition is gone through whole, and again when it is past; else the tags that `put` names. */
  #nextWork(): Work | undefined {
    const { starts, suspects } = this.#partitions
    const newest = starts.at(-1)
    for (const start of starts) {
      const isPast = start !== newest
      const isWhole = isPast ? !this.#isArranged(start) : this.#checked !== start
      const named = suspects.get(start)
      if (!isWhole && !named) continue
      suspects.delete(start)
      const tags = isWhole ? this.#partitions.file(start).tags() : (named ?? [])
      return { start, isPast, isWhole, tags: [...tags] }
    }
    return undefined
  }

  #isArranged(start: Instant): boolean {
    if (this.#arranged.has(start)) return true
    const file = this.#partitions.file(start)
    if (file.arranged < file.lastId) return false
    this.#arranged.add(start)
    return true
  }

  #finish({ start, isPast, isWhole }: Work): void {
    this.#work = undefined
    if (!isPast) this.#checked = start
    else if (isWhole) this.#arranged.add(start)
    // What was put meanwhile is looked at before, also after a crash.
    if (!isPast || this.#partitions.suspects.has(start)) return
    const file = this.#partitions.file(start)
    file.arranged = file.lastId
    this.#partitions.touch(start)
  }

  *#compact(tag: number, { start, isPast }: Work): Generator<void> {
    const partitions = this.#partitions
    for (const job of jobsOf(partitions.file(start).placesOf(tag), { chunkRows, smallRows })) {
      if (rewrite(partitions.file(start), job)) partitions.touch(start)
      yield
    }
    if (!isPast) return
    const places = partitions.file(start).placesOf(tag)
    if (lieTogether(places)) return
    for (let i = 0; i < places.length; i += movedAtOnce) {
      const file = partitions.file(start)
      file.transaction(() => {
        for (const place of places.slice(i, i + movedAtOnce)) file.move(place)
      })
      partitions.touch(start)
      yield
    }
  }
}

/** Puts full chunks in place of these; false where one of them is damaged: what it holds may still be mended. */
function rewrite(file: PartitionFile, places: readonly Place[]): boolean {
  const { runs, age, damaged } = agedRuns(file, places)
  if (damaged.length > 0) return false
  const merged = mergeRuns(runs)
  file.transaction(() => {
    for (const place of places) file.remove(place)
    file.add(merged, age)
  })
  return true
}
