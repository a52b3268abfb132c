import type { Load } from "../bus/load.ts"
import type { Publish } from "./packets.ts"

export interface Outlet {
  readonly load: Load
  readonly acknowledge: (ids: readonly number[]) => void
  readonly forward: (message: Publish) => void
  /** A message with QoS 1 could not be taken. */
  readonly failed: (thrown: unknown) => void
}

interface Group {
  readonly taken: Promise<void> | undefined
  ids: number[]
  /** What is told to other clients once it is taken. */
  forward: Publish[]
  messages: number
  bytes: number
  isTaken: boolean
}

/**
 * Acknowledges one publisher's messages in their order (MQTT 3.1.1, 4.6), each once it was taken. Messages that are taken
 * together are one group.
 */
export class Acknowledgements {
  readonly #to: Outlet
  readonly #groups: Group[] = []

  constructor(to: Outlet) {
    this.#to = to
  }

  /** `taken` is undefined for what nobody has to wait for. */
  add(message: Publish, taken: Promise<void> | undefined, isForwarded: boolean): void {
    let group = this.#groups.at(-1)
    if (!group || (taken && taken !== group.taken)) {
      group = this.#begin(taken)
      if (!taken) group.isTaken = true
    }
    group.messages++
    group.bytes += message.payload.length
    this.#to.load.add(1, message.payload.length)
    if (message.qos === 1) group.ids.push(message.id)
    if (isForwarded) group.forward.push(message)
  }

  /** Says what is taken. */
  settle(): void {
    const ids: number[] = []
    for (let group = this.#groups[0]; group?.isTaken; group = this.#groups[0]) {
      this.#groups.shift()
      ids.push(...group.ids)
      for (const message of group.forward) this.#to.forward(message)
      this.#to.load.remove(group.messages, group.bytes)
    }
    if (ids.length > 0) this.#to.acknowledge(ids)
  }

  #begin(taken: Promise<void> | undefined): Group {
    const group: Group = {
      ...{ taken, ids: [], forward: [], messages: 0, bytes: 0, isTaken: false },
    }
    this.#groups.push(group)
    taken?.then(
      () => {
        group.isTaken = true
        this.settle()
      },
      // With QoS 0 nobody waits for an answer, and nothing would be sent again.
      (thrown) => {
        if (group.ids.length > 0) this.#to.failed(thrown)
        group.ids = []
        group.forward = group.forward.filter(({ qos }) => qos === 0)
        group.isTaken = true
        this.settle()
      },
    )
    return group
  }
}
