import { covers } from "../bus/filter.ts"
import type { BusMessage } from "../bus.ts"

const mostTopics = 20_000
const mostBytes = 64 * 2 ** 20

/** The newest retained message of each topic (MQTT 3.1.1, 3.3.1.3), for those who follow within the house. */
export class Retained {
  readonly #all = new Map<string, BusMessage>()
  #bytes = 0

  /** False where there is no room: the message passes, and is not kept. An empty one takes its topic's away. */
  keep({ topic, payload, qos }: BusMessage): boolean {
    const before = this.#all.get(topic)
    const bytes = this.#bytes - (before?.payload.length ?? 0) + payload.length
    if (payload.length > 0 && (bytes > mostBytes || (!before && this.#all.size >= mostTopics)))
      return false
    this.#bytes = bytes
    if (payload.length === 0) this.#all.delete(topic)
    else this.#all.set(topic, { topic, payload: new Uint8Array(payload), qos, retained: true })
    return true
  }

  under(filter: string): BusMessage[] {
    return [...this.#all.values()].filter(({ topic }) => covers(filter, topic))
  }
}
