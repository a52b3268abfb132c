/** Bytes of a chunk as it is packed, in one buffer that is used again and again. */
export class ChunkWriter {
  readonly bytes: Uint8Array
  readonly view: DataView
  position = 0

  /** `capacity` must hold whatever is written. */
  constructor(capacity: number) {
    this.bytes = new Uint8Array(capacity)
    this.view = new DataView(this.bytes.buffer)
  }

  /** Begins anew behind a head of zeros. */
  start(headBytes: number): void {
    this.bytes.fill(0, 0, headBytes)
    this.position = headBytes
  }

  /** A copy of what was written. */
  taken(): Uint8Array<ArrayBuffer> {
    return this.bytes.slice(0, this.position) as Uint8Array<ArrayBuffer>
  }

  byte(value: number): void {
    this.bytes[this.position++] = value
  }

  double(value: number): void {
    this.view.setFloat64(this.position, value, true)
    this.position += 8
  }

  word(value: number): void {
    this.view.setUint32(this.position, value, true)
    this.position += 4
  }

  /** See `ChunkReader.whole`. */
  whole(value: number): void {
    let rest = value
    while (rest >= 128) {
      this.byte((rest % 128) + 128)
      rest = Math.floor(rest / 128)
    }
    this.byte(rest)
  }

  /** See `ChunkReader.signed`. */
  signed(value: number): void {
    this.whole(folded(value))
  }
}

/** 0, -1, 1, -2, ... as 0, 1, 2, 3, ... */
export function folded(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value
}
