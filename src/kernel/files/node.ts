import { watch } from "node:fs"
import { copyFile, link, lstat, mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises"
import { dirname } from "node:path"
import type { Files } from "../files.ts"

export const nodeFiles: Files = {
  read: (path) => readFile(path).catch(missing(undefined)),
  list: async (folder) => (await readdir(folder).catch(missing([]))).sort(),
  write: async (path, content, { mode } = {}) => {
    await mkdir(dirname(path), { recursive: true })
    const aside = `${path}.writing`
    await using file = await open(aside, "w", mode)
    await file.writeFile(content)
    await file.sync()
    await rename(aside, path)
    await syncFolder(dirname(path))
  },
  append: async (path, content) => {
    await using file = await open(path, "a")
    await file.appendFile(content)
    await file.sync()
    await syncFolder(dirname(path))
  },
  watch: (folder, changed, signal) => {
    const watcher = watch(folder, { recursive: true, signal }, (_, file) =>
      changed(file ?? undefined),
    )
    watcher.on("error", () => {})
  },
  makeFolder: async (path) => {
    await mkdir(path, { recursive: true })
  },
  remove: (path) => rm(path, { recursive: true, force: true }),
  look: async (path) => {
    const found = await lstat(path).catch(missing(undefined))
    if (!found) return undefined
    const other = found.isDirectory() ? "folder" : "other"
    return {
      kind: found.isFile() ? "file" : other,
      bytes: found.size,
      changedAt: found.mtimeMs,
    }
  },
  move: async (from, to) => {
    await mkdir(dirname(to), { recursive: true })
    await rename(from, to)
    await syncFolder(dirname(to))
    await syncFolder(dirname(from))
  },
  pieces: async function* (path, bytes = Number.POSITIVE_INFINITY) {
    await using file = await open(path, "r")
    let left = bytes
    while (left > 0) {
      // Whoever was given the last piece may still hold it.
      const piece = new Uint8Array(Math.min(pieceBytes, left))
      const { bytesRead } = await file.read(piece, 0, piece.length)
      if (bytesRead === 0) return
      left -= bytesRead
      yield piece.subarray(0, bytesRead)
    }
  },
  writePieces: async (path, pieces, { mode } = {}) => {
    await mkdir(dirname(path), { recursive: true })
    const aside = `${path}.writing`
    await using file = await open(aside, "w", mode)
    for await (const piece of pieces) await file.writeFile(piece)
    await file.sync()
    await rename(aside, path)
    await syncFolder(dirname(path))
  },
  link: async (from, to) => {
    await mkdir(dirname(to), { recursive: true })
    await link(from, to).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT" || error.code === "EEXIST") throw error
      return copyFile(from, to)
    })
  },
}

const pieceBytes = 262_144

/** A new name is safe only once its folder is. */
async function syncFolder(path: string): Promise<void> {
  await using folder = await open(path, "r")
  await folder.sync()
}

function missing<T>(instead: T): (error: NodeJS.ErrnoException) => T {
  return (error) => {
    if (error.code === "ENOENT") return instead
    throw error
  }
}
