/** Robust statistics of one field, learnt from its own past and carried on cycle by cycle. JSON. */
export interface Baseline {
  /** Values until there are enough of them; empty once learnt. */
  readonly learning: readonly number[]
  /** Cycles since the level was learnt or set anew. */
  readonly cycles: number
  /** Slow level: what the field was like over the last 30 or so cycles. */
  readonly level: number
  /** Fast level: the forecast of the next cycle. */
  readonly forecast: number
  /** Standard deviation around the slow level, and of the step from the forecast. */
  readonly sd: number
  readonly stepSd: number
  /** Correlation of a deviation with the one before: how much a value wanders instead of jumping. */
  readonly wander: number
  /** The deviation before, in standard deviations. */
  readonly lastZ: number
  /** Smallest standard deviation that the field's resolution allows. */
  readonly floor: number
  /** Largest recent deviation in standard deviations, forgotten slowly: how wild this field is. */
  readonly reach: number
  /** Cumulative sums of deviations up and down, in standard deviations. */
  readonly up: number
  readonly down: number
  /** Share of cycles that repeat the value before, and how often the last value stood in a row. */
  readonly repeatShare: number
  readonly last: number
  readonly same: number
}

const slow = 0.03
const fast = 0.3
const spread = 0.01
/** Half of a wild deviation is forgotten in 140 cycles. */
const forgetting = 0.995
/** After so many cycles the spread is taken to be up to twice what it seems. */
const unsure = 10
/** Makes the mean of squares cut at 2.5 sd unbiased for normal values: 1 / E[min(z^2, 2.5^2)]. */
const cutBias = 1.045

export const emptyBaseline: Baseline = {
  learning: [],
  cycles: 0,
  level: 0,
  forecast: 0,
  sd: 0,
  stepSd: 0,
  wander: 0.3,
  lastZ: 0,
  floor: 0,
  reach: 0,
  up: 0,
  down: 0,
  repeatShare: 0.05,
  last: Number.MAX_VALUE,
  same: 1,
}

export function isLearnt(baseline: Baseline): boolean {
  return baseline.sd > 0
}

/**
 * Takes one more value of the first baseline. With `wanted` values it is learnt (median and median absolute
 * deviation), unless they still move from one end to the other: then the older third is dropped.
 */
export function learn(
  baseline: Baseline,
  value: number,
  given: { wanted: number; resolution: number },
): Baseline {
  const learning = [...baseline.learning, value]
  const counted = countRepeat(baseline, value)
  if (learning.length < given.wanted) return { ...counted, learning }
  const third = Math.floor(learning.length / 3)
  const steps = learning.slice(1).map((v, i) => v - (learning[i] ?? v))
  const level = median(learning)
  const floor = Math.max(0.6 * given.resolution, 0.003 * Math.abs(level), 1e-9)
  const stepSd = Math.max(floor, deviation(steps) / Math.SQRT2)
  const early = median(learning.slice(0, third))
  const late = median(learning.slice(-third))
  if (Math.abs(late - early) > 3 * stepSd) return { ...counted, learning: learning.slice(third) }
  const sd = Math.max(stepSd, deviation(learning))
  return {
    ...counted,
    learning: [],
    cycles: learning.length,
    level,
    forecast: late,
    sd,
    stepSd,
    floor,
    reach: Math.max(...learning.map((v) => Math.abs(v - level))) / sd,
    up: 0,
    down: 0,
  }
}

/** One more value of normal life: levels follow it, spreads too, neither is torn away by an outlier. */
export function follow(baseline: Baseline, value: number): Baseline {
  const { level, forecast, sd, stepSd, floor } = baseline
  const cycles = baseline.cycles + 1
  // The nearer a sum is to a finding, the less is learnt: what is looked at must not become normal meanwhile.
  const calm = 1 - Math.min(0.8, Math.max(baseline.up, baseline.down) / raiseAt(baseline))
  const weight = calm * Math.max(spread, 1 / (cycles + 10))
  const away = value - level
  const step = value - forecast
  const z = away / sd
  return {
    ...countRepeat(baseline, value),
    cycles,
    level: level + Math.max(slow, 1 / cycles) * calm * cut(away, 2.5 * sd),
    forecast: forecast + Math.max(fast, 1 / cycles) * cut(step, 3 * stepSd),
    sd: Math.max(floor, spreadOf({ sd, away }, weight)),
    stepSd: Math.max(floor, spreadOf({ sd: stepSd, away: step }, weight)),
    wander: baseline.wander + weight * (cut(z, 3) * cut(baseline.lastZ, 3) - baseline.wander),
    lastZ: z,
    reach: Math.max(baseline.reach * forgetting, Math.abs(z)),
  }
}

/** Takes `level` as the new normal and keeps what is known of the spread. */
export function relevel(baseline: Baseline, level: number): Baseline {
  return { ...baseline, level, forecast: level, cycles: 3, up: 0, down: 0 }
}

/** Adds a deviation to the cumulative sums (Page's CUSUM, slack `slack` sd); one wild value counts at most `cutAt` sd. */
export function accumulate(baseline: Baseline, z: number): Baseline {
  const part = cut(z, cusum.cutAt)
  return {
    ...baseline,
    up: Math.max(0, baseline.up + part - cusum.slack),
    down: Math.max(0, baseline.down - part - cusum.slack),
  }
}

export const cusum = { slack: 1.5, cutAt: 4, raiseAt: 8 } as const

export function countRepeat(baseline: Baseline, value: number): Baseline {
  const repeats = value === baseline.last
  const repeatShare = baseline.repeatShare + 0.01 * ((repeats ? 1 : 0) - baseline.repeatShare)
  return { ...baseline, last: value, same: repeats ? baseline.same + 1 : 1, repeatShare }
}

/** True when so many equal values in a row are no chance, judged by how often this field repeats itself. */
export function isFrozen(baseline: Baseline): boolean {
  return baseline.same >= 8 && baseline.repeatShare ** baseline.same < 1e-8
}

function spreadOf({ sd, away }: { sd: number; away: number }, weight: number): number {
  const squared = Math.min(away ** 2, (2.5 * sd) ** 2) * cutBias
  return Math.sqrt((1 - weight) * sd ** 2 + weight * squared)
}

/** The standard deviation to judge by: a spread known from few cycles may be too small. */
export function judgedSd(baseline: Baseline): number {
  return baseline.sd * (1 + unsure / baseline.cycles)
}

/**
 * Where the cumulative sum raises. Deviations that follow each other sum up without a shift; the variance of their
 * sum grows by (1 + r) / (1 - r) for a first-order process with correlation r.
 */
export function raiseAt(baseline: Baseline): number {
  const r = Math.min(0.9, Math.max(0, baseline.wander))
  return cusum.raiseAt * Math.sqrt((1 + r) / (1 - r))
}

function cut(value: number, at: number): number {
  return Math.max(-at, Math.min(at, value))
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] ?? 0
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2
}

/** Median absolute deviation, scaled to the standard deviation of normal values. */
function deviation(values: readonly number[]): number {
  const centre = median(values)
  return 1.4826 * median(values.map((v) => Math.abs(v - centre)))
}
