import type { Instant } from "../../model/instant.ts"
import type { Clock } from "../clock.ts"

const longestTimerMs = 2 ** 31 - 1

/**
 * The computer's clock, or one that runs `speed` times as fast from an origin on, so that a day of the example
 * plant passes in minutes. Processes that are given the same speed and origin agree on plant time.
 */
export class SystemClock implements Clock {
  readonly speed: number
  /** The real instant at which plant time was `plantOrigin`. */
  readonly realOrigin: Instant
  readonly plantOrigin: Instant

  constructor(options: { speed?: number; realOrigin?: Instant; plantOrigin?: Instant } = {}) {
    this.speed = options.speed ?? 1
    this.realOrigin = options.realOrigin ?? Date.now()
    this.plantOrigin = options.plantOrigin ?? this.realOrigin
  }

  now(): Instant {
    return this.plantOrigin + (Date.now() - this.realOrigin) * this.speed
  }

  monotonic(): number {
    return performance.now()
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    if (signal?.aborted) return Promise.reject(signal.reason)
    const timer = setTimeout(done, Math.min(Math.max(0, ms / this.speed), longestTimerMs))
    const aborted = () => {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    signal?.addEventListener("abort", aborted, { once: true })
    function done() {
      signal?.removeEventListener("abort", aborted)
      resolve()
    }
    return promise
  }
}
