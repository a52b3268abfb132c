import type { ChunkHistory } from "../historian/chunks/history.ts"
import { evidenceWindows } from "../historian/chunks/upkeep/evidence.ts"
import { retire } from "../historian/chunks/upkeep/retire.ts"
import { TierBytes } from "../historian/chunks/upkeep/tier-bytes.ts"
import { StorageWatch } from "../historian/chunks/upkeep/watch.ts"
import type { Clock } from "../kernel/clock.ts"
import type { Disk } from "../kernel/disk.ts"
import type { Files } from "../kernel/files.ts"
import type { Log } from "../kernel/log.ts"
import type { Metrics } from "../kernel/metrics.ts"
import type { Plant, RetentionRule } from "../model/plant.ts"
import type { SqliteStore } from "../store/sqlite/store.ts"

export type { StorageWatch }

export interface StorageGround {
  /** The data folder. */
  readonly folder: string
  readonly history: ChunkHistory
  readonly store: SqliteStore
  readonly disk: Disk
  readonly files: Files
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
}

/** The watch over the data folder, with what retention lets go of the history. */
export function storageOf(plant: Plant, ground: StorageGround): StorageWatch {
  const { folder, history, store, disk, files, clock, log, metrics } = ground
  const shelves = history.shelves()
  const tiers = new TierBytes(shelves, { folder, files })
  return new StorageWatch({
    ...{
      folder,
      config: plant.storage,
      disk,
      files,
      store,
      clock,
      log: log.of("storage"),
      metrics,
    },
    retirement: {
      retire: (retention, now, signal) => retireSamples(ground, { retention, now }, signal),
      tiers: () => tiers.report(),
    },
  })
}

/** One pass of retention, with a record of what went; gives how many partitions became smaller. */
async function retireSamples(
  { history, store }: StorageGround,
  { retention, now }: { readonly retention: readonly RetentionRule[]; readonly now: number },
  signal: AbortSignal,
): Promise<number> {
  if (retention.length === 0) return 0
  const { registry, ledger } = store
  const evidence = await evidenceWindows(ledger, signal)
  const retired = await retire(
    history.shelves(),
    {
      ...{ retention, now },
      tag: (id) => {
        const [path, kind] = [registry.pathOf(id), registry.kindOf(id)]
        return path !== undefined && kind !== undefined ? { id, path, kind } : undefined
      },
      evidence: ({ path }) => evidence.get(path) ?? [],
    },
    signal,
  )
  const { partitions, samples, tags } = retired
  if (partitions.length > 0)
    await store.commit({
      records: [
        {
          ...{ kind: "samples.retired", subject: "plant", by: "part:storage", causes: [] },
          body: { samples, tags, partitions },
        },
      ],
    })
  return partitions.length
}
