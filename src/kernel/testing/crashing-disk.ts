import { dirname } from "node:path"
import type { Disk, DiskFile } from "../disk.ts"
import type { Random } from "../random.ts"

interface Kept {
  bytes: Buffer
  /** What a crash leaves for certain. */
  safe: Buffer
  /** Whether its name is safe. */
  isNamed: boolean
}

/**
 * A disk in memory that can lose its power: of what was not synced some, all or nothing is left, torn anywhere; names of files
 * made and removed since the last `syncFolder` may be as before.
 */
export class CrashingDisk implements Disk {
  #files = new Map<string, Kept>()
  /** Removed, but not for certain. */
  #removed = new Map<string, Kept>()
  #life = 0
  /** Whether it says that something is safe which is not. */
  isLying = false
  readonly #synced: () => Promise<void>

  /** `synced` takes as long as a sync does. */
  constructor(synced: () => Promise<void> = async () => {}) {
    this.#synced = synced
  }

  open(path: string): DiskFile {
    let file = this.#files.get(path)
    if (!file) {
      file = { bytes: Buffer.alloc(0), safe: Buffer.alloc(0), isNamed: false }
      this.#files.set(path, file)
      this.#removed.delete(path)
    }
    const life = this.#life
    return new MemoryFile(file, {
      isAlive: () => life === this.#life,
      isLying: () => this.isLying,
      synced: this.#synced,
    })
  }

  list(folder: string): readonly string[] {
    const names = [...this.#files.keys()].filter((path) => dirname(path) === folder)
    return names.map((path) => path.slice(folder.length + 1)).sort()
  }

  makeFolder(): void {}

  remove(path: string): void {
    const file = this.#files.get(path)
    if (file?.isNamed) this.#removed.set(path, file)
    this.#files.delete(path)
  }

  syncFolder(folder: string): void {
    for (const [path, file] of this.#files) if (dirname(path) === folder) file.isNamed = true
    for (const path of this.#removed.keys())
      if (dirname(path) === folder) this.#removed.delete(path)
  }

  freeBytes(): number {
    return Number.POSITIVE_INFINITY
  }

  /** Files opened before it do nothing any more. */
  crash(random: Random): void {
    this.#life++
    for (const [path, file] of this.#removed) if (random.next() < 0.5) this.#files.set(path, file)
    this.#removed.clear()
    for (const [path, file] of this.#files) {
      if (!file.isNamed && random.next() < 0.5) {
        this.#files.delete(path)
        continue
      }
      const reach =
        file.safe.length + Math.floor(random.next() * (file.bytes.length - file.safe.length + 1))
      const isAhead = file.bytes.length > file.safe.length
      const left = isAhead && random.next() < 0.7 ? file.bytes.subarray(0, reach) : file.safe
      const bytes = Buffer.from(left)
      this.#files.set(path, { bytes, safe: bytes, isNamed: true })
    }
  }

  /** As if the disk were another: everything is gone. */
  wipe(): void {
    this.#life++
    this.#files.clear()
    this.#removed.clear()
  }
}

interface Power {
  isAlive(): boolean
  isLying(): boolean
  synced(): Promise<void>
}

class MemoryFile implements DiskFile {
  readonly #file: Kept
  readonly #disk: Power

  constructor(file: Kept, disk: Power) {
    this.#file = file
    this.#disk = disk
  }

  get bytes(): number {
    return this.#file.bytes.length
  }

  append(parts: readonly Uint8Array[]): void {
    this.#check()
    this.#file.bytes = Buffer.concat([this.#file.bytes, ...parts])
  }

  read(into: Uint8Array, at: number): number {
    return this.#file.bytes.copy(into, 0, at, at + into.length)
  }

  truncate(bytes: number): void {
    this.#check()
    this.#file.bytes = this.#file.bytes.subarray(0, bytes)
    this.#file.safe = this.#file.safe.subarray(0, bytes)
  }

  async sync(): Promise<void> {
    this.#check()
    const { bytes } = this.#file
    await this.#disk.synced()
    this.#check()
    if (!this.#disk.isLying()) this.#file.safe = bytes
  }

  close(): void {}

  #check(): void {
    if (!this.#disk.isAlive())
      throw Object.assign(new Error("EIO: the power is off"), { code: "EIO" })
  }
}
