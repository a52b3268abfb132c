const longestHead = 8192

/** The boundary that a `Content-Type` of several parts names; undefined where it is of one part. */
export function boundaryOf(contentType: string): string | undefined {
  if (!/^\s*multipart\//i.test(contentType)) return undefined
  const [, quoted, plain] =
    /;\s*boundary=(?:"([^"]{1,200})"|([^\s;"]{1,200}))/i.exec(contentType) ?? []
  return quoted ?? plain
}

/**
 * Cuts an endless body (`multipart/x-mixed-replace`; RFC 2046, 5.1) into the bodies of its parts, whichever pieces it comes in. A part
 * that tells its `Content-length` is given as soon as it is whole, another when the next one begins.
 */
export class MultipartReader {
  readonly #delimiter: Buffer
  readonly #longest: number
  #held = Buffer.alloc(4096)
  #length = 0
  /** Bytes of the present part's body; undefined between parts. */
  #body: number | "until the next" | undefined

  /** `longest` is that of a part, in bytes. */
  constructor(boundary: string, longest: number) {
    this.#delimiter = Buffer.from(boundary.startsWith("--") ? boundary : `--${boundary}`)
    this.#longest = longest
  }

  /** The bodies that are whole now. Throws an Error for what is not of this form, or is longer than the limits. */
  push(piece: Uint8Array): Buffer[] {
    this.#hold(piece)
    const bodies: Buffer[] = []
    for (let body = this.#next(); body; body = this.#next()) if (body.length > 0) bodies.push(body)
    return bodies
  }

  /** Undefined where more is needed. */
  #next(): Buffer | undefined {
    if (this.#body === undefined && !this.#takeHead()) return undefined
    const length = this.#body === "until the next" ? this.#findDelimiter() : this.#body
    if (length === undefined || length > this.#length) {
      if (this.#length > this.#longest + longestHead) throw new Error("a part that is too long")
      return undefined
    }
    this.#body = undefined
    return this.#take(length)
  }

  /** True once delimiter and head of a part were there. */
  #takeHead(): boolean {
    const start = this.#findDelimiter()
    if (start === undefined) {
      if (this.#length > longestHead) throw new Error("no boundary between parts")
      return false
    }
    const text = this.#held.toString("latin1", start, Math.min(this.#length, start + longestHead))
    const end = /\r?\n\r?\n/.exec(text)
    if (!end) {
      if (text.length >= longestHead) throw new Error("a part whose head is too long")
      return false
    }
    const length = /^content-length:\s*(\d{1,15})\s*$/im.exec(text.slice(0, end.index))?.[1]
    this.#body = length === undefined ? "until the next" : Number(length)
    if (Number(length ?? 0) > this.#longest) throw new Error(`a part of ${length} bytes`)
    this.#take(start + end.index + end[0].length)
    return true
  }

  #findDelimiter(): number | undefined {
    const at = this.#held.subarray(0, this.#length).indexOf(this.#delimiter)
    return at < 0 ? undefined : at
  }

  #hold(piece: Uint8Array): void {
    const length = this.#length + piece.length
    if (length > this.#held.length) {
      const larger = Buffer.alloc(Math.max(length, this.#held.length * 2))
      this.#held.copy(larger, 0, 0, this.#length)
      this.#held = larger
    }
    this.#held.set(piece, this.#length)
    this.#length = length
  }

  #take(length: number): Buffer {
    const taken = Buffer.from(this.#held.subarray(0, length))
    this.#held.copyWithin(0, length, this.#length)
    this.#length -= length
    return taken
  }
}
