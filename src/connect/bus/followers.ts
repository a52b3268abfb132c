import type { Log } from "../../kernel/log.ts"
import { type BusMessage, NotTaken } from "../bus.ts"
import { covers } from "./filter.ts"

export type Take = (message: BusMessage) => Promise<void> | void

interface Follower {
  readonly filter: string
  readonly take: Take
  readonly signal: AbortSignal
  /** What the follower gave last, and the same without what stops nothing. */
  given: Promise<void> | undefined
  guarded: Promise<void> | undefined
}

const mostTopics = 10_000

/** Who follows which filter in this process; each is called with one message after another. */
export class Followers {
  readonly #log: Log
  readonly #all = new Set<Follower>()
  /** Who follows a topic, as long as nobody comes or goes. */
  readonly #byTopic = new Map<string, readonly Follower[]>()

  constructor(log: Log) {
    this.#log = log
  }

  /** Until the signal aborts; then calls `ended`. `first` are messages that come before all others. */
  add(
    of: { filter: string; take: Take; signal: AbortSignal },
    context: { first?: readonly BusMessage[]; ended?: () => void } = {},
  ): void {
    const follower = { ...of, given: undefined, guarded: undefined }
    this.#all.add(follower)
    this.#byTopic.clear()
    const end = () => {
      this.#all.delete(follower)
      this.#byTopic.clear()
      context.ended?.()
    }
    if (of.signal.aborted) end()
    else of.signal.addEventListener("abort", end, { once: true })
    for (const message of context.first ?? []) this.#give(follower, message)?.catch(() => {})
  }

  has(filter: string): boolean {
    return [...this.#all].some((follower) => follower.filter === filter)
  }

  /**
   * Undefined where nobody has anything to wait for. Otherwise resolves once every follower of the topic has taken the message;
   * rejects with `NotTaken` where one could not. Messages that are taken together share a promise.
   */
  take(message: BusMessage): Promise<void> | undefined {
    let first: Promise<void> | undefined
    let all: Promise<void>[] | undefined
    for (const follower of this.#takersOf(message.topic)) {
      const taken = this.#give(follower, message)
      if (!taken) continue
      if (!first) first = taken
      else {
        all ??= [first]
        all.push(taken)
      }
    }
    return all ? allOf(all) : first
  }

  #takersOf(topic: string): readonly Follower[] {
    const known = this.#byTopic.get(topic)
    if (known) return known
    if (this.#byTopic.size >= mostTopics) this.#byTopic.clear()
    const takers = [...this.#all].filter(({ filter }) => covers(filter, topic))
    this.#byTopic.set(topic, takers)
    return takers
  }

  #give(follower: Follower, message: BusMessage): Promise<void> | undefined {
    if (follower.signal.aborted) return undefined
    const { topic } = message
    try {
      const given = follower.take(message)
      if (!given) return undefined
      if (given === follower.given) return follower.guarded
      follower.given = given
      follower.guarded = given.catch((thrown) => this.#failed(topic, thrown))
      return follower.guarded
    } catch (thrown) {
      return thrown instanceof NotTaken ? Promise.reject(thrown) : this.#failed(topic, thrown)
    }
  }

  #failed(topic: string, thrown: unknown): undefined {
    if (thrown instanceof NotTaken) throw thrown
    this.#log.warn("a message could not be taken", { topic, because: String(thrown) })
  }
}

async function allOf(all: readonly Promise<void>[]): Promise<void> {
  for (const one of await Promise.allSettled(all)) if (one.status === "rejected") throw one.reason
}
