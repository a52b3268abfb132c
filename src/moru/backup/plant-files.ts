import { join } from "node:path"
import type { Files } from "../../kernel/files.ts"

const deepest = 6

/** The YAML files of a plant's folder, but those of its data; secrets that they name stay where they are. */
export async function plantFilesIn(
  folder: string,
  dataFolder: string,
  files: Files,
): Promise<readonly string[]> {
  const found: string[] = []
  const walk = async (within: readonly string[]): Promise<void> => {
    for (const name of await files.list(join(folder, ...within))) {
      const path = [...within, name]
      const at = join(folder, ...path)
      if (name.startsWith(".") || name === "node_modules" || at === dataFolder) continue
      const look = await files.look(at)
      if (look?.kind === "folder" && path.length < deepest) await walk(path)
      else if (look?.kind === "file" && /\.ya?ml$/.test(name)) found.push(path.join("/"))
    }
  }
  await walk([])
  return found
}
