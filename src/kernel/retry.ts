import type { Random } from "./random.ts"

export interface BackOff {
  readonly firstMs: number
  readonly factor: number
  readonly longestMs: number
}

export const deviceBackOff: BackOff = { firstMs: 500, factor: 2, longestMs: 30_000 }

/**
 * How long to wait before the given try (1 = the first repetition): exponential with full jitter between half and
 * the whole, so that devices that failed together don't return together.
 */
export function backOffMs(attempt: number, policy: BackOff, random: Random): number {
  const whole = Math.min(policy.longestMs, policy.firstMs * policy.factor ** (attempt - 1))
  return whole / 2 + (random.next() * whole) / 2
}
