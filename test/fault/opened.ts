import { type ChunkHistory, openChunkHistory } from "../../src/historian/chunks/history.ts"
import { nodeDisk } from "../../src/kernel/disk/node.ts"
import { silentLog } from "../../src/kernel/log.ts"

/** The history of a data folder, as a plant opens it. */
export function opened(folder: string): Promise<ChunkHistory> {
  return openChunkHistory({ folder, log: silentLog, disk: nodeDisk })
}
