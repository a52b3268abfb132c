import {
  closeSync,
  constants,
  fdatasync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
  statfsSync,
  writevSync,
} from "node:fs"
import type { Disk, DiskFile } from "../disk.ts"

export const nodeDisk: Disk = {
  open: (path) => new NodeFile(openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600)),
  list: (folder) => {
    try {
      return readdirSync(folder).sort()
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code === "ENOENT") return []
      throw thrown
    }
  },
  makeFolder: (folder) => {
    mkdirSync(folder, { recursive: true })
  },
  remove: (path) => rmSync(path, { force: true }),
  syncFolder: (folder) => {
    const opened = openSync(folder, "r")
    try {
      fsyncSync(opened)
    } finally {
      closeSync(opened)
    }
  },
  freeBytes: (folder) => {
    const { bavail, bsize } = statfsSync(folder)
    return bavail * bsize
  },
}

class NodeFile implements DiskFile {
  readonly #descriptor: number
  #bytes: number

  constructor(descriptor: number) {
    this.#descriptor = descriptor
    this.#bytes = fstatSync(descriptor).size
  }

  get bytes(): number {
    return this.#bytes
  }

  append(parts: readonly Uint8Array[]): void {
    let rest = parts.filter((part) => part.length > 0)
    while (rest.length > 0) {
      const written = writevSync(this.#descriptor, rest, this.#bytes)
      this.#bytes += written
      rest = restAfter(rest, written)
    }
  }

  read(into: Uint8Array, at: number): number {
    let length = 0
    while (length < into.length) {
      const read = readSync(this.#descriptor, into, length, into.length - length, at + length)
      if (read === 0) break
      length += read
    }
    return length
  }

  truncate(bytes: number): void {
    ftruncateSync(this.#descriptor, bytes)
    this.#bytes = bytes
  }

  sync(): Promise<void> {
    return new Promise((resolve, reject) =>
      fdatasync(this.#descriptor, (failed) => (failed ? reject(failed) : resolve())),
    )
  }

  close(): void {
    closeSync(this.#descriptor)
  }
}

/** A system may take less than it was given: on a disk nearly full, or beyond its most parts a call. */
function restAfter(parts: readonly Uint8Array[], written: number): Uint8Array[] {
  const rest: Uint8Array[] = []
  let left = written
  for (const part of parts) {
    if (left < part.length) rest.push(part.subarray(left))
    left = Math.max(0, left - part.length)
  }
  return rest
}
