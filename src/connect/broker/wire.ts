import type { Socket } from "node:net"
import { Duplex } from "node:stream"
import type { Clock } from "../../kernel/clock.ts"
import { isLoopback } from "../../kernel/network.ts"
import { Load } from "../bus/load.ts"
import { Acknowledgements } from "./acknowledgements.ts"
import type { Bucket } from "./bucket.ts"
import { Packets, type Publish, readPublish } from "./packets.ts"

/** What a client that was let in may do. */
export interface Pass {
  readonly publisher: string
  readonly publish: readonly string[]
  readonly subscribe: readonly string[]
}

/** Who takes the messages of a client that was let in. */
export interface Entrance {
  readonly bucket: Bucket
  /** Undefined where there is nothing to wait for. Throws where the message breaks the protocol. */
  take(message: Publish): Promise<void> | undefined
  isForwarded(message: Publish): boolean
  forward(message: Publish): void
  /** So many more messages and bytes. */
  count(messages: number, bytes: number): void
}

/** What may wait for a slow reader before messages to it are dropped. */
const mostUnread = 2 ** 20
/** Before it is known who it is, nobody may send more at once. */
const mostUnknown = 64 * 2 ** 10
/** What one client may have under way without acknowledgement; then nothing more is read from it. */
const mostUnderWay = { messages: 1000, bytes: 4 * 2 ** 20 }
const pubackType = 0x40

/**
 * The line to one client. Its messages of QoS 0 and 1 are taken right here, many at once, and acknowledged in their order; all other packets
 * go on to whoever reads the stream. It stops reading while the publisher is over its rate or too much is under way, and breaks before a
 * message that is too long is kept.
 */
export class Wire extends Duplex {
  readonly remote: string
  readonly isLoopback: boolean
  readonly #socket: Socket
  readonly #clock: Clock
  readonly #mostBytes: number
  readonly #packets = new Packets()
  readonly #load = new Load(mostUnderWay)
  readonly #acknowledgements: Acknowledgements
  readonly #closed = new AbortController()
  #pass: Pass | undefined
  #entrance: Entrance | undefined
  /** A packet that waits until the publisher is within its rate. */
  #held: Publish | undefined
  #isHeldBack = false
  /** The first packet was given on; until it is answered nothing else is. */
  #isKnocking = false
  #isAnswered = false
  #heardAt: number

  constructor(socket: Socket, context: { clock: Clock; mostBytes: number }) {
    super({ writableHighWaterMark: mostUnread })
    const { remoteAddress = "", remotePort = 0 } = socket
    this.remote = `${remoteAddress.replace(/^::ffff:/, "")}:${remotePort}`
    this.isLoopback = isLoopback(remoteAddress)
    this.#socket = socket
    this.#clock = context.clock
    this.#mostBytes = context.mostBytes
    this.#heardAt = context.clock.monotonic()
    this.#acknowledgements = new Acknowledgements({
      load: this.#load,
      acknowledge: (ids) => this.#acknowledge(ids),
      forward: (message) => this.#entrance?.forward(message),
      failed: (thrown) => this.#break(thrown),
    })
    socket.setKeepAlive(true, 60_000)
    socket.setNoDelay(true)
    socket.pause()
    socket.on("data", (chunk) => {
      this.#packets.add(chunk)
      this.#go()
    })
    socket.on("end", () => this.push(null))
    socket.on("error", (error) => this.destroy(error))
    socket.on("close", () => this.destroy())
    this.on("drain", () => this.#goOn())
  }

  /** Who it is; undefined until it was let in. */
  get pass(): Pass | undefined {
    return this.#pass
  }

  admit(pass: Pass, entrance: Entrance): void {
    this.#pass = pass
    this.#entrance = entrance
  }

  /** Breaks the line where nothing comes for half as long again (MQTT 3.1.1, 3.1.2.10). */
  async watch(keepAliveSeconds: number): Promise<void> {
    const { speed = 1 } = this.#clock
    const mostMs = keepAliveSeconds * 1500
    for (let rest = mostMs; rest > 0; rest = this.#heardAt + mostMs - this.#clock.monotonic()) {
      try {
        await this.#clock.sleep(rest * speed, this.#closed.signal)
      } catch {
        return
      }
      // What was not read cannot have been heard.
      if (this.#isHeldBack) this.#heardAt = this.#clock.monotonic()
    }
    this.#break(new Error("keep alive timeout"))
  }

  /** False where so much waits for the reader already that more would only grow. */
  hasRoom(bytes: number): boolean {
    return this.writableLength + bytes < mostUnread
  }

  /** Takes what is there as far as it may. */
  #go(): void {
    this.#heardAt = this.#clock.monotonic()
    try {
      this.#takeAll()
      this.#acknowledgements.settle()
    } catch (thrown) {
      this.#break(thrown)
    }
    if (this.#isHeldBack) this.#socket.pause()
  }

  #takeAll(): void {
    let [messages, bytes] = [0, 0]
    while (!this.destroyed && this.#mayGo()) {
      const most = this.#pass ? this.#mostBytes : Math.min(mostUnknown, this.#mostBytes)
      const packet = this.#packets.next(most)
      if (!packet) break
      const message = this.#entrance && readPublish(packet)
      if (!message) {
        this.#giveOn(packet)
        continue
      }
      messages++
      bytes += message.payload.length
      if (this.#isInTime(message)) this.#take(message)
    }
    if (messages > 0) this.#entrance?.count(messages, bytes)
  }

  #mayGo(): boolean {
    if (this.#held || (this.#isKnocking && !this.#isAnswered)) this.#isHeldBack = true
    else if (this.writableNeedDrain) this.#isHeldBack = true
    else if (this.#load.isFull) {
      if (!this.#isHeldBack) this.#load.whenRoom(() => this.#goOn())
      this.#isHeldBack = true
    } else this.#isHeldBack = false
    return !this.#isHeldBack
  }

  #goOn(): void {
    this.#isHeldBack = false
    this.#go()
    if (!this.#isHeldBack) this.#socket.resume()
  }

  #giveOn(packet: Buffer): void {
    this.#isKnocking = true
    if (!this.push(packet)) this.#socket.pause()
  }

  #isInTime(message: Publish): boolean {
    const waitMs = this.#entrance?.bucket.take() ?? 0
    if (waitMs <= 0) return true
    this.#held = message
    const { speed = 1 } = this.#clock
    this.#clock
      .sleep(waitMs * speed, this.#closed.signal)
      .then(() => {
        this.#held = undefined
        this.#take(message)
        this.#goOn()
      })
      .catch((thrown) => this.#break(thrown))
    return false
  }

  #take(message: Publish): void {
    const entrance = this.#entrance
    if (!entrance) return
    const isForwarded = entrance.isForwarded(message)
    this.#acknowledgements.add(message, entrance.take(message), isForwarded)
  }

  #acknowledge(ids: readonly number[]): void {
    if (this.destroyed) return
    const bytes = Buffer.allocUnsafe(4 * ids.length)
    ids.forEach((id, i) => {
      bytes.writeUInt32BE(((pubackType << 24) | (2 << 16) | id) >>> 0, 4 * i)
    })
    this.write(bytes)
  }

  #break(thrown: unknown): void {
    this.destroy(thrown instanceof Error ? thrown : new Error(String(thrown)))
  }

  /** Whoever reads the stream has answered the first packet: whether the client is let in is known now. */
  #answered(): void {
    if (this.#isAnswered) return
    this.#isAnswered = true
    setImmediate(() => this.#goOn())
  }

  override _read(): void {
    if (!this.#isHeldBack) this.#socket.resume()
  }

  override _write(chunk: Buffer, _: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#socket.write(chunk, done)
    this.#answered()
  }

  override _writev(chunks: { chunk: Buffer }[], done: (error?: Error | null) => void): void {
    this.#socket.write(Buffer.concat(chunks.map(({ chunk }) => chunk)), done)
    this.#answered()
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
