import type { Decision } from "../decide.ts"

/** How far the measure will move for one unit of the set point, with the standard deviation of that forecast. */
export interface Gain {
  readonly mean: number
  readonly sd: number
  /** Measured effects that it stands on; with none it is only the configured guess. */
  readonly effects: number
}

/** A guess from the configuration is taken to be wrong by so much of itself (one standard deviation). */
const guessSpread = 0.6
/** Even exact measurements differ from one day to the next by so much of the guess. */
const dayToDay = 0.2

/**
 * Joins the configured guess with the measured effects of past decisions, each weighted by its precision
 * (normal prior, normal measurements).
 */
export function gainOf(guess: number, past: readonly Decision[], target: string): Gain {
  let precision = 1 / (guessSpread * guess) ** 2
  let weighted = guess * precision
  let effects = 0
  for (const decision of past) {
    const step = stepOf(decision, target)
    const effect = decision.effect
    if (step === 0 || effect?.state !== "measured") continue
    const sd = (effect.high - effect.low) / (2 * 1.96) / Math.abs(step)
    const weight = 1 / (sd ** 2 + (dayToDay * guess) ** 2)
    precision += weight
    weighted += weight * (effect.change / step)
    effects++
  }
  return {
    mean: weighted / precision,
    sd: Math.sqrt(1 / precision + (dayToDay * guess) ** 2),
    effects,
  }
}

/** What the decision changed the set point by; 0 where that is not known. */
function stepOf(decision: Decision, target: string): number {
  if (!("writes" in decision.body)) return 0
  const write = decision.body.writes.find((w) => w.target === target)
  if (typeof write?.value !== "number" || typeof write.expect !== "number") return 0
  return write.value - write.expect
}
