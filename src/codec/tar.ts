/**
 * Files one after the other in one stream: tar as POSIX.1-1988 (ustar) has it, with sizes beyond 8 GB as GNU tar writes
 * them (base 256). Only plain files; paths of at most 255 bytes.
 */

const block = 512

export interface TarEntry {
  readonly path: string
  readonly bytes: number
}

/** A stream that is no tar, ends too early, or holds what is no plain file. */
export class DamagedTar extends Error {
  override readonly name = "DamagedTar"
}

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** What stands before a file's bytes. Throws a `RangeError` for a path that is too long. */
export function tarHead({ path, bytes }: TarEntry): Uint8Array {
  const head = new Uint8Array(block)
  const { name, prefix } = split(path)
  const put = (text: string, at: number) => head.set(encoder.encode(text), at)
  put(name, 0)
  put("0000600\0", 100)
  put("0000000\0", 108)
  put("0000000\0", 116)
  putSize(head, bytes)
  put("00000000000\0", 136)
  put("        ", 148)
  put("0", 156)
  put("ustar\u000000", 257)
  put(prefix, 345)
  put(`${sumOf(head).toString(8).padStart(6, "0")}\0 `, 148)
  return head
}

/** What stands behind so many bytes of a file. */
export function tarFill(bytes: number): Uint8Array {
  return new Uint8Array((block - (bytes % block)) % block)
}

/** What stands at the end. */
export function tarEnd(): Uint8Array {
  return new Uint8Array(2 * block)
}

/** A file in a stream; its content has to be read, or left, before the next. */
export interface TarFile extends TarEntry {
  readonly content: AsyncIterable<Uint8Array>
}

/** The files of a stream, in their order. Throws `DamagedTar`. */
export async function* readTar(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<TarFile> {
  const source = new Source(pieces)
  try {
    for (;;) {
      const head = await source.whole(block)
      if (head.every((byte) => byte === 0)) return
      const { path, bytes } = parseHead(head)
      const left = { bytes }
      yield { path, bytes, content: contentOf(source, left) }
      for await (const _ of contentOf(source, left));
      await source.whole(tarFill(bytes).length)
    }
  } finally {
    await source.close()
  }
}

async function* contentOf(source: Source, left: { bytes: number }): AsyncGenerator<Uint8Array> {
  while (left.bytes > 0) {
    const piece = await source.some(left.bytes)
    left.bytes -= piece.length
    yield piece
  }
}

class Source {
  readonly #pieces: AsyncIterator<Uint8Array>
  #piece = new Uint8Array(0)

  constructor(pieces: AsyncIterable<Uint8Array>) {
    this.#pieces = pieces[Symbol.asyncIterator]()
  }

  /** What is there next, at most so many bytes. */
  async some(most: number): Promise<Uint8Array> {
    while (this.#piece.length === 0) {
      const next = await this.#pieces.next()
      if (next.done) throw new DamagedTar("got an end, expected more")
      this.#piece = next.value as Uint8Array<ArrayBuffer>
    }
    const some = this.#piece.subarray(0, most)
    this.#piece = this.#piece.subarray(some.length)
    return some
  }

  async whole(bytes: number): Promise<Uint8Array> {
    const whole = new Uint8Array(bytes)
    let length = 0
    while (length < bytes) {
      const some = await this.some(bytes - length)
      whole.set(some, length)
      length += some.length
    }
    return whole
  }

  async close(): Promise<void> {
    await this.#pieces.return?.()
  }
}

function split(path: string): { name: string; prefix: string } {
  if (encoder.encode(path).length <= 100) return { name: path, prefix: "" }
  for (let cut = path.indexOf("/"); cut > 0; cut = path.indexOf("/", cut + 1)) {
    const [prefix, name] = [path.slice(0, cut), path.slice(cut + 1)]
    if (encoder.encode(name).length <= 100 && encoder.encode(prefix).length <= 155)
      return { name, prefix }
  }
  throw new RangeError(`got the path "${path}", expected at most 255 bytes`)
}

function putSize(head: Uint8Array, bytes: number): void {
  if (bytes < 8 ** 11) {
    head.set(encoder.encode(`${bytes.toString(8).padStart(11, "0")}\0`), 124)
    return
  }
  head[124] = 128
  for (let i = 135, rest = bytes; i > 124 && rest > 0; i--, rest = Math.floor(rest / 256))
    head[i] = rest % 256
}

function parseHead(head: Uint8Array): TarEntry {
  const text = (at: number, length: number) =>
    decoder.decode(head.subarray(at, at + length)).replace(/\0.*$/s, "")
  if (text(257, 5) !== "ustar") throw new DamagedTar("got no head of a file, expected one")
  if (Number.parseInt(text(148, 8), 8) !== sumOf(head))
    throw new DamagedTar("got a wrong sum of a file's head")
  const kind = text(156, 1)
  const prefix = text(345, 155)
  const path = prefix === "" ? text(0, 100) : `${prefix}/${text(0, 100)}`
  if (kind !== "0" && kind !== "") throw new DamagedTar(`${path}: got no plain file`)
  let bytes = 0
  if (head[124] === 128) for (let i = 125; i < 136; i++) bytes = bytes * 256 + (head[i] as number)
  else bytes = Number.parseInt(text(124, 12), 8)
  if (!Number.isSafeInteger(bytes)) throw new DamagedTar(`${path}: got no size, expected one`)
  return { path, bytes }
}

/** Of all bytes of the head, those of the sum itself as spaces. */
function sumOf(head: Uint8Array): number {
  return head.reduce((sum, byte, i) => sum + (i >= 148 && i < 156 ? 32 : byte), 0)
}
