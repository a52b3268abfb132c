import { join } from "node:path"
import { pid } from "node:process"
import { DatabaseSync } from "node:sqlite"
import type { Files } from "../../kernel/files.ts"
import { Problem } from "../../model/problem.ts"

const sqliteBusy = 5

/** Holds the folder for this process alone. */
export interface FolderLock {
  release(): Promise<void>
}

/**
 * Locks the data folder. The lock is the operating system's, held through a transaction on an empty SQLite file: it
 * ends with the process however that ends, so a kill leaves nothing behind that could block. The file beside it only
 * names the holder. Throws `data-locked`.
 */
export async function lockFolder(folder: string, files: Files): Promise<FolderLock> {
  const holder = join(folder, "lock.pid")
  const file = new DatabaseSync(join(folder, "lock.db"), { timeout: 0 })
  try {
    file.exec("BEGIN EXCLUSIVE")
  } catch (thrown) {
    file.close()
    if (!isBusy(thrown)) throw thrown
    const other = await files.read(holder)
    const name = other ? `process ${new TextDecoder().decode(other)}` : "another process"
    throw new Problem("data-locked", folder, `is in use by ${name}`, { cause: thrown })
  }
  await files.write(holder, String(pid))
  return {
    release: async () => {
      await files.remove(holder)
      file.close()
    },
  }
}

function isBusy(thrown: unknown): boolean {
  return thrown instanceof Error && "errcode" in thrown && thrown.errcode === sqliteBusy
}
