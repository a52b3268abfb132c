import { type BusMessage, NotTaken, type OpenBus } from "../bus.ts"
import type { Deliver, Host } from "../connector.ts"
import { type LiveCount, LiveRows } from "../live-rows.ts"
import { aborted } from "../waiting.ts"
import type { Topics } from "./topics.ts"

export interface FollowJob {
  readonly bus: OpenBus
  readonly topics: Topics
  readonly host: Host
  readonly count: LiveCount
  readonly deliver: Deliver
  readonly heard: (message: BusMessage) => void
}

/** Follows until the signal aborts, or throws when the line is lost or a delivery fails. */
export async function follow(job: FollowJob, signal: AbortSignal): Promise<void> {
  const { bus, topics, host, count, deliver, heard } = job
  const rows = new LiveRows(host, count, deliver)
  const batches = new Batches(rows)
  const over = new AbortController()
  const stop = AbortSignal.any([signal, over.signal])
  const failed = Promise.withResolvers<never>()
  failed.promise.catch(() => {})
  const take = async (message: BusMessage) => {
    heard(message)
    topics.add(message, rows)
    await batches.durable().catch((thrown) => {
      failed.reject(thrown)
      throw new NotTaken("not durable", { cause: thrown })
    })
  }
  const lost = bus.lost.then((error) => Promise.reject(error))
  lost.catch(() => {})
  try {
    topics.complain(rows)
    await Promise.race([batches.durable(), lost])
    const following = Promise.all(topics.filters.map((filter) => bus.follow(filter, take, stop)))
    await Promise.race([following, aborted(signal), lost, failed.promise])
    await Promise.race([aborted(signal), lost, failed.promise])
  } catch (thrown) {
    if (!signal.aborted) throw thrown
  } finally {
    over.abort()
  }
}

/** Delivers what has gathered while the delivery before was under way, all at once. */
class Batches {
  readonly #rows: LiveRows
  #last: Promise<void> = Promise.resolve()
  #next: Promise<void> | undefined

  constructor(rows: LiveRows) {
    this.#rows = rows
  }

  /** Resolves once all rows so far are durable. */
  durable(): Promise<void> {
    this.#next ??= this.#last.then(() => {
      this.#next = undefined
      return this.#rows.deliver()
    })
    this.#last = this.#next
    return this.#next
  }
}
