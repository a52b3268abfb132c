import { join } from "node:path"
import type { Files } from "../../../kernel/files.ts"
import type { StorageKind } from "../../storage.ts"

export const historyFolder = "history"
/** Set aside so that a full disk leaves room to delete and to recover. */
export const ballastFile = "ballast"

export type BytesByKind = Record<StorageKind, number>

/** Adds up the files of a data folder. What vanishes meanwhile counts nothing. */
export async function measure(folder: string, files: Files): Promise<BytesByKind> {
  const bytes: BytesByKind = { samples: 0, journal: 0, catalog: 0, records: 0, other: 0 }
  const add = async (path: readonly string[]): Promise<void> => {
    const at = join(folder, ...path)
    const look = await files.look(at)
    if (look?.kind === "folder") for (const name of await files.list(at)) await add([...path, name])
    else if (look && path.at(-1) !== ballastFile) bytes[kindOf(path)] += look.bytes
  }
  for (const name of await files.list(folder)) await add([name])
  return bytes
}

function kindOf([top = "", name = ""]: readonly string[]): StorageKind {
  if (top.startsWith("store.db")) return "records"
  if (top !== historyFolder) return "other"
  if (name === "journal") return "journal"
  return name.startsWith("catalog.db") ? "catalog" : "samples"
}
