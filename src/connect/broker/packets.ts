import type { BusMessage } from "../bus.ts"

/** Cuts a stream into MQTT packets (MQTT 3.1.1, 2.2). What is too long is known before it is kept. */
export class Packets {
  #chunks: Buffer[] = []
  #length = 0
  /** Bytes without which the first packet is not whole. */
  #needed = 1
  #bytes: Buffer = Buffer.alloc(0)
  #at = 0

  add(chunk: Buffer): void {
    this.#chunks.push(chunk)
    this.#length += chunk.length
  }

  /** The next packet; undefined while it is not whole. Throws a RangeError where it is longer than `most` bytes after its header. */
  next(most: number): Buffer | undefined {
    if (this.#length < this.#needed) return undefined
    if (this.#chunks.length > 0) this.#gather()
    const length = this.#packetLength(most)
    this.#needed = length ?? this.#length + 1
    if (length === undefined || this.#length < length) return undefined
    const packet = this.#bytes.subarray(this.#at, this.#at + length)
    this.#at += length
    this.#length -= length
    this.#needed = 1
    return packet
  }

  #gather(): void {
    const rest = this.#bytes.subarray(this.#at)
    const [first] = this.#chunks
    this.#bytes =
      rest.length === 0 && this.#chunks.length === 1 && first
        ? first
        : Buffer.concat([rest, ...this.#chunks])
    this.#chunks = []
    this.#at = 0
  }

  /** With its header; undefined where its length is not whole. */
  #packetLength(most: number): number | undefined {
    const bytes = this.#bytes
    let length = 0
    for (let i = 1; i <= 4; i++) {
      const at = this.#at + i
      if (at >= bytes.length) return undefined
      const byte = bytes[at] ?? 0
      length += (byte & 127) << (7 * (i - 1))
      if (length > most) break
      if (byte < 128) return 1 + i + length
    }
    throw new RangeError(`a packet of more than ${most} bytes`)
  }
}

/** A message with QoS 0 or 1, and the identifier by which it is acknowledged. */
export interface Publish extends BusMessage {
  readonly qos: 0 | 1
  /** Set back where there is no room to keep it. */
  retain: boolean
  /** 0 with QoS 0. */
  readonly id: number
}

const publishType = 3

/** Undefined for every other packet. Throws where it is none of MQTT 3.1.1, 3.3. */
export function readPublish(packet: Buffer): Publish | undefined {
  const head = packet[0] ?? 0
  const qos = (head >> 1) & 3
  if (head >> 4 !== publishType || qos > 1) return undefined
  let at = 1
  while ((packet[at++] ?? 0) >= 128);
  const topicEnd = at + 2 + (((packet[at] ?? 0) << 8) | (packet[at + 1] ?? 0))
  const begin = topicEnd + 2 * qos
  if (begin > packet.length) throw new Error("a cut PUBLISH")
  const id = qos === 0 ? 0 : ((packet[topicEnd] ?? 0) << 8) | (packet[topicEnd + 1] ?? 0)
  if (qos === 1 && id === 0) throw new Error("a PUBLISH without identifier")
  return {
    topic: packet.toString("utf8", at + 2, topicEnd),
    payload: packet.subarray(begin),
    retained: false,
    qos: qos === 1 ? 1 : 0,
    retain: (head & 1) === 1,
    id,
  }
}
