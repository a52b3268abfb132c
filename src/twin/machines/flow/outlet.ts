import { connect, type Socket } from "node:net"
import type { Clock } from "../../../kernel/clock.ts"
import type { Outlet, Part } from "../../flow.ts"
import type { FlowJournal } from "./journal.ts"
import { readLines, sendLine } from "./lines.ts"

export interface SocketOutletSetup {
  /** On 127.0.0.1; absent at the end of the line. */
  readonly port?: number
  readonly journal: FlowJournal
  readonly clock: Clock
}

/** Parts on the conveyor to the neighbour; with so many the machine is blocked. */
const conveyor = 4
const againMs = 200

/**
 * The way out of a machine. A part is on the conveyor from the offer until the neighbour has answered that it is safe
 * there; until then it is sent again on each new connection.
 */
export class SocketOutlet implements Outlet {
  readonly #setup: SocketOutletSetup
  readonly #sent = new Set<string>()
  #socket: Socket | undefined

  /** `journal` is open; what was leaving goes on leaving. */
  constructor(setup: SocketOutletSetup) {
    this.#setup = setup
  }

  offer(part: Part): boolean {
    const { journal, port } = this.#setup
    const { serial } = part
    if (journal.hasLeft(serial)) return true
    if (port === undefined || part.rejected) {
      journal.note({ gone: serial })
      return true
    }
    if (journal.leaving.length >= conveyor) return false
    journal.note({ leaving: part })
    this.#send()
    return true
  }

  /** Keeps the line to the neighbour until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, port } = this.#setup
    if (port === undefined) return
    while (!signal.aborted) {
      await this.#connection(port, signal)
      await clock.sleep(againMs * (clock.speed ?? 1), signal).catch(() => {})
    }
  }

  #connection(port: number, signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const socket = connect(port, "127.0.0.1")
    const end = () => socket.destroy()
    signal.addEventListener("abort", end, { once: true })
    socket.on("error", end)
    socket.on("close", () => {
      signal.removeEventListener("abort", end)
      this.#socket = undefined
      resolve()
    })
    socket.on("connect", () => {
      this.#socket = socket
      this.#sent.clear()
      this.#send()
    })
    readLines(socket, (message) => this.#taken((message as { taken?: unknown }).taken))
    return promise
  }

  #taken(serial: unknown): void {
    const { journal } = this.#setup
    if (typeof serial !== "string" || !this.#sent.delete(serial)) return
    journal.note({ gone: serial })
  }

  /** Once safe here, so that a part that the neighbour has is known here too. */
  #send(): void {
    const { journal } = this.#setup
    const send = () => {
      for (const part of journal.leaving) {
        if (!this.#socket || this.#sent.has(part.serial)) continue
        this.#sent.add(part.serial)
        sendLine(this.#socket, { part })
      }
    }
    journal.settled().then(send, () => {})
  }
}
