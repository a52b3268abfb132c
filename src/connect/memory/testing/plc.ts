import { createServer, type Server, type Socket } from "node:net"
import type { Value } from "../../../model/tag.ts"

/** Words of areas by name, as a PLC keeps them: little endian. */
export class Memory {
  readonly #areas: ReadonlyMap<string, Buffer>

  constructor(areas: Readonly<Record<string, number>>) {
    this.#areas = new Map(
      Object.entries(areas).map(([name, words]) => [name, Buffer.alloc(2 * words)]),
    )
  }

  /** The bytes themselves, to be read or written; undefined where the area does not reach so far. */
  bytes(area: string, start: number, count: number): Buffer | undefined {
    const all = this.#areas.get(area)
    return all && start + count <= all.length ? all.subarray(start, start + count) : undefined
  }

  bit(area: string, number: number): boolean | undefined {
    const byte = this.bytes(area, number >> 3, 1)?.[0]
    return byte === undefined ? undefined : ((byte >> (number & 7)) & 1) === 1
  }

  setBit(area: string, number: number, on: boolean): boolean {
    const bytes = this.bytes(area, number >> 3, 1)
    if (!bytes) return false
    const mask = 1 << (number & 7)
    bytes[0] = on ? (bytes[0] ?? 0) | mask : (bytes[0] ?? 0) & ~mask
    return true
  }
}

/** Answers requests on a port, one after another. */
export class PlcServer implements AsyncDisposable {
  readonly #sockets = new Set<Socket>()
  readonly #answer: (arrived: Buffer) => { answer: Uint8Array; rest: Uint8Array } | undefined
  #server: Server | undefined
  #babbles = false

  constructor(answer: (arrived: Buffer) => { answer: Uint8Array; rest: Uint8Array } | undefined) {
    this.#answer = answer
  }

  async listen(port: number): Promise<void> {
    const server = createServer((socket) => this.#serve(socket))
    this.#server = server
    await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve))
  }

  /** The next answer is none. */
  babble(): void {
    this.#babbles = true
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    const server = this.#server
    this.#server = undefined
    if (server) await new Promise((resolve) => server.close(resolve))
  }

  #serve(socket: Socket): void {
    let arrived = Buffer.alloc(0)
    this.#sockets.add(socket)
    socket.on("error", () => {})
    socket.on("close", () => this.#sockets.delete(socket))
    socket.on("data", (bytes) => {
      arrived = Buffer.concat([arrived, bytes])
      for (let read = this.#answer(arrived); read; read = this.#answer(arrived)) {
        arrived = Buffer.from(read.rest)
        socket.write(this.#babbles ? Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n") : read.answer)
        this.#babbles = false
      }
    })
  }
}

/** What the conformance suite sets, as it stands in the memory of a PLC. */
export function put(
  memory: Memory,
  at: { words: string; bits: string },
  values: Partial<Record<"number" | "other" | "flag" | "text", Value>>,
): void {
  const { number, other, flag, text } = values
  if (number !== undefined) memory.bytes(at.words, 200, 4)?.writeFloatLE(Number(number))
  if (other !== undefined) memory.bytes(at.words, 210, 2)?.writeInt16LE(Number(other))
  if (flag !== undefined) memory.setBit(at.bits, 0x1f, flag === true)
  if (text !== undefined) memory.bytes(at.words, 220, 16)?.fill(0).write(String(text))
}
