import type { Socket } from "node:net"
import { Duplex } from "node:stream"
import type { Clock } from "../../kernel/clock.ts"
import { isLoopback } from "../../kernel/network.ts"
import type { Bucket } from "./bucket.ts"
import { Frames } from "./frames.ts"

/** What a client that was let in may do. */
export interface Pass {
  readonly publisher: string
  readonly publish: readonly string[]
  readonly subscribe: readonly string[]
}

/** What may wait for a slow reader before messages to it are dropped. */
const mostUnread = 2 ** 20
/** Before it is known who it is, nobody may send more at once. */
const mostUnknown = 64 * 2 ** 10

/**
 * The line to one client. It stops reading while the publisher is over its rate, and breaks before a message that is too
 * long is kept.
 */
export class Wire extends Duplex {
  readonly remote: string
  readonly isLoopback: boolean
  readonly #socket: Socket
  readonly #clock: Clock
  readonly #mostBytes: number
  readonly #frames = new Frames()
  readonly #closed = new AbortController()
  #bucket: Bucket | undefined
  #pass: Pass | undefined
  #isHeldBack = false

  constructor(socket: Socket, context: { clock: Clock; mostBytes: number }) {
    super({ writableHighWaterMark: mostUnread })
    const { remoteAddress = "", remotePort = 0 } = socket
    this.remote = `${remoteAddress.replace(/^::ffff:/, "")}:${remotePort}`
    this.isLoopback = isLoopback(remoteAddress)
    this.#socket = socket
    this.#clock = context.clock
    this.#mostBytes = context.mostBytes
    socket.setKeepAlive(true, 60_000)
    socket.setNoDelay(true)
    socket.pause()
    socket.on("data", (chunk) => void this.#read(chunk))
    socket.on("end", () => this.push(null))
    socket.on("error", (error) => this.destroy(error))
    socket.on("close", () => this.destroy())
  }

  /** Who it is; undefined until it was let in. */
  get pass(): Pass | undefined {
    return this.#pass
  }

  admit(pass: Pass, bucket: Bucket): void {
    this.#pass = pass
    this.#bucket = bucket
  }

  /** False where so much waits for the reader already that more would only grow. */
  hasRoom(bytes: number): boolean {
    return this.writableLength + bytes < mostUnread
  }

  async #read(chunk: Buffer): Promise<void> {
    let [from, to] = [0, 0]
    try {
      while (to < chunk.length) {
        const most = this.#pass ? this.#mostBytes : Math.min(mostUnknown, this.#mostBytes)
        const { end, isMessage } = this.#frames.next(chunk, to, most)
        const waitMs = isMessage ? this.#bucket?.take() : 0
        if (waitMs) {
          if (to > from) this.push(chunk.subarray(from, to))
          from = to
          await this.#holdBack(waitMs)
        }
        to = end
      }
    } catch (thrown) {
      this.destroy(thrown instanceof Error ? thrown : new Error(String(thrown)))
      return
    }
    if (this.push(chunk.subarray(from))) this.#socket.resume()
    else this.#socket.pause()
  }

  async #holdBack(ms: number): Promise<void> {
    this.#isHeldBack = true
    this.#socket.pause()
    await this.#clock.sleep(ms * (this.#clock.speed ?? 1), this.#closed.signal)
    this.#isHeldBack = false
  }

  override _read(): void {
    if (!this.#isHeldBack) this.#socket.resume()
  }

  override _write(chunk: Buffer, _: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#socket.write(chunk, done)
  }

  override _writev(chunks: { chunk: Buffer }[], done: (error?: Error | null) => void): void {
    this.#socket.write(Buffer.concat(chunks.map(({ chunk }) => chunk)), done)
  }

  override _final(done: () => void): void {
    this.#socket.end(done)
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#closed.abort()
    this.#socket.destroy()
    done(error)
  }
}
