import {
  type Answer,
  answerOf,
  findRtuAnswer,
  type Request,
  readTcpFrame,
  rtuFrame,
  tcpFrame,
} from "../../codec/modbus-frame.ts"

/** How requests and answers stand on a line, one request at a time. */
export interface Framing {
  /** The bytes to send; from now on only the answer to this request counts. */
  begin(unit: number, request: Request): Uint8Array
  /** The answer once it is whole. Throws an Error that says what is wrong where the peer does not speak Modbus. */
  take(arrived: Uint8Array): Answer | undefined
  /** An answer that comes too late looks like one to a later request, so there must be silence in between. */
  readonly mistakesLate: boolean
}

interface Asked {
  readonly unit: number
  readonly request: Request
}

const nothing = new Uint8Array(0)

/** Modbus TCP: answers carry the number of their request, so late ones are known as such. */
export class TcpFraming implements Framing {
  readonly mistakesLate = false
  #transaction = 0
  #asked: Asked | undefined
  #arrived: Uint8Array = nothing

  begin(unit: number, request: Request): Uint8Array {
    this.#transaction = (this.#transaction + 1) & 0xffff
    this.#asked = { unit, request }
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
export class RtuFraming implements Framing {
  readonly mistakesLate = true
  #asked: Asked | undefined
  #arrived: Uint8Array = nothing

  begin(unit: number, request: Request): Uint8Array {
    this.#asked = { unit, request }
    this.#arrived = nothing
    return rtuFrame(unit, request.pdu)
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
