import {
  type Act,
  actOf,
  type Data,
  type Design,
  dataOf,
  designOf,
  dot,
  type Fit,
  fit,
  likelyNoises,
  type Series,
  shaped,
  spreadOf,
} from "./design.ts"
import { creep, lag } from "./shape.ts"
import { meanOf, type Part, quantile } from "./student.ts"

export interface EstimateOptions {
  /** When the trigger fired, on the scale of the series: 0 or less. */
  readonly trigger: number
  /** Cycles after the write in which the machine settles; they show the shape but do not count. */
  readonly settle: number
  /** The effect is the mean over so many cycles after that. */
  readonly window: number
}

export interface Estimate {
  readonly change: number
  readonly low: number
  readonly high: number
  /** Probability that something else had moved the level before the write. */
  readonly drift: number
}

/** How often a process is taken to be moved by something, a cycle, before any data. */
const hazard = 1 / 500
/** A drift that the trigger saw began within so many cycles before it. */
const lookBack = 30
/** What moves a process moves it by the order of so many standard deviations of its noise. */
const driftSize = 30
/** Shortest and longest pace of a drift, in cycles. */
const paces = [0.3, 40] as const
/** Paces at which an act may work, beside that of the drift. */
const actPaces = [0.3, 0.7, 1.3, 2, 3, 5, 8]
/** How far the first cycles after a write may differ from a lag, in standard deviations of the noise. */
const startSize = Number(process.env.SS ?? 1)
/** How likely the machine answers the act as it answered the drift: the same mass is heated or cooled. */
const samePace = 0.7
const noiseLimit = 6

interface Cell {
  readonly logWeight: number
  readonly fit: Fit
  readonly start: number
  readonly logPace: number
}

/** Starts and log paces of a drift that are still to be looked at. */
interface Box {
  readonly start: readonly [from: number, to: number]
  readonly logPace: readonly [from: number, to: number]
}

/**
 * The effect of a write on the mean of a measure, against what would have been without it, with its 95 % interval.
 *
 * Averages over models of what else may have happened (Bayesian model averaging, Hoeting et al. 1999): nothing but
 * noise, or a drift of unknown start, pace, size and shape that the trigger saw. All cycles count, those that fired the
 * trigger too: under a model of the noise they say what the noise would have done next, so that a trigger on an
 * extreme does not look like an effect.
 */
export function estimateEffect(series: Series, options: EstimateOptions): Estimate {
  const data = dataOf(series, options)
  const from = options.trigger - lookBack
  const known = likelyNoises(data, from, noiseLimit)
  const under = (sd: number) =>
    known.map((noise) =>
      designOf(
        data,
        noise,
        spreadOf(data, (at) => (at > options.trigger ? sd : 1)),
      ),
    )
  const designs = under(1)
  const wild = (process.env.V2 ?? "1,1.5")
    .split(",")
    .map(Number)
    .flatMap((sd) => under(sd))
  const whole: Box = {
    start: [from, options.trigger],
    logPace: [Math.log(paces[0]), Math.log(paces[1])],
  }
  const drifts = Object.values(kinds).map((kind) => new DriftModel(data, kind, whole))
  for (const drift of drifts) if (designs[0]) drift.focus(designs[0])
  const calm = designs.flatMap((design) => calmCells(data, design))
  const moved = wild.flatMap((design) => drifts.flatMap((drift) => drift.cells(design)))
  const weights = normalised([...calm, ...moved].map((cell) => cell.logWeight))
  const parts = [...calm, ...moved]
    .map((cell, i): Part => ({ ...cell.fit.part, weight: weights[i] ?? 0 }))
    .filter((part) => part.weight > 1e-6)
  return {
    change: meanOf(parts),
    low: quantile(parts, 0.025),
    high: quantile(parts, 0.975),
    drift: weights.slice(calm.length).reduce((sum, weight) => sum + weight, 0),
  }
}

function calmCells(data: Data, design: Design): Pick<Cell, "logWeight" | "fit">[] {
  const prior = Math.log((1 - hazard * lookBack) / actPaces.length)
  return actPaces.map((pace) => {
    const one = solve(design, actOf(data, design, pace))
    return { logWeight: one.log + prior, fit: one }
  })
}

/** The act alone, or beside a drift. */
function solve(design: Design, act: Act, drift?: Column): Fit {
  const { products, mean } = act
  const solved = drift
    ? fit(design, beside(drift, act), [driftSize ** -2, startSize ** -2])
    : fit(design, products, [startSize ** -2])
  const { part } = solved
  return { ...solved, part: { ...part, mean: part.mean * mean, scale: part.scale * mean } }
}

interface Column {
  readonly column: Float64Array
  readonly square: number
  readonly withY: number
}

function beside({ column, square, withY }: Column, act: Act): number[][] {
  const [start = [], lagged = [], measure = []] = act.products
  return [
    [square],
    [dot(column, act.start), ...start],
    [dot(column, act.column), ...lagged],
    [withY, ...measure],
  ]
}

type Pair = { readonly act: Act; readonly drift: (at: number) => number }
interface Kind {
  readonly share: number
  pairs(now: { data: Data; design: Design; fixed: readonly Act[]; pace: number }): readonly Pair[]
}
const kinds: Record<string, Kind> = {
  step: {
    share: 0.45,
    pairs: ({ data, design, pace }) => [
      { act: actOf(data, design, pace), drift: (at) => lag(at, pace) },
    ],
  },
  creep: {
    share: 0.45,
    pairs: ({ fixed, pace }) =>
      fixed.map((act, i) => ({ act, drift: (at) => creep(at, actPaces[i] ?? 1, pace) })),
  },
  apart: {
    share: Number(process.env.APART ?? 0.02),
    pairs: ({ fixed, pace }) => fixed.map((act) => ({ act, drift: (at) => lag(at, pace) })),
  },
}

/** A drift of one shape, over a grid of starts and paces. */
class DriftModel {
  readonly #data: Data
  readonly #kind: Kind
  readonly #whole: Box
  #box: Box
  #size = 24

  constructor(data: Data, kind: Kind, whole: Box) {
    this.#data = data
    this.#kind = kind
    this.#whole = whole
    this.#box = whole
  }

  /** Narrows the grid until what is likely under this noise is covered by enough cells. */
  focus(design: Design): void {
    for (let i = 0; i < 8; i++) {
      const points = byPoint(this.cells(design))
      const effective = 1 / points.reduce((sum, point) => sum + point.weight ** 2, 0)
      if (i > 0 && effective > 12) return
      const top = Math.max(...points.map((point) => point.weight))
      const likely = points.filter((point) => point.weight > top * 1e-3)
      this.#box = {
        start: this.#around("start", likely),
        logPace: this.#around("logPace", likely),
      }
      this.#size = 9
    }
  }

  cells(design: Design): Cell[] {
    const data = this.#data
    const { start, logPace } = this.#box
    const area = ((start[1] - start[0]) * (logPace[1] - logPace[0])) / this.#size ** 2
    const range = this.#whole.logPace[1] - this.#whole.logPace[0]
    const prior = Math.log(hazard * this.#kind.share * (area / range))
    const fixed = actPaces.map((pace) => actOf(data, design, pace))
    return grid(logPace, this.#size).flatMap((p) => {
      const pairs = this.#kind.pairs({ data, design, fixed, pace: Math.exp(p) })
      const share = prior - Math.log(pairs.length)
      return grid(start, this.#size).flatMap((s) =>
        pairs.map(({ act, drift }) => {
          const column = shaped(data, design, (at) => drift(at - s))
          const one = solve(design, act, {
            column,
            square: dot(column, column),
            withY: dot(column, design.y),
          })
          return { logWeight: one.log + share, fit: one, start: s, logPace: p }
        }),
      )
    })
  }

  #around(axis: "start" | "logPace", points: readonly Cell[]): readonly [number, number] {
    const [from, to] = this.#box[axis]
    const half = (to - from) / this.#size
    const values = points.map((point) => point[axis])
    return [
      Math.max(this.#whole[axis][0], Math.min(...values) - half),
      Math.min(this.#whole[axis][1], Math.max(...values) + half),
    ]
  }
}

/** Points of the grid, whatever the pace of the act there. */
function byPoint(cells: readonly Cell[]): (Cell & { readonly weight: number })[] {
  const weights = normalised(cells.map((cell) => cell.logWeight))
  const points = new Map<string, Cell & { readonly weight: number }>()
  for (const [i, cell] of cells.entries()) {
    const key = `${cell.start} ${cell.logPace}`
    const weight = (weights[i] ?? 0) + (points.get(key)?.weight ?? 0)
    points.set(key, { ...cell, weight })
  }
  return [...points.values()]
}

function grid([from, to]: readonly [number, number], size: number): number[] {
  return Array.from({ length: size }, (_, i) => from + ((to - from) * (i + 0.5)) / size)
}

function normalised(logs: readonly number[]): number[] {
  const top = logs.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY)
  const weights = logs.map((log) => Math.exp(log - top))
  const sum = weights.reduce((a, b) => a + b, 0)
  return weights.map((weight) => weight / sum)
}
