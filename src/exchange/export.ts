import type { History } from "../historian/historian.ts"
import type { Instant } from "../model/instant.ts"
import type { Tag, TagId } from "../model/tag.ts"

export const exportFormats = ["csv", "parquet"] as const
export type ExportFormat = (typeof exportFormats)[number]

/** What a browser is told of each kind of file; the format's name is its extension. */
export const mediaTypes: Readonly<Record<ExportFormat, string>> = {
  csv: "text/csv; charset=utf-8",
  parquet: "application/vnd.apache.parquet",
}

export type ExportTag = Pick<Tag, "path" | "kind" | "unit"> & { readonly id: TagId }

/** Samples that leave the house: tag after tag in this order, ascending by time within each. */
export interface ExportRequest {
  readonly tags: readonly ExportTag[]
  /** In. */
  readonly from: Instant
  /** Out. */
  readonly to: Instant
  /** IANA name of the zone whose wall clocks people know. */
  readonly timezone: string
  /** Called after each piece of some thousand rows. */
  readonly onProgress?: (progress: ExportProgress) => void
}

export interface ExportProgress {
  readonly rows: number
  /** Of the tags' time, 0 to 1: how far it is where every tag has as many samples at all times. */
  readonly share: number
}

export interface ExportSource {
  readonly history: Pick<History, "read">
  /** The text behind a number in the tag's dictionary. */
  textOf(tag: TagId, id: number): string | undefined
}

/**
 * One file, in pieces; what is written next is read only when the piece before is taken, so memory stays bounded
 * whatever the file's size. A file that ends by a throw is no whole file. Throws the signal's reason and what the history throws.
 */
export type Exporter = (
  request: ExportRequest,
  source: ExportSource,
  signal: AbortSignal,
) => AsyncIterable<Uint8Array>
