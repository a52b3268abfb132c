import { createServer, type Server, type Socket } from "node:net"
import { areas, dataPacket, readMessage, readPacket } from "../../../codec/s7-frame.ts"

/** A controller of our own that knows DB1 with 200 bytes and the markers, and answers the three functions that Moru uses. */
export class TestPlc {
  readonly memory: Readonly<Record<string, Buffer>> = {
    [`${areas.DB}.1`]: Buffer.alloc(200),
    [`${areas.M}.0`]: Buffer.alloc(16),
  }
  /** The next job is answered with what is no S7. */
  isBabbling = false
  written: Buffer | undefined
  readonly #sockets = new Set<Socket>()
  #server: Server | undefined

  get db(): Buffer {
    return this.memory[`${areas.DB}.1`] ?? Buffer.alloc(0)
  }

  async start(port: number): Promise<void> {
    const server = createServer((socket) => this.#serve(socket))
    this.#server = server
    await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve))
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise((resolve) => (this.#server ? this.#server.close(resolve) : resolve(0)))
    this.#server = undefined
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket)
    socket.on("close", () => this.#sockets.delete(socket))
    socket.on("error", () => {})
    let arrived: Uint8Array = Buffer.alloc(0)
    socket.on("data", (bytes) => {
      arrived = Buffer.concat([arrived, bytes])
      for (let read = readPacket(arrived); typeof read === "object"; read = readPacket(arrived)) {
        arrived = read.rest
        if (read.packet.kind === "data") this.#answer(read.packet.data, socket)
        else socket.write(Buffer.from("0300001611d00001000200c0010ac1020100c2020101", "hex"))
      }
    })
  }

  #answer(bytes: Uint8Array, socket: Socket): void {
    const job = readMessage(bytes)
    if (!job) return
    if (this.isBabbling) {
      this.isBabbling = false
      socket.write(Buffer.from("SSH-2.0-OpenSSH_9.9\r\n"))
      return
    }
    const parameter = Buffer.from(job.parameter)
    const [code, count = 0] = parameter
    if (code === 0xf0) {
      parameter.writeUInt16BE(240, 6)
      socket.write(answerOf(job.reference, parameter, Buffer.alloc(0)))
      return
    }
    const items = Array.from({ length: count }, (_, i) =>
      parameter.subarray(2 + 12 * i, 14 + 12 * i),
    )
    const data =
      code === 4
        ? Buffer.concat(items.map((item) => this.#read(item)))
        : this.#write(items[0] ?? Buffer.alloc(12), Buffer.from(job.data))
    socket.write(answerOf(job.reference, parameter.subarray(0, 2), data))
  }

  #read(item: Buffer): Buffer {
    const { memory, start, length } = this.#place(item)
    if (!memory) return Buffer.from([10, 0, 0, 0])
    if (start + length > memory.length) return Buffer.from([5, 0, 0, 0])
    const head = Buffer.from([0xff, 4, (8 * length) >> 8, (8 * length) & 0xff])
    return Buffer.concat([head, memory.subarray(start, start + length), Buffer.alloc(length & 1)])
  }

  #write(item: Buffer, data: Buffer): Buffer {
    const { memory, start, length, bit } = this.#place(item)
    if (!memory) return Buffer.from([10])
    if (start + length > memory.length) return Buffer.from([5])
    const bytes = data.subarray(4, 4 + length)
    if (item[3] === 1) {
      const mask = 1 << bit
      memory[start] = ((memory[start] ?? 0) & ~mask) | (bytes[0] === 1 ? mask : 0)
    } else bytes.copy(memory, start)
    this.written = bytes
    return Buffer.from([0xff])
  }

  #place(item: Buffer) {
    const address = item.readUIntBE(9, 3)
    return {
      memory: this.memory[`${item[8]}.${item.readUInt16BE(6)}`],
      start: address >> 3,
      bit: address & 7,
      length: item.readUInt16BE(4),
    }
  }
}

function answerOf(reference: number, parameter: Buffer, data: Buffer): Uint8Array {
  const head = Buffer.from([0x32, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])
  head.writeUInt16BE(reference, 4)
  head.writeUInt16BE(parameter.length, 6)
  head.writeUInt16BE(data.length, 8)
  return dataPacket(Buffer.concat([head, parameter, data]))
}
