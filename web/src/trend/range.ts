import type { Span } from "../api/queries.ts"
import { dayStart } from "../text/format.ts"

export const lengths = ["10min", "1h", "shift", "today", "7d"] as const

export type LengthName = (typeof lengths)[number]

const hour = 3_600_000

/** Where a quick range begins if it ends now. The shift is the last eight hours until shifts are known. */
export function quickSpan(name: LengthName, now: number, zone: string): Span {
  if (name === "today") return { from: dayStart(now, zone), to: now }
  const ms = { "10min": hour / 6, "1h": hour, shift: 8 * hour, "7d": 168 * hour }[name]
  return { from: now - ms, to: now }
}

export function isLength(name: string | undefined): name is LengthName {
  return lengths.some((each) => each === name)
}

const shortest = 5000
const longest = 400 * 24 * hour

/** The span made longer or shorter about one place that stays where it is. */
export function zoomed(span: Span, place: number, factor: number): Span {
  const wide = span.to - span.from
  const next = Math.min(longest, Math.max(shortest, wide * factor))
  const share = (place - span.from) / wide
  const from = place - share * next
  return { from: Math.round(from), to: Math.round(from + next) }
}

/** How often a live window of so many plant ms moves on, in ms of the wall. */
export function liveStepMs(wideMs: number, speed: number): number {
  return Math.min(30_000, Math.max(1000, wideMs / 400 / speed))
}
