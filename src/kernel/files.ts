/** The files of the house, so that tests can stand in for a disk and only one place touches it. Paths are the system's. */
export interface Files {
  /** Undefined where there is no such file. */
  read(path: string): Promise<Uint8Array | undefined>
  /** Names in the folder, sorted; empty where there is no such folder. */
  list(folder: string): Promise<readonly string[]>
  /**
   * Safe when it resolves: written aside, fsynced, renamed, folder fsynced. Makes folders on the way. `mode` are the
   * rights of a new file, such as 0o600 for a secret.
   */
  write(
    path: string,
    content: Uint8Array | string,
    options?: { readonly mode?: number },
  ): Promise<void>
  /** Adds to the end of the file, which is made where it is missing; fsynced when it resolves. */
  append(path: string, content: Uint8Array | string): Promise<void>
  /**
   * Calls back (debounced by the system only) when something beneath the folder changes, until the signal aborts, with
   * the file's path within the folder where the system tells it.
   */
  watch(folder: string, changed: (file: string | undefined) => void, signal: AbortSignal): void
  makeFolder(path: string): Promise<void>
  remove(path: string): Promise<void>
  /** What stands at the path itself, links not followed; undefined where nothing does. */
  look(path: string): Promise<FileLook | undefined>
  /** Gives a file another name on the same disk, in place of one that has it; safe when it resolves. Makes folders on the way. */
  move(from: string, to: string): Promise<void>
  /** In pieces, for files larger than memory; at most its first `bytes`. Throws where there is no such file. */
  pieces(path: string, bytes?: number): AsyncIterable<Uint8Array>
  /** As `write`, in pieces. */
  writePieces(
    path: string,
    pieces: AsyncIterable<Uint8Array>,
    options?: { readonly mode?: number },
  ): Promise<void>
  /** A second name of a file on the same disk; a copy where the disk knows no such names. Makes folders on the way. */
  link(from: string, to: string): Promise<void>
}

export interface FileLook {
  readonly kind: "file" | "folder" | "other"
  readonly bytes: number
  /** When its content was changed last, as its disk tells it. */
  readonly changedAt: number
}
