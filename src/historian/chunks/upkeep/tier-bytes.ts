import { join } from "node:path"
import type { Files } from "../../../kernel/files.ts"
import type { Instant } from "../../../model/instant.ts"
import type { StorageReport } from "../../storage.ts"
import { fileOf } from "../partition/week.ts"
import { historyFolder } from "./measure.ts"
import type { Shelves } from "./retire.ts"
import { hourMs, minuteMs } from "./roll.ts"

interface Counted {
  /** Of the file when it was looked into. */
  readonly changedAt: number
  readonly minutes: number
  readonly hours: number
}

/** What samples and summaries take. Files of summaries are looked into again only when they changed. */
export class TierBytes {
  readonly #shelves: Shelves
  readonly #folder: string
  readonly #files: Files
  readonly #counted = new Map<Instant, Counted>()

  /** `folder` is the data folder. */
  constructor(shelves: Shelves, { folder, files }: { folder: string; files: Files }) {
    this.#shelves = shelves
    this.#folder = join(folder, historyFolder)
    this.#files = files
  }

  async report(): Promise<StorageReport["tiers"] & { oldestSample?: Instant }> {
    const { rollups } = this.#shelves
    const starts = this.#shelves.partitions()
    let raw = 0
    for (const start of starts)
      for (const end of ["", "-wal"])
        raw += (await this.#files.look(join(this.#folder, `${fileOf(start)}${end}`)))?.bytes ?? 0
    let [minutes, hours] = [0, 0]
    for (const start of rollups.starts) {
      const counted = await this.#count(start)
      minutes += counted.minutes
      hours += counted.hours
    }
    const oldest = [starts[0], rollups.starts[0]].filter((start) => start !== undefined)
    return {
      ...{ raw, minutes, hours },
      ...(oldest.length > 0 && { oldestSample: this.#oldestIn(Math.min(...oldest)) }),
    }
  }

  async #count(start: Instant): Promise<Counted> {
    const { rollups } = this.#shelves
    const changedAt = (await this.#files.look(rollups.pathOf(start)))?.changedAt ?? 0
    const known = this.#counted.get(start)
    if (known?.changedAt === changedAt) return known
    const file = rollups.of(start)
    const bytes = (stepMs: number) => file?.bytes(stepMs) ?? 0
    const counted = { changedAt, minutes: bytes(minuteMs), hours: bytes(hourMs) }
    this.#counted.set(start, counted)
    return counted
  }

  /** The first sample or summary of the oldest partition. */
  #oldestIn(start: Instant): Instant {
    const first = this.#shelves.oldestIn(start)
    const summary = this.#shelves.rollups.of(start)?.oldest
    return first === undefined && summary === undefined
      ? start
      : Math.min(first ?? Infinity, summary ?? Infinity)
  }
}
