import { createServer, type Server, type Socket } from "node:net"
import { Type } from "typebox"
import { Value } from "typebox/value"
import { Problem } from "../../../model/problem.ts"
import type { Inlet, Part } from "../../flow.ts"
import type { FlowJournal } from "./journal.ts"
import { readLines, sendLine } from "./lines.ts"

const partSchema = Type.Object({
  serial: Type.String({ minLength: 1, maxLength: 200 }),
  castAt: Type.Number(),
  mould: Type.String({ maxLength: 200 }),
  porosity: Type.Number(),
  hardness: Type.Optional(Type.Number()),
  boreDeviation: Type.Optional(Type.Number()),
})

interface Arrival {
  readonly part: Part
  readonly socket: Socket
}

/** Parts that wait at the gate while the buffer is full; a neighbour has few on the way at once. */
const mostAtGate = 1000

/**
 * The buffer before a machine, filled by its neighbours over sockets on 127.0.0.1: `{"part": ...}` a line, answered by
 * `{"taken": serial}` once the part has its place and is safe. A part that comes again is answered and not taken again.
 */
export class SocketInlet implements Inlet {
  readonly #capacity: number
  readonly #journal: FlowJournal
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #parts: Part[]
  #gate: Arrival[] = []

  /** `journal` is open; what it has of parts in the machine waits again. */
  constructor(capacity: number, journal: FlowJournal) {
    this.#capacity = capacity
    this.#journal = journal
    this.#parts = [...journal.arrived]
    this.#server = createServer((socket) => this.#serve(socket))
  }

  /** Gives the port, a free one for 0. Throws `port-taken`. */
  async open(port: number, where: string): Promise<number> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.#server.once("error", (error: NodeJS.ErrnoException) => {
      const isTaken = error.code === "EADDRINUSE"
      reject(isTaken ? new Problem("port-taken", where, `inlet port ${port} is in use`) : error)
    })
    this.#server.listen(port, "127.0.0.1", resolve)
    await promise
    const address = this.#server.address()
    return typeof address === "object" && address ? address.port : port
  }

  get waiting(): number {
    return this.#parts.length
  }

  take(): Part | undefined {
    const part = this.#parts.shift()
    if (part) this.#letIn()
    return part
  }

  close(): void {
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket)
    socket.on("error", () => socket.destroy())
    socket.on("close", () => {
      this.#sockets.delete(socket)
      this.#gate = this.#gate.filter((waiting) => waiting.socket !== socket)
    })
    readLines(socket, (message) => {
      const part = partIn(message)
      if (this.#gate.length >= mostAtGate) throw new Error("too many parts at the gate")
      this.#gate.push({ part, socket })
      this.#letIn()
    })
  }

  #letIn(): void {
    const left: Arrival[] = []
    for (const waiting of this.#gate) {
      const { part, socket } = waiting
      const isKnown = this.#journal.hasArrived(part.serial)
      if (!isKnown && this.#parts.length >= this.#capacity) {
        left.push(waiting)
        continue
      }
      if (!isKnown) {
        this.#journal.note({ arrived: part })
        this.#parts.push(part)
      }
      const answer = () => sendLine(socket, { taken: part.serial })
      this.#journal.settled().then(answer, () => socket.destroy())
    }
    this.#gate = left
  }
}

function partIn(message: unknown): Part {
  const { part } = message as { part?: unknown }
  if (!Value.Check(partSchema, part)) throw new Error("no part")
  return part as Part
}
