import type { Instant } from "../model/instant.ts"

/** The only source of time. Nothing else reads `Date` or sets a timer. */
export interface Clock {
  /** Plant time. */
  now(): Instant
  /** Resolves after `ms` of plant time, or rejects with the signal's reason. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
  /** Milliseconds that only ever grow, for measuring lengths. */
  monotonic(): number
  /** How many times as fast as the computer's the plant's time runs; 1 where absent. For what waits on a network. */
  readonly speed?: number
}

/** The computer's clock was set: plant time went from one instant to the other at once, forwards or back. */
export interface ClockJump {
  readonly from: Instant
  readonly to: Instant
}

/**
 * Runs `work` every `ms` until the signal aborts, never two at once; resolves when aborted. What `work` throws
 * goes to `failed` and the rhythm goes on.
 */
export async function every(
  ms: number,
  work: () => void | Promise<void>,
  context: { clock: Clock; signal: AbortSignal; failed: (thrown: unknown) => void },
): Promise<void> {
  const { clock, signal, failed } = context
  while (!signal.aborted) {
    try {
      await clock.sleep(ms, signal)
    } catch {
      return
    }
    try {
      await work()
    } catch (thrown) {
      failed(thrown)
    }
  }
}
