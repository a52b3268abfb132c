import type { TagId } from "../../../model/tag.ts"
import type { LastSample } from "../../historian.ts"
import type { Run } from "../run.ts"
import { type AddedRows, fullRun, type Newest, newestIn, OpenRun } from "./open-run.ts"
import { Rooms } from "./rooms.ts"
import { runIn, type SharedRun } from "./shared-run.ts"

/** A run to which nothing is added any more; readable here until its chunk is. */
export interface FrozenRun {
  readonly run: Run
  readonly shared: SharedRun
  readonly since: number
  /** Its rows were read from the journal, so that chunks may hold some already. */
  readonly isReplay: boolean
  /** Somebody was given its columns and may still read them. */
  isLent: boolean
}

class TagRuns {
  open: OpenRun | undefined
  /**
   * Rows from before the end of what was frozen: apart, so that one late row does not stretch a chunk over all the chunks
   * in between.
   */
  late: OpenRun | undefined
  /** In the order in which they were frozen. */
  readonly frozen: FrozenRun[] = []
  /** Rows of the last run that was frozen: the next will be about as long. */
  usual = 0
  frozenTo = Number.NEGATIVE_INFINITY
  /** Of the rows that are in chunks, as far as they were seen here. */
  sealed: Newest | undefined
  /** Of those that were in chunks when somebody first asked. */
  lookedUp: Promise<void> | undefined
}

/** What is not in chunks yet: every tag's newest rows, and its last sample. */
export class OpenRuns {
  readonly #tags = new Map<TagId, TagRuns>()
  readonly #rooms = new Rooms()
  #frozen: FrozenRun[] = []
  #openRows = 0
  #frozenRows = 0
  /** Counts the turns of the journal: rows of an earlier generation stand in an earlier segment. */
  generation = 0
  isReplay = false

  get openRows(): number {
    return this.#openRows
  }

  get frozenRows(): number {
    return this.#frozenRows
  }

  add(rows: AddedRows): void {
    for (let row = 0; row < rows.length; row++) this.#addRow(rows, row)
  }

  /** The oldest first; copied where they may still change. */
  runsOf(tag: TagId): readonly Run[] {
    const runs = this.#tags.get(tag)
    if (!runs) return []
    const found = runs.frozen.map((frozen) => {
      frozen.isLent = true
      return frozen.run
    })
    if (runs.late) found.push(runs.late.copy())
    if (runs.open) found.push(runs.open.copy())
    return found
  }

  get tags(): Iterable<TagId> {
    return this.#tags.keys()
  }

  /** Freezes what began before a generation, some runs at a time: each turn of the iterator is short. */
  *freezeBefore(generation: number): Generator<void> {
    let count = 0
    for (const runs of this.#tags.values()) {
      if (runs.late && runs.late.since < generation) this.#freezeLate(runs)
      if (runs.open && runs.open.since < generation) this.#freezeOpen(runs)
      if (++count % 256 === 0) yield
    }
  }

  /** The oldest frozen runs, which stay readable until they are released. */
  oldestFrozen(most: number): readonly FrozenRun[] {
    return this.#frozen.slice(0, most)
  }

  /** Lets the oldest frozen runs go: their chunks can be read. */
  release(count: number): void {
    for (const { run, shared, isLent } of this.#frozen.splice(0, count)) {
      const runs = this.#of(run.tag)
      runs.frozen.shift()
      this.#frozenRows -= run.at.length
      runs.sealed = newer(runs.sealed, newestIn(run, run.at.length))
      if (!isLent) this.#rooms.give(shared.buffer)
    }
  }

  /** The generation of the oldest row here; infinite where there is none. */
  oldestGeneration(): number {
    let oldest = this.#frozen.reduce((least, { since }) => Math.min(least, since), Infinity)
    for (const { open, late } of this.#tags.values())
      oldest = Math.min(oldest, open?.since ?? Infinity, late?.since ?? Infinity)
    return oldest
  }

  /** The tag's newest sample; `lookUp` is asked for what stands in chunks, once. */
  async latest(
    tag: TagId,
    lookUp: (tag: TagId) => Promise<LastSample | undefined>,
  ): Promise<LastSample | undefined> {
    const runs = this.#of(tag)
    runs.lookedUp ??= lookUpOnce(runs, lookUp(tag))
    await runs.lookedUp
    let newest = runs.sealed
    for (const { run } of runs.frozen) newest = newer(newest, newestIn(run, run.at.length))
    if (runs.late) newest = newer(newest, runs.late.newest())
    if (runs.open) newest = newer(newest, runs.open.newest())
    return newest && { at: newest.at, value: newest.value, quality: newest.quality }
  }

  /** What was known of chunks is no longer so. */
  forgetSealed(): void {
    for (const runs of this.#tags.values()) {
      runs.sealed = undefined
      runs.lookedUp = undefined
    }
  }

  #addRow(rows: AddedRows, row: number): void {
    const tag = rows.tag[row] as number
    const runs = this.#of(tag)
    const isLate = (rows.at[row] as number) <= runs.frozenTo
    let run = isLate ? runs.late : runs.open
    if (!run) {
      run = new OpenRun({
        ...{ tag, since: this.generation, rooms: this.#rooms },
        usual: isLate ? 0 : runs.usual,
        full: runs.usual > 0 ? fullRun : firstFull(tag),
      })
      if (isLate) runs.late = run
      else runs.open = run
    }
    if (run.add(rows, row)) this.#openRows++
    if (!run.isFull) return
    if (isLate) this.#freezeLate(runs)
    else this.#freezeOpen(runs)
  }

  #of(tag: TagId): TagRuns {
    let runs = this.#tags.get(tag)
    if (!runs) {
      runs = new TagRuns()
      this.#tags.set(tag, runs)
    }
    return runs
  }

  #freezeOpen(runs: TagRuns): void {
    if (!runs.open) return
    runs.frozenTo = runs.open.lastAt
    runs.usual = runs.open.length
    this.#freeze(runs, runs.open)
    runs.open = undefined
  }

  #freezeLate(runs: TagRuns): void {
    if (runs.late) this.#freeze(runs, runs.late)
    runs.late = undefined
  }

  #freeze(runs: TagRuns, open: OpenRun): void {
    const shared = open.share()
    const { since } = open
    const frozen = { run: runIn(shared), shared, since, isReplay: this.isReplay, isLent: false }
    runs.frozen.push(frozen)
    this.#frozen.push(frozen)
    this.#openRows -= open.length
    this.#frozenRows += open.length
  }
}

/** Tags that are read together would be full together each time, did their first runs not end one after the other. */
function firstFull(tag: TagId): number {
  return fullRun - ((tag - 1) % 16) * 32
}

/** Where both are of one time, what came into a chunk meanwhile is the later. */
async function lookUpOnce(runs: TagRuns, found: Promise<LastSample | undefined>): Promise<void> {
  runs.sealed = undefined
  const sample = await found
  if (sample) runs.sealed = newer({ ...sample, origin: -1, number: -1 }, runs.sealed)
}

/** The second where it is not before the first: a row that is there twice holds as it came last. */
function newer(first: Newest | undefined, second: Newest | undefined): Newest | undefined {
  if (!first || !second) return first ?? second
  const order = second.at - first.at || second.origin - first.origin || second.number - first.number
  return order < 0 ? first : second
}
