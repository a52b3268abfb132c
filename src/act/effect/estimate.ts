import { actOf, dataOf, designOf, likelyNoises, type Series, solve, spreadOf } from "./design.ts"
import { DriftModel } from "./drift.ts"
import { meanOf, normalised, type Part, quantile } from "./student.ts"

export interface EstimateOptions {
  /** When the trigger fired, on the scale of the series: 0 or less. */
  readonly trigger: number
  /** Cycles after the write in which the machine settles; they show the shape but do not count. */
  readonly settle: number
  /** The effect is the mean over so many cycles after that. */
  readonly window: number
}

export interface Estimate {
  /** In the unit of the values, with its 95 % interval. */
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
/** Paces at which an act may work where nothing drifts. */
const actPaces = [0.3, 0.6, 1, 1.5, 2, 2.7, 3.6, 5, 8]
/**
 * How much more a process may wander since the trigger than before: its noise is not the same all day, and a process
 * that was moved away from where it is tuned wanders more. Factors on the standard deviation, equally likely.
 */
const spreads = { calm: [1, 1.35], drift: [1.3, 1.7] } as const
/** Noises that are gone on with: many where they are cheap, few where each costs a grid. */
const noisesCalm = 16
const noisesDrift = 4

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
  const { trigger } = options
  const from = trigger - lookBack
  const noises = likelyNoises(data, from)
  const under = (limit: number, factors: readonly number[]) =>
    noises.slice(0, limit).flatMap((noise) =>
      factors.map((sd) => {
        const spread = spreadOf(data, (at) => (at > trigger ? sd : 1))
        return designOf(data, noise, spread)
      }),
    )
  const calm = under(noisesCalm, spreads.calm).flatMap((design) =>
    actPaces.map((pace) => solve(design, actOf(data, design, pace))),
  )
  const designs = under(noisesDrift, spreads.drift)
  const drift = new DriftModel(data, [from, trigger]).solve(designs)
  const chances = { calm: 1 - hazard * lookBack, drift: hazard * lookBack }
  const models = [
    ...calm.map((model) => ({ ...model, log: model.log + Math.log(chances.calm / calm.length) })),
    ...drift.map((model) => ({ ...model, log: model.log + Math.log(chances.drift) })),
  ]
  const weights = normalised(models.map(({ log }) => log))
  const parts = models
    .map(({ part }, i): Part => ({ ...part, weight: weights[i] ?? 0 }))
    .filter(({ weight }) => weight > 1e-6)
  return {
    change: meanOf(parts),
    low: quantile(parts, 0.025),
    high: quantile(parts, 0.975),
    drift: weights.slice(calm.length).reduce((sum, weight) => sum + weight, 0),
  }
}
