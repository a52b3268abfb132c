/** Bytes of a row in columns: at, value, number, origin, quality. */
export const bytesOfRow = 29

/** What 10,000 tags take at their fullest: what is not kept here waits for a collection that sees no need. */
const mostSpareBytes = 128 * 1024 * 1024

/** Memory for rows, used again: freed memory of this kind would wait long for a collection. */
export class Rooms {
  readonly #spare = new Map<number, SharedArrayBuffer[]>()
  #spareBytes = 0

  /** Room for so many rows, whatever stood in it before. */
  take(capacity: number): SharedArrayBuffer {
    const spare = this.#spare.get(capacity)?.pop()
    if (!spare) return new SharedArrayBuffer(capacity * bytesOfRow)
    this.#spareBytes -= spare.byteLength
    return spare
  }

  /** Gives back what nobody reads any more. */
  give(buffer: SharedArrayBuffer): void {
    if (this.#spareBytes + buffer.byteLength > mostSpareBytes) return
    const capacity = buffer.byteLength / bytesOfRow
    const spare = this.#spare.get(capacity)
    if (spare) spare.push(buffer)
    else this.#spare.set(capacity, [buffer])
    this.#spareBytes += buffer.byteLength
  }
}
