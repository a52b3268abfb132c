import { join } from "node:path"
import type { Files } from "../kernel/files.ts"
import { Problem } from "../model/problem.ts"

/** Makes the data folder, and proves that files can be kept in it. Throws `data-unwritable`. */
export async function openDataFolder(folder: string, files: Files): Promise<void> {
  const trial = join(folder, "trial")
  try {
    await files.makeFolder(folder)
    await files.write(trial, "Moru may write here.")
    await files.remove(trial)
  } catch (thrown) {
    const got = thrown instanceof Error ? thrown.message : String(thrown)
    throw new Problem("data-unwritable", folder, `got ${got}, expected a folder to write in`, {
      cause: thrown,
    })
  }
}
