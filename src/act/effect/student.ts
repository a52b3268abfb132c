/** Chance that a standard normal value is below z (Abramowitz and Stegun 26.2.17, error < 1e-7). */
export function normalBelow(z: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(z))
  const poly =
    t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
  const tail = (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * poly
  return z > 0 ? 1 - tail : tail
}

/** The same of Student's t (Wallace 1959: the t value turned into a normal one, error < 1e-3 from 5 degrees on). */
export function studentBelow(t: number, degrees: number): number {
  const z =
    ((8 * degrees + 1) / (8 * degrees + 3)) * Math.sqrt(degrees * Math.log1p((t * t) / degrees))
  return normalBelow(t < 0 ? -z : z)
}

/** One part of a mixture of Student's t. Weights add up to 1. */
export interface Part {
  readonly weight: number
  readonly mean: number
  readonly scale: number
  readonly degrees: number
}

export function meanOf(parts: readonly Part[]): number {
  return parts.reduce((sum, part) => sum + part.weight * part.mean, 0)
}

/** The value below which the mixture lies with this chance, by bisection. */
export function quantile(parts: readonly Part[], chance: number): number {
  let low = Math.min(...parts.map((part) => part.mean - 60 * part.scale))
  let high = Math.max(...parts.map((part) => part.mean + 60 * part.scale))
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2
    const below = parts.reduce(
      (sum, { weight, mean, scale, degrees }) =>
        sum + weight * studentBelow((middle - mean) / scale, degrees),
      0,
    )
    if (below < chance) low = middle
    else high = middle
  }
  return (low + high) / 2
}

/** Weights that add up to 1, from logs that may lie far apart. */
export function normalised(logs: readonly number[]): readonly number[] {
  const top = logs.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY)
  const weights = logs.map((log) => Math.exp(log - top))
  const sum = weights.reduce((a, b) => a + b, 0)
  return weights.map((weight) => weight / sum)
}
