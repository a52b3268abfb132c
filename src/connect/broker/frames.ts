/** What begins or goes on at a place of the stream, up to `end`; a message begins at most once in it. */
export interface Stretch {
  readonly end: number
  readonly isMessage: boolean
}

const publishType = 3

/** Finds where MQTT packets begin in a stream (MQTT 3.1.1, 2.2), so that a long one is known before it is kept. */
export class Frames {
  /** Bytes of the packet that are still to come. */
  #rest = 0
  /** The packet's type while its length is being read. */
  #type: number | undefined
  #length = 0
  #shift = 0

  /** The stretch that begins at `from`. Throws a RangeError where a packet is longer than `most` bytes after its header. */
  next(chunk: Uint8Array, from: number, most: number): Stretch {
    if (this.#rest > 0) return { end: this.#body(chunk, from), isMessage: false }
    let at = from
    const isMessage = this.#type === undefined && (chunk[at] ?? 0) >> 4 === publishType
    if (this.#type === undefined) this.#type = (chunk[at++] ?? 0) >> 4
    while (at < chunk.length) {
      const byte = chunk[at++] ?? 0
      this.#length += (byte & 127) << this.#shift
      this.#shift += 7
      if (this.#length > most || this.#shift > 28)
        throw new RangeError(`a packet of more than ${most} bytes`)
      if (byte < 128) return { end: this.#begin(chunk, at), isMessage }
    }
    return { end: at, isMessage }
  }

  #begin(chunk: Uint8Array, at: number): number {
    this.#rest = this.#length
    this.#type = undefined
    this.#length = 0
    this.#shift = 0
    return this.#body(chunk, at)
  }

  #body(chunk: Uint8Array, from: number): number {
    const end = Math.min(chunk.length, from + this.#rest)
    this.#rest -= end - from
    return end
  }
}
