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
  readonly rows: number
}

export function dataOf(
  { at, value, length }: Series,
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
    rows,
  }
}

/** The effect's share of the model under one design: a lag of one pace. */
export interface Act {
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
  return { noise, by, y, yy: dot(y, y), common, degrees: rows - common.length, log }
}

/** Noises that the time before `until` does not speak against, the likeliest first. */
export function likelyNoises(data: Data, until: number, limit: number): readonly Noise[] {
  const calm = spreadOf(data, (at) => (at < until ? 1 : 0))
  return noises
    .map((noise) => {
      const design = designOf(data, noise, calm)
      return { noise, log: design.log - (design.degrees / 2) * Math.log(design.yy) }
    })
    .sort((a, b) => b.log - a.log)
    .filter(({ log }, _, [top]) => log > (top?.log ?? 0) - 4)
    .slice(0, limit)
    .map(({ noise }) => noise)
}

export function spreadOf(data: Data, sd: (at: number) => number): Float64Array {
  return data.at.map((at, i) => (data.used[i] ? sd(at) : 0))
}

export function actOf(data: Data, design: Design, pace: number): Act {
  const { y, yy } = design
  const start = shaped(data, design, (at) => (at > 0 ? Math.exp(-at / pace) : 0))
  const column = shaped(data, design, (at) => lag(at, pace))
  return {
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

/** A column of the model as the design sees it. */
export function shaped(
  data: Data,
  { by, common }: Design,
  shape: (at: number) => number,
): Float64Array {
  return without(whiten(data.at.map(shape), by), common)
}

export interface Fit {
  readonly log: number
  readonly part: Omit<Part, "weight">
}

/**
 * Solves one model from the cross products of its columns (`products[i][j]`, j <= i: those with a prior first, then the
 * act, last the measure). Gives the act's coefficient as Student's t, and the log of the model's marginal likelihood.
 * `precisions` are those of the priors, around 0, in units of the noise's variance; the act's is flat, the variance's
 * Jeffreys' (Gelman et al., Bayesian Data Analysis, 3rd ed., 14.2).
 */
export function fit(
  design: Design,
  products: readonly (readonly number[])[],
  precisions: readonly number[],
): Fit {
  const rows = products.map((row) => [...row])
  let { log } = design
  const last = rows.length - 1
  for (const [k, row] of rows.slice(0, last).entries()) {
    const precision = precisions[k] ?? 0
    const pivot = Math.max((row[k] ?? 0) + precision, 1e-9)
    log -= Math.log(pivot) / 2
    if (precision > 0) log += Math.log(precision) / 2
    if (k === last - 1) break
    for (let i = k + 1; i <= last; i++) {
      const share = (rows[i]?.[k] ?? 0) / pivot
      for (let j = k + 1; j <= i; j++) take(rows[i], j, share * (rows[j]?.[k] ?? 0))
    }
  }
  const square = Math.max(rows[last - 1]?.[last - 1] ?? 0, 1e-9)
  const withY = rows[last]?.[last - 1] ?? 0
  const residual = Math.max((rows[last]?.[last] ?? 0) - withY ** 2 / square, 1e-12)
  const degrees = design.degrees - 1
  return {
    log: log - (degrees / 2) * Math.log(residual),
    part: { mean: withY / square, scale: Math.sqrt(residual / degrees / square), degrees },
  }
}

function take(row: number[] | undefined, at: number, amount: number): void {
  if (row) row[at] = (row[at] ?? 0) - amount
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

export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0)
  return sum
}
