import { join } from "node:path"
import { DamagedRows, decodeRows } from "../../codec/rows.ts"
import type { Disk } from "../../kernel/disk.ts"
import type { Files } from "../../kernel/files.ts"
import { type Damage, inspectJournal, type JournalFrame } from "../../kernel/journal.ts"
import { nextTurn } from "../../kernel/turn.ts"
import { type ChunkInspection, inspectChunks } from "./upkeep/inspect.ts"

/** What `moru doctor` says of a data folder's history. */
export interface HistoryInspection extends ChunkInspection {
  /** Samples in the journal; after a crash some may stand in chunks too. */
  readonly inJournal: number
}

/** Looks at every chunk and every frame of the journal without changing them. Throws `not-found`. */
export async function inspectHistory(
  where: { readonly folder: string; readonly files: Files; readonly disk: Disk },
  signal: AbortSignal,
): Promise<HistoryInspection> {
  const chunks = await inspectChunks(where, signal)
  const faults = [...chunks.faults]
  let inJournal = 0
  for (const found of inspectJournal(where.disk, join(where.folder, "history", "journal"))) {
    signal.throwIfAborted()
    if ("payload" in found) inJournal += rowsIn(found, faults)
    // A half-written end is what a crash leaves of rows that were never acknowledged.
    else if (!found.tail) faults.push(saying(found))
    await nextTurn()
  }
  return { ...chunks, faults, inJournal }
}

function rowsIn({ position, payload }: JournalFrame, faults: string[]): number {
  try {
    return decodeRows(payload).blocks.reduce((rows, { length }) => rows + length, 0)
  } catch (thrown) {
    if (!(thrown instanceof DamagedRows)) throw thrown
    faults.push(`journal: frame ${position}: ${thrown.message}`)
    return 0
  }
}

function saying({ file, offset, bytes }: Damage): string {
  return `${file}: ${bytes} bytes from byte ${offset} on are damaged`
}
