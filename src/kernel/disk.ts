/**
 * A disk as a log writes to it: in place, at once, with a moment at which it is safe. Everything else goes through `Files`.
 * Calls throw what the system says, with its `code` (`ENOSPC`, `EIO`).
 */
export interface Disk {
  /** Makes the file where it is missing; its name is safe after `syncFolder`. */
  open(path: string): DiskFile
  /** Names, sorted; empty where there is no such folder. */
  list(folder: string): readonly string[]
  makeFolder(folder: string): void
  remove(path: string): void
  syncFolder(folder: string): void
  /** Bytes that this process may still use on the disk of the folder. */
  freeBytes(folder: string): number
}

export interface DiskFile {
  readonly bytes: number
  /** Adds the parts to the end, in one call where the system can. What was written in part before it threw stays: truncate. */
  append(parts: readonly Uint8Array[]): void
  /** Fills `into` from this place on; gives how many bytes there were. */
  read(into: Uint8Array, at: number): number
  truncate(bytes: number): void
  /** Resolves once all that was appended is safe; the event loop goes on meanwhile. */
  sync(): Promise<void>
  close(): void
}
