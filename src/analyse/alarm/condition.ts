import type { Instant } from "../../model/instant.ts"
import { isUsable, type Quality } from "../../model/quality.ts"
import type { Limit } from "../../model/tag.ts"

/** How a value stands to its limit, with delays and deadband. */
export interface Condition {
  /** Beyond the limit, delays considered. */
  readonly active: boolean
  /** When it last became active or inactive: the end of its delay. */
  readonly turnedAt: Instant
  /** Since when the value asks for the other: source time of the first such sample in a row. */
  readonly since?: Instant
  /** Last usable value and its source time. */
  readonly value: number
  readonly at: Instant
  /** The last sample was bad: nothing is known, so no delay elapses. */
  readonly blind: boolean
}

export const firstCondition: Condition = {
  active: false,
  turnedAt: 0,
  value: Number.NaN,
  at: Number.NEGATIVE_INFINITY,
  blind: false,
}

/** A sample in the order of time. A bad one neither raises nor clears: what was pending begins anew after it. */
export function onSample(
  condition: Condition,
  sample: { at: Instant; value: number; quality: Quality },
  limit: Limit,
): Condition {
  const { at, value, quality } = sample
  if (at < condition.at) return condition
  if (!isUsable(quality) || Number.isNaN(value))
    return pendingFrom({ ...condition, at, blind: true })
  // Samples that came before this one let the delay elapse on their own behalf.
  const before = onTime(condition, at, limit)
  const asks = before.active ? isBack(value, limit) : isBeyond(value, limit)
  const next = { ...before, at, value, blind: false }
  return onTime(pendingFrom(next, asks ? (before.since ?? at) : undefined), at, limit)
}

/** Time passes in silence: a value that is sent only when it changes still stands. */
export function onTime(condition: Condition, now: Instant, limit: Limit): Condition {
  const { active, since, blind } = condition
  if (since === undefined || blind) return condition
  const delayMs = active ? limit.offDelayMs : limit.onDelayMs
  if (now - since < delayMs) return condition
  return pendingFrom({ ...condition, active: !active, turnedAt: since + delayMs })
}

function pendingFrom(condition: Condition, since?: Instant): Condition {
  const { since: _, ...rest } = condition
  return since === undefined ? rest : { ...rest, since }
}

function isBeyond(value: number, limit: Limit): boolean {
  return isHigh(limit) ? value > limit.at : value < limit.at
}

function isBack(value: number, limit: Limit): boolean {
  return isHigh(limit) ? value <= limit.at - limit.deadband : value >= limit.at + limit.deadband
}

function isHigh({ side }: Limit): boolean {
  return side === "high" || side === "high-high"
}
