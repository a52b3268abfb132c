import {
  type Answer,
  answerOf,
  findRtuAnswer,
  type Request,
  readTcpFrame,
  rtuFrame,
  tcpFrame,
} from "../../codec/modbus-frame.ts"
import type { Framing } from "../line/line.ts"

/** A request to one of the units on a line. */
export interface UnitRequest {
  readonly unit: number
  readonly request: Request
}

const nothing = new Uint8Array(0)

/** Modbus TCP: answers carry the number of their request, so late ones are known as such. */
export class TcpFraming implements Framing<UnitRequest, Answer> {
  #transaction = 0
  #asked: UnitRequest | undefined
  #arrived: Uint8Array = nothing

  begin(asked: UnitRequest): Uint8Array {
    this.#transaction = (this.#transaction + 1) & 0xffff
    this.#asked = asked
    const { unit, request } = asked
    return tcpFrame({ transaction: this.#transaction, unit, pdu: request.pdu })
  }

  take(arrived: Uint8Array): Answer | undefined {
    this.#arrived = joined(this.#arrived, arrived)
    for (;;) {
      const read = readTcpFrame(this.#arrived)
      if (read === "wait") return undefined
      if (read === "rubbish") throw new Error("got bytes that are no Modbus TCP frame")
      this.#arrived = read.rest
      const { transaction, unit, pdu } = read.frame
      if (transaction !== this.#transaction || !this.#asked) continue
      const asked = this.#asked
      this.#asked = undefined
      if (unit !== asked.unit)
        throw new Error(`got an answer of unit ${unit}, expected one of unit ${asked.unit}`)
      const answer = answerOf(asked.request, pdu)
      if (!answer) throw new Error("got an answer that does not fit the request")
      return answer
    }
  }
}

/** Longest frame of a serial line is 256 bytes; what stands before it is noise. */
const mostKept = 1024

/** Modbus RTU: answers are known by unit, function, length and checksum only. */
export class RtuFraming implements Framing<UnitRequest, Answer> {
  #asked: UnitRequest | undefined
  #arrived: Uint8Array = nothing

  begin(asked: UnitRequest): Uint8Array {
    this.#asked = asked
    this.#arrived = nothing
    return rtuFrame(asked.unit, asked.request.pdu)
  }

  lateFrom({ unit }: UnitRequest): number {
    return unit
  }

  take(arrived: Uint8Array): Answer | undefined {
    if (!this.#asked) return undefined
    this.#arrived = joined(this.#arrived, arrived).slice(-mostKept)
    const answer = findRtuAnswer(this.#arrived, this.#asked.unit, this.#asked.request)
    if (answer) this.#asked = undefined
    return answer
  }
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  return a.length === 0 ? b : Buffer.concat([a, b])
}
