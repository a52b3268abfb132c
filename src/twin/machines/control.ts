import { createServer, type Server, type Socket } from "node:net"
import { createInterface } from "node:readline"
import { type Static, Type } from "typebox"
import { Value } from "typebox/value"
import { Problem, problemOf } from "../../model/problem.ts"
import { type FaultOrder, faults } from "../twin.ts"

const faultOrder = Type.Object(
  {
    fault: Type.Enum([...faults]),
    state: Type.Enum(["on", "off"]),
    severity: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
  },
  { additionalProperties: false },
)

/** The answer to one order, one JSON line. */
export type ControlAnswer =
  | { readonly ok: true }
  | { readonly ok: false; readonly code: string; readonly message: string; readonly hint: string }

/** A machine's control port on 127.0.0.1: an order a line, an answer a line. */
export class ControlPort {
  readonly #carryOut: (order: FaultOrder) => Promise<void>
  readonly #sockets = new Set<Socket>()
  readonly #server: Server

  constructor(carryOut: (order: FaultOrder) => Promise<void>) {
    this.#carryOut = carryOut
    this.#server = createServer((socket) => this.#serve(socket))
  }

  /** Gives the port, a free one for 0. Throws `port-taken`. */
  async open(port: number): Promise<number> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.#server.once("error", (error: NodeJS.ErrnoException) => {
      const isTaken = error.code === "EADDRINUSE"
      reject(isTaken ? new Problem("port-taken", "control port", `port ${port} is in use`) : error)
    })
    this.#server.listen(port, "127.0.0.1", resolve)
    await promise
    const address = this.#server.address()
    return typeof address === "object" && address ? address.port : port
  }

  close(): void {
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket)
    socket.on("close", () => this.#sockets.delete(socket))
    socket.on("error", () => socket.destroy())
    createInterface({ input: socket }).on("line", (line) => {
      this.#answer(line).then((answer) => socket.write(`${JSON.stringify(answer)}\n`))
    })
  }

  async #answer(line: string): Promise<ControlAnswer> {
    try {
      await this.#carryOut(orderIn(line))
      return { ok: true }
    } catch (thrown) {
      const { code, message, hint } = problemOf(thrown, "control port")
      return { ok: false, code, message, hint }
    }
  }
}

function orderIn(line: string): Static<typeof faultOrder> {
  const expected = `expected a line such as {"fault":"${faults[0]}","state":"on","severity":1}`
  const wrong = new Problem(
    "request-invalid",
    "control port",
    `got ${line.slice(0, 200)}, ${expected}`,
  )
  let order: unknown
  try {
    order = JSON.parse(line)
  } catch {
    throw wrong
  }
  if (!Value.Check(faultOrder, order)) throw wrong
  return order
}
