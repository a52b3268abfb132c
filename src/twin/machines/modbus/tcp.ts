import { createServer, type Server, type Socket } from "node:net"
import { readTcpFrame, tcpFrame } from "../../../codec/modbus-frame.ts"
import { Problem } from "../../../model/problem.ts"
import type { Line } from "../line-cut.ts"

/** What a unit answers; undefined where there is no such unit, or it says nothing. */
export type Answers = (unit: number, pdu: Uint8Array) => Uint8Array | undefined

/** Reads the requests in what has arrived and calls back with each answer; returns what is left. */
export type Framing = (
  bytes: Uint8Array,
  answers: Answers,
  send: (answer: Uint8Array) => void,
) => Uint8Array

/** Exception 11, gateway target device failed to respond (MODBUS Application Protocol V1.1b3, 7). */
const silent = 11
const mostClients = 16

/** Modbus TCP; a unit that is not there is answered as by a gateway. Throws where the bytes are no Modbus. */
export const tcpFraming: Framing = (bytes, answers, send) => {
  let rest = bytes
  for (;;) {
    const read = readTcpFrame(rest)
    if (read === "wait") return rest
    if (read === "rubbish") throw new Error("no Modbus")
    const { transaction, unit, pdu } = read.frame
    const answer = answers(unit, pdu) ?? Uint8Array.of((pdu[0] ?? 0) | 0x80, silent)
    send(tcpFrame({ transaction, unit, pdu: answer }))
    rest = read.rest
  }
}

/** A Modbus server on 127.0.0.1. */
export class ModbusServer implements Line {
  readonly #answers: Answers
  readonly #framing: Framing
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #port = 0
  #isCut = false

  private constructor(answers: Answers, framing: Framing) {
    this.#answers = answers
    this.#framing = framing
    this.#server = createServer((socket) => this.#serve(socket))
    this.#server.maxConnections = mostClients
  }

  /** A free port for 0. Throws `port-taken`. */
  static async open(
    { port, where }: { readonly port: number; readonly where: string },
    answers: Answers,
    framing = tcpFraming,
  ): Promise<ModbusServer> {
    const opened = new ModbusServer(answers, framing)
    await opened.#listen(port, where)
    return opened
  }

  get port(): number {
    return this.#port
  }

  async suspend(): Promise<void> {
    this.#isCut = true
    for (const socket of this.#sockets) socket.destroy()
  }

  async restore(): Promise<void> {
    this.#isCut = false
  }

  close(): void {
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
  }

  async #listen(port: number, where: string): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.#server.once("error", (error: NodeJS.ErrnoException) => {
      const isTaken = error.code === "EADDRINUSE"
      reject(isTaken ? new Problem("port-taken", where, `port ${port} is in use`) : error)
    })
    this.#server.listen(port, "127.0.0.1", resolve)
    await promise
    const address = this.#server.address()
    this.#port = typeof address === "object" && address ? address.port : port
  }

  #serve(socket: Socket): void {
    if (this.#isCut) {
      socket.destroy()
      return
    }
    this.#sockets.add(socket)
    socket.on("close", () => this.#sockets.delete(socket))
    socket.on("error", () => socket.destroy())
    let rest: Uint8Array = new Uint8Array()
    socket.on("data", (bytes) => {
      try {
        const send = (answer: Uint8Array) => socket.write(answer)
        rest = this.#framing(Buffer.concat([rest, bytes]), this.#answers, send)
      } catch {
        socket.destroy()
      }
    })
  }
}
