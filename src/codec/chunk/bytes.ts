/** The only error that unpacking a chunk throws: its bytes are not those that were packed. */
export class DamagedChunk extends Error {
  override readonly name = "DamagedChunk"
}

/** Walks a chunk's bytes; never past their end. */
export class ChunkReader {
  readonly view: DataView
  #position = 0

  constructor(bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get position(): number {
    return this.#position
  }

  /** Where the next so many bytes begin; they are passed. */
  take(count: number): number {
    const at = this.#position
    this.#position = at + count
    if (this.#position > this.view.byteLength) throw new DamagedChunk("got an end, expected more")
    return at
  }

  byte(): number {
    return this.view.getUint8(this.take(1))
  }

  double(): number {
    return this.view.getFloat64(this.take(8), true)
  }

  /** A whole number from 0 to 2^53, seven bits a byte, the lowest first. */
  whole(): number {
    let value = 0
    for (let unit = 1; unit <= 2 ** 49; unit *= 128) {
      const byte = this.byte()
      value += (byte & 127) * unit
      if (byte < 128) return value
    }
    throw new DamagedChunk("got a number of more than eight bytes")
  }

  /** A whole number of either sign, folded: 0, -1, 1, -2, ... */
  signed(): number {
    return unfolded(this.whole())
  }

  expectEnd(): void {
    const rest = this.view.byteLength - this.#position
    if (rest !== 0) throw new DamagedChunk(`got ${rest} bytes more than the samples take`)
  }
}

function unfolded(value: number): number {
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2
}
