import { type Noise, noises, type Whitener, whiten, whitener } from "./noise.ts"
import { lag } from "./shape.ts"
import type { Part } from "./student.ts"

/** One measure cycle by cycle, oldest first, around a write. */
export interface Series {
  /** Cycles since the write, counted: below 0 before it, the fraction says how far the cycle of the write had come. */
  readonly at: Float64Array
  /** NaN where the cycle has no value or is to be left out. */
  readonly value: Float64Array
  /** From the end of the cycle before to its own, in usual cycle lengths. */
  readonly length: Float64Array
  /** Step in which the values are recorded; finer differences are not known. */
  readonly resolution: number
}

/** The series as the regressions use it. */
export interface Data {
  readonly at: Float64Array
  readonly y: Float64Array
  readonly used: Uint8Array
  /** How much longer than usual each cycle took, at most by one: the machine cools while it waits. */
  readonly waited: Float64Array
  /** Times of the cycles over which the effect is averaged. */
  readonly window: readonly number[]
  /** Variance that rounding adds to a value. */
  readonly rounding: number
}

export function dataOf(
  { at, value, length, resolution }: Series,
  { settle, window }: { readonly settle: number; readonly window: number },
): Data {
  const used = new Uint8Array(at.length)
  const counted: number[] = []
  let after = 0
  let mean = 0
  let rows = 0
  for (const [i, time] of at.entries()) {
    if (time > 0) after++
    const v = value[i] ?? Number.NaN
    if (after > settle + window || Number.isNaN(v)) continue
    if (after > settle) counted.push(time)
    used[i] = 1
    mean += (v - mean) / ++rows
  }
  return {
    at,
    y: value.map((v, i) => (used[i] ? v - mean : 0)),
    used,
    waited: length.map((l) => Math.max(-1, Math.min(1, l - 1))),
    window: counted,
    // Never 0, so that a measure that stands still has some noise.
    rounding: Math.max(resolution ** 2 / 12, 1e-12),
  }
}

/** The effect's share of the model under one design: a lag of one pace. */
export interface Act {
  /** Its time constant, in cycles. */
  readonly pace: number
  readonly column: Float64Array
  /** How the first cycles may differ from the lag: where in the cycle the write came matters. */
  readonly start: Float64Array
  /** Cross products of start, lag and measure. */
  readonly products: readonly (readonly number[])[]
  /** Of the lag over the window. */
  readonly mean: number
}

/**
 * The data under one noise: whitened, and freed of what is in every model (a level, and the waiting of held-up cycles,
 * which hits the machine like a shock of the noise and is forgotten like one), after Frisch and Waugh (1933).
 */
export interface Design {
  readonly noise: Noise
  readonly by: Whitener
  readonly y: Float64Array
  readonly yy: number
  /** Orthonormal columns that are taken out. */
  readonly common: readonly Float64Array[]
  readonly degrees: number
  /** Log of the likelihood's part that is the same for all models under this noise. */
  readonly log: number
}

export function designOf(data: Data, noise: Noise, spread: Float64Array): Design {
  const by = whitener(noise, spread)
  const common: Float64Array[] = []
  let log = -by.halfLogDet
  for (const raw of [data.at.map(() => 1), forgotten(data.waited, noise.fastKeeps)]) {
    const free = without(whiten(raw, by), common)
    const size = Math.sqrt(dot(free, free))
    if (size < 1e-6) continue
    common.push(free.map((v) => v / size))
    log -= Math.log(size)
  }
  const y = without(whiten(data.y, by), common)
  const rows = spread.reduce((sum, sd) => sum + (sd > 0 ? 1 : 0), 0)
  const yy = dot(y, y) + rows * data.rounding
  return { noise, by, y, yy, common, degrees: rows - common.length, log }
}

/** Noises that the time before `until` does not speak against, the likeliest first. */
export function likelyNoises(data: Data, until: number): readonly Noise[] {
  const calm = spreadOf(data, (at) => (at < until ? 1 : 0))
  return noises
    .map((noise) => {
      const design = designOf(data, noise, calm)
      return { noise, log: design.log - (design.degrees / 2) * Math.log(design.yy) }
    })
    .sort((a, b) => b.log - a.log)
    .filter(({ log }, _, [top]) => log > (top?.log ?? 0) - 4)
    .map(({ noise }) => noise)
}

export function spreadOf(data: Data, sd: (at: number) => number): Float64Array {
  return data.at.map((at, i) => (data.used[i] ? sd(at) : 0))
}

export function actOf(data: Data, design: Design, pace: number): Act {
  const { y, yy } = design
  const shaped = (shape: (at: number) => number) =>
    without(whiten(data.at.map(shape), design.by), design.common)
  const start = shaped((at) => (at > 0 ? Math.exp(-at / pace) : 0))
  const column = shaped((at) => lag(at, pace))
  return {
    pace,
    column,
    start,
    products: [
      [dot(start, start)],
      [dot(column, start), dot(column, column)],
      [dot(start, y), dot(column, y), yy],
    ],
    mean: data.window.reduce((sum, at) => sum + lag(at, pace), 0) / data.window.length,
  }
}

/** A drift as the design sees it. It begins late, so most of its rows are 0. */
export interface Drift {
  readonly column: Float64Array
  readonly first: number
  readonly square: number
  readonly withY: number
}

/** `shape` is 0 up to `start`. */
export function driftOf(
  data: Data,
  design: Design,
  { start, shape }: { readonly start: number; readonly shape: (at: number) => number },
): Drift {
  const raw = new Float64Array(data.at.length)
  let first = raw.length
  for (let i = raw.length - 1; i >= 0 && (data.at[i] ?? 0) > start; i--) {
    raw[i] = shape((data.at[i] ?? 0) - start)
    first = i
  }
  const column = whiten(raw, design.by, first)
  // The other columns are free of the common ones already, so only the square has to be.
  let square = dot(column, column, first)
  for (const unit of design.common) square -= dot(column, unit, first) ** 2
  return { column, first, square, withY: dot(column, design.y, first) }
}

/** What moves a process moves it by the order of so many standard deviations of its noise. */
const driftSize = 30
/** How far the first cycles after a write may differ from a lag, in standard deviations of the noise. */
const startSize = 1

/** What one model says: the effect over the window, and the log of the model's marginal likelihood. */
export interface Solved {
  readonly log: number
  readonly part: Omit<Part, "weight">
}

/**
 * The act alone, or beside a drift. Normal priors around 0 on drift and start, in units of the noise's variance; flat
 * ones on level, waiting and act, Jeffreys' on the variance (Gelman et al., Bayesian Data Analysis, 3rd ed., 14.2).
 */
export function solve(design: Design, act: Act, drift?: Drift): Solved {
  let { log } = design
  let rows = drift ? beside(drift, act) : act.products
  for (const precision of drift ? [driftSize ** -2, startSize ** -2] : [startSize ** -2]) {
    const own = Math.max((rows[0]?.[0] ?? 0) + precision, 1e-9)
    log += Math.log(precision / own) / 2
    rows = swept(rows, own)
  }
  const square = Math.max(rows[0]?.[0] ?? 0, 1e-9)
  const withY = rows[1]?.[0] ?? 0
  const residual = Math.max((rows[1]?.[1] ?? 0) - withY ** 2 / square, 1e-12)
  const degrees = design.degrees - 1
  return {
    log: log - Math.log(square) / 2 - (degrees / 2) * Math.log(residual),
    part: {
      mean: (withY / square) * act.mean,
      scale: Math.sqrt(residual / degrees / square) * act.mean,
      degrees,
    },
  }
}

/** Cross products of drift, start, lag and measure: the lower triangle. */
function beside({ column, first, square, withY }: Drift, act: Act): readonly (readonly number[])[] {
  const [start = [], lagged = [], measure = []] = act.products
  return [
    [square],
    [dot(column, act.start, first), ...start],
    [dot(column, act.column, first), ...lagged],
    [withY, ...measure],
  ]
}

/** The cross products of the others once the first column, whose own is `pivot`, is accounted for. */
function swept(
  rows: readonly (readonly number[])[],
  pivot: number,
): readonly (readonly number[])[] {
  return rows.slice(1).map((row) => {
    const share = (row[0] ?? 0) / pivot
    return row.slice(1).map((value, j) => value - share * (rows[j + 1]?.[0] ?? 0))
  })
}

function forgotten(column: Float64Array, keeps: number): Float64Array {
  let held = 0
  return column.map((v) => {
    held = keeps * held + v
    return held
  })
}

function without(column: Float64Array, common: readonly Float64Array[]): Float64Array {
  const out = column.slice()
  for (const unit of common) {
    const share = dot(out, unit)
    for (let i = 0; i < out.length; i++) out[i] = (out[i] ?? 0) - share * (unit[i] ?? 0)
  }
  return out
}

function dot(a: Float64Array, b: Float64Array, first = 0): number {
  let sum = 0
  for (let i = first; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0)
  return sum
}
