import { join } from "node:path"
import { DamagedChunk, readRecordHead } from "../../../codec/chunk-record.ts"
import type { Files } from "../../../kernel/files.ts"
import { nextTurn } from "../../../kernel/turn.ts"
import { Problem, problemOf } from "../../../model/problem.ts"
import { PartitionView } from "../partition/partition-view.ts"
import { damage, runOf } from "../partition/place.ts"
import { weekOfFile } from "../partition/week.ts"
import { askDatabase } from "./copy-database.ts"
import { historyFolder } from "./measure.ts"
import { hourMs, minuteMs } from "./roll.ts"
import { partitionOfRollup, RollupFile } from "./rollup-file.ts"

/** What stands in a data folder's chunks; what is still in the log is not counted. */
export interface ChunkInspection {
  /** As the chunks hold them: a sample that was replaced may stand in two until they are joined. */
  readonly samples: number
  readonly cycles: number
  readonly partitions: number
  /** Stretches of a minute and of an hour that stand in for samples. */
  readonly summaries: number
  readonly faults: readonly string[]
}

/** Unpacks every chunk and summary of a data folder without changing anything. Throws `not-found`. */
export async function inspectChunks(
  where: { readonly folder: string; readonly files: Files },
  signal: AbortSignal,
): Promise<ChunkInspection> {
  const folder = join(where.folder, historyFolder)
  const names = await where.files.list(folder)
  if (!names.includes("catalog.db"))
    throw new Problem("not-found", folder, "got no catalog.db: no Moru has run with this folder")
  const found = { samples: 0, cycles: 0, partitions: 0, summaries: 0, faults: [] as string[] }
  const look = async (name: string, work: (path: string) => void | Promise<void>) => {
    const path = join(folder, name)
    try {
      const check = askDatabase(path, "PRAGMA quick_check(1)").quick_check
      if (check !== "ok") found.faults.push(`${name}: ${check}`)
      await work(path)
    } catch (thrown) {
      signal.throwIfAborted()
      found.faults.push(`${name}: ${problemOf(thrown, path).what}`)
    }
  }
  await look("catalog.db", (path) => {
    found.cycles = Number(askDatabase(path, "SELECT count(*) AS n FROM cycle").n)
  })
  for (const name of names)
    if (partitionOfRollup(name) !== undefined)
      await look(name, (path) => {
        found.summaries += summariesIn(path)
      })
    else if (weekOfFile(name) !== undefined) {
      found.partitions += 1
      await look(name, async (path) => {
        found.samples += await samplesIn(path, found.faults, signal)
      })
    }
  return found
}

async function samplesIn(path: string, faults: string[], signal: AbortSignal): Promise<number> {
  const view = new PartitionView(path)
  let samples = 0
  try {
    for (const tag of view.tags()) {
      for (const place of view.places(tag, Number.NEGATIVE_INFINITY, Infinity)) {
        samples += place.count
        try {
          const bytes = view.bytesOf(place)
          readRecordHead(bytes, place)
          runOf({ place, bytes })
        } catch (thrown) {
          if (!(thrown instanceof DamagedChunk)) throw thrown
          faults.push(damage(path, place, thrown).message)
        }
      }
      await nextTurn()
      signal.throwIfAborted()
    }
    return samples
  } finally {
    view.close()
  }
}

function summariesIn(path: string): number {
  const file = RollupFile.forReading(path)
  let rows = 0
  try {
    for (const stepMs of [minuteMs, hourMs])
      for (const tag of file.tags(stepMs)) {
        for (const rollup of file.rollups(tag, stepMs)) rows += rollup.rows
        for (const spans of file.spans(tag, stepMs)) rows += spans.rows
      }
    return rows
  } finally {
    file.close()
  }
}
