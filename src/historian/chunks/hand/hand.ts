import type { Damage } from "../../../kernel/journal.ts"
import type { Instant } from "../../../model/instant.ts"
import type { TagId } from "../../../model/tag.ts"
import type { Range } from "../../historian.ts"
import type { CycleRow, SourceRow } from "../catalog/catalog.ts"
import type { SharedRun } from "../open/shared-run.ts"

/** What is to be made durable together: rows as the journal keeps them, and what the catalog is told of them. */
export interface Batch extends Notes {
  /** Of `encodeRows`; its buffer goes over to the hand. */
  readonly rows: Uint8Array<ArrayBuffer>
}

export interface Notes {
  /** Sources met for the first time. */
  readonly sources: readonly SourceRow[]
  readonly cycles: readonly CycleRow[]
}

export interface Replayed {
  /** The next frame of the journal, undefined behind the last. */
  readonly rows?: Uint8Array
  /** What was found damaged on the way there. */
  readonly damages: readonly Damage[]
}

export interface Sealing {
  /** In the order of their age. */
  readonly runs: readonly SharedRun[]
  /** Whether chunks may hold some of these rows already, as after a crash. */
  readonly isReplay: boolean
}

/** What a history finds when it opens. */
export interface Found {
  readonly sources: readonly SourceRow[]
  /** Where each partition begins. */
  readonly partitions: readonly Instant[]
}

export interface Settling {
  /** Sources whose last row is new. */
  readonly sources: readonly SourceRow[]
  /** Frames up to it are no longer needed: their rows are in chunks. */
  readonly position: number
}

export interface Forgetting {
  readonly before: Instant
  readonly keep: readonly Range[]
  /** Default: all. */
  readonly tags?: readonly TagId[]
}

/**
 * The only one that writes: journal, chunks and catalog. It works in a thread of its own, or in the caller's. Each call
 * takes its turn in the order of the calls, and rejects with `storage-full`, `history-corrupt` or `store-failed`.
 */
export interface Hand {
  /** Opens all files. */
  start(): Promise<Found>
  /** Called after `start` until there is no more. */
  replay(): Promise<Replayed>
  /** Durable when it resolves. Batches that wait at the same moment share a write and its fsync. */
  write(batch: Batch): Promise<void>
  /** Tells the catalog what the journal has already. */
  note(notes: Notes): Promise<void>
  /**
   * Writes chunks; they can be read when it resolves, and are safe against a power cut after `settle`. Gives where the
   * partitions begin that they went into.
   */
  seal(sealing: Sealing): Promise<readonly Instant[]>
  /** Begins a new segment of the journal; gives the position of the last frame before it. */
  roll(): Promise<number>
  /** Makes all chunks safe, then drops what the journal no longer needs to keep. */
  settle(settling: Settling): Promise<void>
  /** Removes rows from chunks; gives the partitions that hold nothing any more. */
  forget(forgetting: Forgetting): Promise<readonly Instant[]>
  /** Deletes partitions that nobody reads any more; gives those that stay, since rows came meanwhile. */
  removeEmpty(partitions: readonly Instant[]): Promise<readonly Instant[]>
  /** Does a little to make few full chunks of many small ones; false where there is nothing to do until more is sealed. */
  compact(): Promise<boolean>
  /** Never throws. */
  close(): Promise<void>
}
