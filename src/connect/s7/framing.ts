import {
  dataPacket,
  jobMessage,
  type Message,
  readMessage,
  readPacket,
} from "../../codec/s7-frame.ts"
import type { Framing } from "../line/line.ts"

/** Bytes that ask for a connection, or a job within one. */
export type S7Request =
  | { readonly connect: Uint8Array }
  | { readonly parameter: Uint8Array; readonly data?: Uint8Array }

export type S7Answer = "connected" | Message

const nothing = new Uint8Array(0)
/** Of a message in several packets; stations agree to 960 bytes at most. */
const longestMessage = 4096

/** S7 messages in ISO-on-TCP. Answers carry the number of their job. */
export class S7Framing implements Framing<S7Request, S7Answer> {
  #reference = 0
  #asked: S7Request | undefined
  #arrived: Uint8Array = nothing
  #message: Uint8Array = nothing

  begin(request: S7Request): Uint8Array {
    this.#asked = request
    if ("connect" in request) return request.connect
    this.#reference = (this.#reference % 0xffff) + 1
    return dataPacket(jobMessage({ reference: this.#reference, ...request }))
  }

  take(arrived: Uint8Array): S7Answer | undefined {
    this.#arrived = Buffer.concat([this.#arrived, arrived])
    for (;;) {
      const read = readPacket(this.#arrived)
      if (read === "wait") return undefined
      if (read === "rubbish") throw new Error("got bytes that are no ISO-on-TCP packet")
      this.#arrived = read.rest
      const { packet } = read
      if (packet.kind === "other")
        throw new Error("got a refusal, expected a connection: compare rack and slot")
      const answer = packet.kind === "confirm" ? this.#confirmed() : this.#gathered(packet)
      if (answer === undefined) continue
      this.#asked = undefined
      return answer
    }
  }

  #confirmed(): S7Answer | undefined {
    return this.#asked && "connect" in this.#asked ? "connected" : undefined
  }

  #gathered({ data, isLast }: { data: Uint8Array; isLast: boolean }): S7Answer | undefined {
    this.#message = Buffer.concat([this.#message, data])
    if (this.#message.length > longestMessage) throw new Error("got a message without end")
    if (!isLast) return undefined
    const message = readMessage(this.#message)
    this.#message = nothing
    if (!message) throw new Error("got bytes that are no S7 message")
    const isAnswer = message.kind === 2 || message.kind === 3
    return isAnswer && message.reference === this.#reference ? message : undefined
  }
}
