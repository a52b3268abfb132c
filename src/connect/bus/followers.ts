import type { Log } from "../../kernel/log.ts"
import { type BusMessage, NotTaken } from "../bus.ts"
import { covers } from "./filter.ts"

export type Take = (message: BusMessage) => Promise<void> | void

interface Follower {
  readonly filter: string
  readonly take: Take
  readonly signal: AbortSignal
  /** Settles when the messages so far are taken. */
  tail: Promise<void>
}

const mostWaiting = 1000
const mostWaitingBytes = 32 * 2 ** 20

/** Who follows which filter in this process; each is called with one message after another. */
export class Followers {
  readonly #log: Log
  readonly #all = new Set<Follower>()
  readonly #room: (() => void)[] = []
  #waiting = 0
  #waitingBytes = 0

  constructor(log: Log) {
    this.#log = log
  }

  /** Until the signal aborts; then calls `ended`. `first` are messages that come before all others. */
  add(
    of: { filter: string; take: Take; signal: AbortSignal },
    context: { first?: readonly BusMessage[]; ended?: () => void } = {},
  ): void {
    const follower = { ...of, tail: Promise.resolve() }
    this.#all.add(follower)
    for (const message of context.first ?? []) this.#give(follower, message).catch(() => {})
    const end = () => {
      this.#all.delete(follower)
      context.ended?.()
    }
    if (of.signal.aborted) end()
    else of.signal.addEventListener("abort", end, { once: true })
  }

  has(filter: string): boolean {
    return [...this.#all].some((follower) => follower.filter === filter)
  }

  /** More waits for the followers than should; whoever brings messages holds back until `room`. */
  get isFull(): boolean {
    return this.#waiting >= mostWaiting || this.#waitingBytes >= mostWaitingBytes
  }

  room(): Promise<void> {
    if (!this.isFull) return Promise.resolve()
    return new Promise((resolve) => this.#room.push(resolve))
  }

  /** Resolves once every follower of the topic has taken the message; throws `NotTaken` where one could not. */
  async take(message: BusMessage): Promise<void> {
    const takers = [...this.#all].filter(({ filter }) => covers(filter, message.topic))
    if (takers.length === 0) return
    const bytes = message.payload.length
    this.#waiting++
    this.#waitingBytes += bytes
    const taken = await Promise.allSettled(takers.map((follower) => this.#give(follower, message)))
    this.#waiting--
    this.#waitingBytes -= bytes
    if (!this.isFull) for (const resolve of this.#room.splice(0)) resolve()
    for (const one of taken) if (one.status === "rejected") throw one.reason
  }

  #give(follower: Follower, message: BusMessage): Promise<void> {
    const given = follower.tail.then(async () => {
      if (follower.signal.aborted) return
      try {
        await follower.take(message)
      } catch (thrown) {
        if (thrown instanceof NotTaken) throw thrown
        const facts = { topic: message.topic, because: String(thrown) }
        this.#log.warn("a message could not be taken", facts)
      }
    })
    follower.tail = given.catch(() => {})
    return given
  }
}
