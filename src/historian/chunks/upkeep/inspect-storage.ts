import { join } from "node:path"
import type { Files } from "../../../kernel/files.ts"
import type { Instant } from "../../../model/instant.ts"
import { type StorageKind, type StorageReport, storageKinds } from "../../storage.ts"
import { weekOfFile } from "../partition/week.ts"
import { historyFolder, measure } from "./measure.ts"
import { hourMs, minuteMs } from "./roll.ts"
import { partitionOfRollup, RollupFile } from "./rollup-file.ts"

/** What `moru doctor` says of a data folder's bytes. */
export interface StorageInspection {
  readonly usedBytes: number
  readonly kinds: Readonly<Record<StorageKind, number>>
  readonly tiers: StorageReport["tiers"]
  /** Where the oldest partition of samples or summaries begins. */
  readonly from?: Instant
}

/** Measures a data folder without changing it, whether Moru runs or not. */
export async function inspectStorage(where: {
  readonly folder: string
  readonly files: Files
}): Promise<StorageInspection> {
  const { folder, files } = where
  const kinds = await measure(folder, files)
  const tiers = { raw: 0, minutes: 0, hours: 0 }
  let from = Infinity
  for (const name of await files.list(join(folder, historyFolder))) {
    const path = join(folder, historyFolder, name)
    const partition = partitionOfRollup(name)
    const start = weekOfFile(partition ?? name)
    if (start === undefined) continue
    from = Math.min(from, start)
    if (partition === undefined) tiers.raw += (await files.look(path))?.bytes ?? 0
    else {
      const file = RollupFile.forReading(path)
      tiers.minutes += file.bytes(minuteMs)
      tiers.hours += file.bytes(hourMs)
      file.close()
    }
  }
  const usedBytes = storageKinds.reduce((sum, kind) => sum + kinds[kind], 0)
  return { usedBytes, kinds, tiers, ...(Number.isFinite(from) && { from }) }
}
