// Data of the mixed set in a history's folder, written as its hand writes chunks.
import { statSync } from "node:fs"
import { join } from "node:path"
import { Compaction } from "../../src/historian/chunks/compaction/compaction.ts"
import { openChunkHistory } from "../../src/historian/chunks/history.ts"
import { blankRun } from "../../src/historian/chunks/merge.ts"
import { Partitions } from "../../src/historian/chunks/partition/partitions.ts"
import type { Run } from "../../src/historian/chunks/run.ts"
import { nodeDisk } from "../../src/kernel/disk/node.ts"
import { silentLog } from "../../src/kernel/log.ts"
import { BlockWriter, type SourceId, sourceId } from "../../src/model/block.ts"
import { makeSet } from "../data/sets.ts"

export interface Filled {
  readonly samples: number
  readonly tags: number
  readonly start: number
  readonly days: number
  readonly periodMs: number
  readonly source: SourceId
  /** Files of the partitions. */
  readonly bytesPerSample: number
}

const tags = 1000
const days = 30
const chunk = 1024

/** Every tag at its period for thirty days, chunks of all tags in turn, as they come when all are measured at once. */
export async function fill(wanted: {
  readonly folder: string
  readonly samples: number
  readonly seed: number
}): Promise<Filled> {
  const { folder, seed } = wanted
  const perTag = Math.round(wanted.samples / tags)
  const start = Date.UTC(2026, 0, 1)
  const periodMs = (days * 86_400_000) / perTag
  const source = sourceId({ name: "plant", epoch: "a" })
  await meet(folder, source)
  const disk = nodeDisk
  const inside = join(folder, "history")
  const partitions = new Partitions({ folder: inside, disk })
  const set = makeSet("mixed", { seed, tags, periodMs: Math.round(periodMs), start })
  for (let first = 0; first < perTag; first += chunk) {
    const rows = Math.min(chunk, perTag - first)
    for (let from = 0; from < tags; from += 100) {
      const runs: Run[] = []
      for (let i = from; i < from + 100; i++) {
        const run = blankRun(i + 1, rows)
        set[i]?.fill(run, 0, rows)
        for (let row = 0; row < rows; row++) run.number[row] = (first + row) * tags + i
        runs.push(run)
      }
      partitions.put(runs)
    }
  }
  const compaction = new Compaction(partitions)
  while (compaction.step());
  if (!partitions.checkpoint()) throw new Error("a reader held up the checkpoint")
  partitions.close()
  const bytes = disk
    .list(inside)
    .filter((name) => /^\d.*\.db$/.test(name))
    .reduce((sum, name) => sum + statSync(join(inside, name)).size, 0)
  const samples = perTag * tags
  const bytesPerSample = Math.round((bytes / samples) * 1000) / 1000
  return { samples, tags, start, days, periodMs, source, bytesPerSample }
}

/** The history knows the source by its first number. */
async function meet(folder: string, source: SourceId): Promise<void> {
  const history = await openChunkHistory({ folder, log: silentLog })
  const writer = new BlockWriter()
  writer.add(tags + 1, 0, 0, 0)
  await history.append(writer.take({ source, sequence: 0, received: 0 }))
  await history.close()
}
