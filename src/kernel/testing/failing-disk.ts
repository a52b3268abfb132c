import type { Disk, DiskFile } from "../disk.ts"

export type DiskCall =
  | "open"
  | "makeFolder"
  | "remove"
  | "syncFolder"
  | "append"
  | "truncate"
  | "sync"

/** Says with which of the system's codes a call fails; undefined where it works. `n` counts all calls from 1 on. */
export type Fault = (call: { readonly kind: DiskCall; readonly n: number }) => string | undefined

/**
 * A real disk whose calls fail as told. A failing `append` leaves half of its bytes behind, as a full disk does; a failing
 * `sync` leaves what was written in the system's memory, as Linux does.
 */
export class FailingDisk implements Disk {
  readonly #disk: Disk
  readonly #fault: Fault
  calls = 0

  constructor(disk: Disk, fault: Fault) {
    this.#disk = disk
    this.#fault = fault
  }

  open(path: string): DiskFile {
    this.check("open")
    return new FailingFile(this.#disk.open(path), this)
  }

  list(folder: string): readonly string[] {
    return this.#disk.list(folder)
  }

  makeFolder(folder: string): void {
    this.check("makeFolder")
    this.#disk.makeFolder(folder)
  }

  remove(path: string): void {
    this.check("remove")
    this.#disk.remove(path)
  }

  syncFolder(folder: string): void {
    this.check("syncFolder")
    this.#disk.syncFolder(folder)
  }

  freeBytes(folder: string): number {
    return this.#disk.freeBytes(folder)
  }

  /** Counts a call and fails it where it is its turn. */
  check(kind: DiskCall): void {
    this.calls += 1
    const code = this.#fault({ kind, n: this.calls })
    if (code !== undefined)
      throw Object.assign(new Error(`${code}: planned failure of ${kind}`), { code })
  }
}

class FailingFile implements DiskFile {
  readonly #file: DiskFile
  readonly #disk: FailingDisk

  constructor(file: DiskFile, disk: FailingDisk) {
    this.#file = file
    this.#disk = disk
  }

  get bytes(): number {
    return this.#file.bytes
  }

  append(parts: readonly Uint8Array[]): void {
    try {
      this.#disk.check("append")
    } catch (thrown) {
      const all = Buffer.concat(parts)
      this.#file.append([all.subarray(0, all.length >> 1)])
      throw thrown
    }
    this.#file.append(parts)
  }

  read(into: Uint8Array, at: number): number {
    return this.#file.read(into, at)
  }

  truncate(bytes: number): void {
    this.#disk.check("truncate")
    this.#file.truncate(bytes)
  }

  async sync(): Promise<void> {
    this.#disk.check("sync")
    await this.#file.sync()
  }

  close(): void {
    this.#file.close()
  }
}
