import type { Instant } from "../model/instant.ts"

/** What the data folder's bytes are: samples with their summaries, the log before them, business records, the rest. */
export const storageKinds = ["samples", "journal", "catalog", "records", "other"] as const

export type StorageKind = (typeof storageKinds)[number]

export type StorageState = "good" | "near" | "full"

/** How full the data folder is. Bytes are those of its files; what is set aside for a full disk is not counted. */
export interface StorageReport {
  readonly state: StorageState
  readonly usedBytes: number
  readonly budgetBytes: number
  /** That this process may still use on the disk. */
  readonly freeBytes: number
  readonly kinds: Readonly<Record<StorageKind, number>>
  /** Of `samples`: packed samples, and their summaries by tier. */
  readonly tiers: { readonly raw: number; readonly minutes: number; readonly hours: number }
  readonly oldestSample?: Instant
  /** At the rate of the last day, or since the start; absent where it does not grow or was not watched for ten minutes. */
  readonly daysUntilFull?: number
}

/** Whether there is room, and what to do where there is none. */
export interface Storage {
  report(): Promise<StorageReport>
  /** Throws `storage-full` while there is no room: whoever sends keeps what it has. */
  admit(): void
}

/** Such as `49.9 GB`; a thousand to the step, as disks are sold. */
export function sizeText(bytes: number): string {
  const units = ["bytes", "kB", "MB", "GB", "TB"]
  const step = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3))
  const amount = bytes / 1000 ** step
  return `${step === 0 ? amount : amount.toFixed(1)} ${units[step]}`
}
