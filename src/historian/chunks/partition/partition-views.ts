import { join } from "node:path"
import type { Instant } from "../../../model/instant.ts"
import { PartitionView } from "./partition-view.ts"
import { fileOf } from "./week.ts"

const mostOpen = 16

/** All partitions of a folder for those who read, opened as they are needed. */
export class PartitionViews {
  readonly #folder: string
  /** Ascending. */
  #starts: readonly Instant[]
  /** The last used is the last. */
  readonly #open = new Map<Instant, PartitionView>()

  constructor(folder: string, starts: readonly Instant[]) {
    this.#folder = folder
    this.#starts = starts.toSorted((a, b) => a - b)
  }

  /** Where each partition begins, ascending. */
  get starts(): readonly Instant[] {
    return this.#starts
  }

  /** To be called after a commit that may have made a partition. */
  note(start: Instant): void {
    if (this.#starts.includes(start)) return
    this.#starts = [...this.#starts, start].sort((a, b) => a - b)
  }

  /** To be called before a partition's file is removed. */
  drop(start: Instant): void {
    this.#starts = this.#starts.filter((one) => one !== start)
    this.#open.get(start)?.close()
    this.#open.delete(start)
  }

  /** The partition that begins then; undefined where there is none. */
  of(start: Instant): PartitionView | undefined {
    if (!this.#starts.includes(start)) return undefined
    const known = this.#open.get(start)
    if (known) this.#open.delete(start)
    const view = known ?? new PartitionView(join(this.#folder, fileOf(start)))
    this.#open.set(start, view)
    for (const [oldest, other] of this.#open) {
      if (this.#open.size <= mostOpen) break
      other.close()
      this.#open.delete(oldest)
    }
    return view
  }

  close(): void {
    for (const view of this.#open.values()) view.close()
    this.#open.clear()
  }
}
