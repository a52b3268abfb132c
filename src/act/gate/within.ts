import type { Clock } from "../../kernel/clock.ts"

export class TimedOut extends Error {
  override readonly name = "TimedOut"
}

/** Gives up on `work` after `ms` of plant time; its signal is aborted then. Throws `TimedOut` or what `work` throws. */
export async function within<T>(
  ms: number,
  clock: Clock,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const over = new AbortController()
  const late = clock.sleep(ms, over.signal).then(() => {
    throw new TimedOut()
  })
  try {
    return await Promise.race([work(over.signal), late])
  } finally {
    late.catch(() => {})
    over.abort()
  }
}
