import { watch } from "node:fs"
import { mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises"
import { dirname } from "node:path"
import type { Files } from "../files.ts"

export const nodeFiles: Files = {
  read: (path) => readFile(path).catch(missing(undefined)),
  list: async (folder) => (await readdir(folder).catch(missing([]))).sort(),
  write: async (path, content) => {
    await mkdir(dirname(path), { recursive: true })
    const aside = `${path}.writing`
    await using file = await open(aside, "w")
    await file.writeFile(content)
    await file.sync()
    await rename(aside, path)
    await using folder = await open(dirname(path), "r")
    await folder.sync()
  },
  watch: (folder, changed, signal) => {
    watch(folder, { recursive: true, signal }, () => changed()).on("error", () => {})
  },
  makeFolder: async (path) => {
    await mkdir(path, { recursive: true })
  },
  remove: (path) => rm(path, { recursive: true, force: true }),
}

function missing<T>(instead: T): (error: NodeJS.ErrnoException) => T {
  return (error) => {
    if (error.code === "ENOENT") return instead
    throw error
  }
}
