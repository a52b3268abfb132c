import type { Clock } from "../kernel/clock.ts"
import type { Problem } from "../model/problem.ts"

/** Rejects with the signal's reason as soon as it aborts; what `work` does afterwards is nobody's any more. */
export async function orAbort<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  work.catch(() => {})
  signal.throwIfAborted()
  const { promise, reject } = Promise.withResolvers<never>()
  const stop = () => reject(signal.reason)
  signal.addEventListener("abort", stop, { once: true })
  try {
    return await Promise.race([work, promise])
  } finally {
    signal.removeEventListener("abort", stop)
  }
}

/**
 * Gives the line so many milliseconds of the computer's time, whatever the speed of the plant's, then rejects with
 * what `late` makes. The work gets a signal that aborts when nobody waits for it any more.
 */
export async function within<T>(
  ms: number,
  work: (signal: AbortSignal) => Promise<T>,
  context: { clock: Clock; signal: AbortSignal; late: () => Problem },
): Promise<T> {
  const { clock, signal, late } = context
  const over = new AbortController()
  const either = AbortSignal.any([signal, over.signal])
  clock.sleep(ms * (clock.speed ?? 1), either).then(
    () => over.abort(late()),
    () => {},
  )
  try {
    return await orAbort(work(either), either)
  } finally {
    over.abort()
  }
}

/** Resolves when the signal aborts. */
export async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  const { promise, resolve } = Promise.withResolvers<void>()
  signal.addEventListener("abort", () => resolve(), { once: true })
  await promise
}
