import { join } from "node:path"
import type { Disk } from "../../../kernel/disk.ts"
import type { Instant } from "../../../model/instant.ts"
import type { TagId } from "../../../model/tag.ts"
import { fileOf, weekAfter, weekOfFile } from "../partition/week.ts"
import { partitionOfRollup, type Retired, RollupFile, rollupFileOf } from "./rollup-file.ts"

const mostOpen = 6
/** Files that are looked through for the value that held before an interval. */
const mostBack = 60

/** The summaries of a history, a file a partition: read from here, and changed by retention alone. */
export class Rollups {
  readonly #folder: string
  readonly #disk: Disk | undefined
  /** The last used is the last. */
  readonly #open = new Map<Instant, RollupFile>()
  #starts: readonly Instant[] = []

  /** `folder` is the history's own. */
  constructor(folder: string, disk: Disk | undefined) {
    this.#folder = folder
    this.#disk = disk
    this.refresh()
  }

  /** Where the partitions with summaries begin, ascending. */
  get starts(): readonly Instant[] {
    return this.#starts
  }

  /** To be called after files came or went. */
  refresh(): void {
    const names = this.#disk?.list(this.#folder) ?? []
    const partitions = names.flatMap((name) => partitionOfRollup(name) ?? [])
    this.#starts = partitions.flatMap((name) => weekOfFile(name) ?? []).sort((a, b) => a - b)
  }

  pathOf(start: Instant): string {
    return join(this.#folder, rollupFileOf(fileOf(start)))
  }

  /** Undefined where that partition has none. */
  of(start: Instant): RollupFile | undefined {
    if (!this.#starts.includes(start)) return undefined
    const known = this.#open.get(start)
    const file = known ?? RollupFile.forReading(this.pathOf(start))
    this.#open.delete(start)
    this.#open.set(start, file)
    for (const [oldest, other] of this.#open) {
      if (this.#open.size <= mostOpen) break
      other.close()
      this.#open.delete(oldest)
    }
    return file
  }

  /** For retention: made where it is missing, and closed by whoever asked. */
  forWriting(start: Instant): RollupFile {
    return RollupFile.forWriting(this.pathOf(start))
  }

  /** Deletes the file of a partition's summaries. */
  remove(start: Instant): void {
    this.#open.get(start)?.close()
    this.#open.delete(start)
    for (const end of ["-wal", "-shm", ""]) this.#disk?.remove(`${this.pathOf(start)}${end}`)
    this.refresh()
  }

  /** The stretches of a tag that summaries stand in for, within `from` (in) to `to` (out), ascending. */
  retired(
    tag: TagId,
    from: Instant,
    to: Instant,
  ): readonly (Retired & { readonly start: Instant })[] {
    return this.#starts.flatMap((start) =>
      start < to && weekAfter(start) > from
        ? (this.of(start)?.retired(tag, from, to) ?? []).map((one) => ({ ...one, start }))
        : [],
    )
  }

  /** The last stretch of a tag that ends by then, and not before `after`. */
  before(tag: TagId, then: Instant, after: Instant): Retired | undefined {
    const starts = this.#starts.filter((start) => start < then && weekAfter(start) > after)
    for (const start of starts.toReversed().slice(0, mostBack)) {
      const last = this.of(start)?.retired(tag, after, then).at(-1)
      if (last) return last
    }
    return undefined
  }

  close(): void {
    for (const file of this.#open.values()) file.close()
    this.#open.clear()
  }
}
