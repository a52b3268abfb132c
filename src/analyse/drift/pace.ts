import type { Cycle } from "../../model/cycle.ts"
import type { Instant } from "../../model/instant.ts"

/** What the machine's rhythm says about whether a cycle may be judged. JSON. */
export interface Pace {
  readonly tool: string
  readonly lastEnd: Instant
  /** Usual time from one cycle's end to the next; 0 while unknown. */
  readonly usualMs: number
  /** Cycles since the machine began to settle; -1 while it is settled. */
  readonly settling: number
  /** Cycles that it takes to settle. */
  readonly needed: number
  /** Cycles in a row in which nothing jumped. */
  readonly calm: number
  /** True where a set point was changed or the stop was long: the level after it is the new normal. */
  readonly renew: boolean
  /** Cycles for which a held-up cycle still explains a cooler machine; it is this one at `heldUpFor`. */
  readonly heldUp: number
}

/** A cycle that took so many usual ones was held up; the machine is cooler for some cycles after it. */
const heldUpFrom = 1.06
export const heldUpFor = 4
/** A pause of so many usual cycles cools or heats the machine; after the longer one it begins anew. */
const shortPause = 1.6
const longPause = 30
/** A cold machine takes so many times as long to settle as one that paused. */
const coldFactor = 3

export function firstPace(settle: number): Pace {
  return {
    tool: "",
    lastEnd: 0,
    usualMs: 0,
    settling: 0,
    needed: settle * coldFactor,
    calm: 0,
    renew: false,
    heldUp: 0,
  }
}

/** Looks at when a cycle came: after a pause, a change of tool or a wanted change the machine settles first. */
export function paceOf(
  pace: Pace,
  cycle: Cycle,
  given: { changed: boolean; settle: number },
): Pace {
  const tool = cycle.tool ?? ""
  if (pace.lastEnd === 0) return { ...pace, tool, lastEnd: cycle.end }
  const awayMs = Math.max(0, cycle.end - pace.lastEnd)
  const pause = pace.usualMs === 0 ? 0 : awayMs / pace.usualMs
  const next = {
    ...pace,
    tool,
    lastEnd: Math.max(pace.lastEnd, cycle.end),
    usualMs: usualAfter(pace.usualMs, awayMs),
    heldUp: pause > heldUpFrom ? heldUpFor : Math.max(0, pace.heldUp - 1),
  }
  const cold = tool !== pace.tool || pause > longPause
  if (!cold && !given.changed && pause <= shortPause) return next
  const needed = cold ? given.settle * coldFactor : given.settle
  return {
    ...next,
    settling: 0,
    calm: 0,
    needed: isSettled(pace) ? needed : Math.max(needed, pace.needed - pace.settling),
    renew: cold || given.changed || (!isSettled(pace) && pace.renew),
  }
}

/** The usual length follows like a median: by a small step towards the value, never by its size. */
function usualAfter(usualMs: number, awayMs: number): number {
  if (usualMs === 0) return awayMs
  return usualMs * (1 + Math.max(-0.05, Math.min(0.05, awayMs / usualMs - 1)))
}

/** One more cycle of settling: over when enough have passed and the last three were calm, or after five times as many. */
export function settleOne(pace: Pace, isCalm: boolean): Pace {
  const settling = pace.settling + 1
  const calm = isCalm ? pace.calm + 1 : 0
  const over = (settling >= pace.needed && calm >= 3) || settling >= 5 * pace.needed
  return { ...pace, settling: over ? -1 : settling, calm }
}

export function isSettled(pace: Pace): boolean {
  return pace.settling < 0
}
