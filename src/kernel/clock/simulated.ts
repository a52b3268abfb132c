import type { Instant } from "../../model/instant.ts"
import type { Clock } from "../clock.ts"

interface Sleeper {
  readonly at: Instant
  readonly order: number
  readonly wake: () => void
}

/**
 * A clock that a test or a simulation moves. `advance` wakes sleepers in the order of their times and lets all that
 * follows from one (promises, `setImmediate`) settle before the next, so a run is the same each time.
 */
export class SimulatedClock implements Clock {
  #now: Instant
  /** By how much somebody set the clock. */
  #setBy = 0
  #order = 0
  #sleepers: Sleeper[] = []

  constructor(start: Instant = 0) {
    this.#now = start
  }

  now(): Instant {
    return this.#now + this.#setBy
  }

  monotonic(): number {
    return this.#now
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.reject(signal.reason)
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const sleeper: Sleeper = {
      at: this.#now + Math.max(0, ms),
      order: this.#order++,
      wake: () => {
        signal?.removeEventListener("abort", aborted)
        resolve()
      },
    }
    const aborted = () => {
      this.#sleepers = this.#sleepers.filter((s) => s !== sleeper)
      reject(signal?.reason)
    }
    signal?.addEventListener("abort", aborted, { once: true })
    this.#sleepers.push(sleeper)
    return promise
  }

  /** Sets the clock, as a person or a time server does to a computer's: nobody who sleeps notices. */
  jump(ms: number): void {
    this.#setBy += ms
  }

  /** Moves plant time on by `ms`, waking everybody due on the way. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms
    await settle()
    for (;;) {
      const next = this.#earliest(end)
      if (next === undefined) break
      this.#sleepers = this.#sleepers.filter((s) => s !== next)
      this.#now = Math.max(this.#now, next.at)
      next.wake()
      await settle()
    }
    this.#now = end
  }

  #earliest(end: Instant): Sleeper | undefined {
    let best: Sleeper | undefined
    for (const s of this.#sleepers) {
      if (s.at > end) continue
      if (!best || s.at < best.at || (s.at === best.at && s.order < best.order)) best = s
    }
    return best
  }
}

function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
