import type { Disk } from "../../../kernel/disk.ts"

const pieceBytes = 1_048_576

/** Room on the disk that is held while there is enough and given up when there is none. */
export class Ballast {
  readonly #disk: Disk
  readonly #path: string

  constructor(disk: Disk, path: string) {
    this.#disk = disk
    this.#path = path
  }

  /** Takes the room where it is not held yet; gives back what was taken where the disk has less. */
  async hold(bytes: number): Promise<void> {
    const file = this.#disk.open(this.#path)
    try {
      // Zeros would take no room on disks that pack.
      const piece = new Uint8Array(pieceBytes).map((_, i) => (i * 2_654_435_761) >>> 13)
      while (file.bytes < bytes)
        file.append([piece.subarray(0, Math.min(pieceBytes, bytes - file.bytes))])
      await file.sync()
      file.close()
    } catch (thrown) {
      file.close()
      this.release()
      throw thrown
    }
  }

  release(): void {
    this.#disk.remove(this.#path)
  }
}
