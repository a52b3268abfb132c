import { backOffMs, deviceBackOff } from "../../kernel/retry.ts"
import { problemOf } from "../../model/problem.ts"
import { type BusMessage, NotTaken } from "../bus.ts"
import type { Deliver, Host } from "../connector.ts"
import { orAbort } from "../waiting.ts"
import type { EdgeNode } from "./edge-node.ts"
import type { Rows } from "./rows.ts"

/** Hands messages to the edge node, and says when what they told is durable. */
export class Taking {
  readonly #node: EdgeNode
  readonly #rows: Promise<Rows>
  #known: Rows | undefined
  #isKept = false
  /** What the last message waits for, and the same with the end of the line: messages share it. */
  #durable: Promise<void> | undefined
  #taken: Promise<void> | undefined

  constructor(node: EdgeNode, rows: Promise<Rows>) {
    this.#node = node
    this.#rows = rows
    rows.then((known) => {
      this.#known = known
      if (this.#isKept) known.keep()
    })
  }

  /** Resolves once all that the message told is durable; rejects with `NotTaken` where the line ends before. */
  take(message: BusMessage): Promise<void> | undefined {
    if (message.qos > 0) {
      this.#isKept = true
      this.#known?.keep()
    }
    const turn = this.#node.take(message)
    // Nobody waits for an answer; while rows are made it still holds back who sends more than is kept.
    const isAsked = message.qos > 0 || this.#known
    if (message.retained || !isAsked) return undefined
    if (turn) return this.#orOver(turn.then(() => this.#allDurable()))
    const durable = this.#known?.durable()
    if (!durable) return this.#orOver(this.#allDurable())
    if (durable !== this.#durable) {
      this.#durable = durable
      this.#taken = this.#orOver(durable)
    }
    return this.#taken
  }

  async #allDurable(): Promise<void> {
    await (await this.#rows).durable()
  }

  async #orOver(work: Promise<void>): Promise<void> {
    try {
      await orAbort(work, this.#node.over)
    } catch (thrown) {
      throw new NotTaken("not durable", { cause: thrown })
    }
  }
}

/**
 * Delivers a delivery again, the same with the same numbers, for as long as the house has no room for it: the edge node's place in its count
 * of messages is kept, and who sends with QoS 1 waits.
 */
export function stubborn(deliver: Deliver, context: { host: Host; signal: AbortSignal }): Deliver {
  const { host, signal } = context
  const { clock, random, log } = host
  return async (delivery) => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await deliver(delivery)
      } catch (thrown) {
        const problem = problemOf(thrown, host.name)
        if (!problem.retry || signal.aborted) throw thrown
        if (attempt === 1) log.warn(`${problem.message}. ${problem.hint}`, { code: problem.code })
        const ms = backOffMs(attempt, deviceBackOff, random)
        await clock.sleep(ms * (clock.speed ?? 1), signal)
      }
    }
  }
}
