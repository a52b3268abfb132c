import type { Instant } from "../../model/instant.ts"
import {
  accumulate,
  type Baseline,
  countRepeat,
  emptyBaseline,
  follow,
  isFrozen,
  isLearnt,
  judgedSd,
  learn,
  raiseAt,
  relevel,
} from "./baseline.ts"

/** One field as the detector remembers it. JSON. */
export interface Field {
  readonly baseline: Baseline
  /** When the present excursion began: the last time a cumulative sum left 0. */
  readonly since: Instant
  /** Set while the field is away from its baseline, which stands still meanwhile. */
  readonly away?: Away
  readonly frozen?: true
}

export interface Away {
  /** Key of the finding that covers it. */
  readonly key: string
  readonly cycles: number
  /** Mean of the last deviations (exponential), and how many in a row were back within the band. */
  readonly mean: number
  readonly back: number
  /** Largest deviation, in standard deviations of the forecast. */
  readonly peak: number
}

/** How a field stands after one cycle, against its baseline before it. */
export interface Standing {
  readonly field: Field
  /** Deviation in the field's unit and in standard deviations; 0 while nothing can be said. */
  readonly deviation: number
  readonly sigma: number
  /** 1 and more asks for a finding. */
  readonly score: number
  readonly since: Instant
}

export const emptyField: Field = { baseline: emptyBaseline, since: 0 }

/** A field is back when its mean stands within so many standard deviations, for so many cycles. */
const backWithin = 2
const backCycles = 3
/** What is over after so few cycles was a spike: it says that the field is wild, and more is asked of the next one. */
const spikeCycles = 6

/** A cycle while the machine settles: nothing is judged or learnt, only followed. */
export function settleField(field: Field, value: number): { field: Field; calm: boolean } {
  const { baseline } = field
  const counted = countRepeat(baseline, value)
  if (!isLearnt(baseline)) return { field: { ...field, baseline: counted }, calm: true }
  const jump = Math.abs(value - baseline.last) / (baseline.stepSd * Math.SQRT2)
  const forecast = baseline.forecast + 0.5 * (value - baseline.forecast)
  return {
    field: { ...field, baseline: { ...counted, forecast, up: 0, down: 0 } },
    calm: jump <= Math.max(3.5, baseline.reach),
  }
}

/** The machine has settled on a level that is wanted: it becomes the new normal, except of what was already away. */
export function renewField(field: Field): Field {
  if (!isLearnt(field.baseline) || field.away) return field
  return { ...field, baseline: relevel(field.baseline, field.baseline.forecast) }
}

export interface Judging {
  readonly learn: number
  readonly sigma: number
  readonly accept: number
  readonly resolution: number
  /** Sign of deviations that something else explains: -1 for a temperature after a held-up cycle; 0 for none. */
  readonly explained: number
  /** Whether one cycle can be enough. */
  readonly atOnce: boolean
}

/** A cycle of a settled machine. */
export function judgeField(
  field: Field,
  cycle: { value: number; start: Instant },
  how: Judging,
): Standing {
  const { value, start } = cycle
  const { baseline } = field
  const nothing = quiet(field, start)
  if (!isLearnt(baseline)) {
    const next = learn(baseline, value, { wanted: how.learn, resolution: how.resolution })
    return { ...nothing, field: { ...field, baseline: next } }
  }
  const counted = countRepeat(baseline, value)
  if (isFrozen(counted)) {
    return {
      ...nothing,
      field: { ...field, baseline: { ...counted, up: 0, down: 0 }, frozen: true },
    }
  }
  const { frozen: _, ...moving } = field
  if (moving.away) return { ...nothing, field: awayField(moving, moving.away, { value, how }) }
  return standing(moving, cycle, how)
}

function quiet(field: Field, start: Instant): Standing {
  return { field, deviation: 0, sigma: 0, score: 0, since: start }
}

function standing(field: Field, cycle: { value: number; start: Instant }, how: Judging): Standing {
  const { value, start } = cycle
  const { baseline } = field
  const deviation = value - baseline.level
  const sigma = deviation / judgedSd(baseline)
  if (how.explained !== 0 && Math.sign(deviation) === how.explained)
    return { ...quiet(field, start), field: { ...field, baseline: follow(baseline, value) } }
  // A field that is wild by nature has to be wilder still.
  const atOnce = how.atOnce ? Math.abs(sigma) / Math.max(how.sigma, 1.3 * baseline.reach) : 0
  const summed = accumulate(baseline, sigma)
  const sum = Math.max(summed.up, summed.down) / raiseAt(baseline)
  const since = Math.max(baseline.up, baseline.down) === 0 ? start : field.since
  return {
    field: { ...field, since, baseline: follow(summed, value) },
    deviation,
    sigma,
    score: Math.max(atOnce, sum),
    since: atOnce >= sum ? start : since,
  }
}

/** Marks a field as covered by a finding; its baseline stands still as it was before. */
export function takeAway(before: Field, after: Standing, key: string): Field {
  const { last, same, repeatShare } = after.field.baseline
  return {
    since: after.since,
    baseline: { ...before.baseline, last, same, repeatShare, up: 0, down: 0 },
    away: {
      key,
      cycles: 1,
      mean: after.deviation,
      back: 0,
      peak: Math.abs(after.deviation) / before.baseline.sd,
    },
  }
}

function awayField(field: Field, away: Away, now: { value: number; how: Judging }): Field {
  const counted = countRepeat(field.baseline, now.value)
  const { baseline } = field
  const peak = Math.max(away.peak, Math.abs(now.value - baseline.level) / baseline.sd)
  const mean = away.mean + 0.5 * (now.value - baseline.level - away.mean)
  const back = Math.abs(mean) <= backWithin * baseline.sd ? away.back + 1 : 0
  const cycles = away.cycles + 1
  const { away: _, ...home } = field
  const reach = cycles <= spikeCycles ? Math.max(baseline.reach, peak) : baseline.reach
  if (back >= backCycles)
    return { ...home, baseline: { ...counted, reach, forecast: baseline.level + mean } }
  if (cycles >= now.how.accept)
    return { ...home, baseline: relevel(counted, baseline.level + mean) }
  return { ...field, baseline: counted, away: { ...away, cycles, mean, back, peak } }
}
