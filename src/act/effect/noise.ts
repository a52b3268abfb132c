/**
 * How the measure wanders when nothing happens: a fast and a slow first-order autoregression seen through white noise.
 * Shares of the variance, which add up to 1.
 */
export interface Noise {
  readonly fast: number
  readonly slow: number
  readonly white: number
  /** What one cycle keeps of the last one's deviation. */
  readonly fastKeeps: number
  readonly slowKeeps: number
}

/**
 * All that are considered, equally likely at first. None is without a slow part: no machine is, and a short past can't
 * show that it isn't there.
 */
export const noises: readonly Noise[] = [0, 0.3, 0.5, 0.65, 0.78, 0.87].flatMap((fastKeeps) =>
  [0.93, 0.97, 0.985].flatMap((slowKeeps) =>
    [0.3, 1, 3, 10].flatMap((slow) =>
      (fastKeeps === 0 ? [0] : [0, 0.2]).map((white) => {
        const whole = 1 + slow + white
        return { fast: 1 / whole, slow: slow / whole, white: white / whole, fastKeeps, slowKeeps }
      }),
    ),
  ),
)

/** Gains of the filter that turns the noise into independent values of equal variance, one a cycle. */
export interface Whitener {
  readonly noise: Noise
  readonly fastGain: Float64Array
  readonly slowGain: Float64Array
  /** One over the standard deviation of the innovation; 0 where the cycle is left out. */
  readonly weight: Float64Array
  /** Half the log of the noise's covariance determinant. */
  readonly halfLogDet: number
}

/**
 * Kalman filter of the noise from its stationary start. `spread[i]` is the standard deviation of the cycle's shocks
 * relative to the usual, 0 for a cycle that is left out.
 */
export function whitener(noise: Noise, spread: Float64Array): Whitener {
  const { fast, slow, white, fastKeeps, slowKeeps } = noise
  const fastGain = new Float64Array(spread.length)
  const slowGain = new Float64Array(spread.length)
  const weight = new Float64Array(spread.length)
  let [ff, fs, ss] = [fast, 0, slow]
  let halfLogDet = 0
  for (let i = 0; i < spread.length; i++) {
    const sd = spread[i] ?? 0
    if (sd > 0) {
      const innovation = ff + 2 * fs + ss + white
      const [f, s] = [(ff + fs) / innovation, (fs + ss) / innovation]
      fastGain[i] = f
      slowGain[i] = s
      weight[i] = 1 / Math.sqrt(innovation) / sd
      halfLogDet += Math.log(innovation) / 2 + Math.log(sd)
      ff -= f * f * innovation
      fs -= f * s * innovation
      ss -= s * s * innovation
    }
    ff = fastKeeps * fastKeeps * ff + (1 - fastKeeps * fastKeeps) * fast
    fs *= fastKeeps * slowKeeps
    ss = slowKeeps * slowKeeps * ss + (1 - slowKeeps * slowKeeps) * slow
  }
  return { noise, fastGain, slowGain, weight, halfLogDet }
}

/** The column as the filter leaves it, from row `first` on; before it the column is 0. */
export function whiten(column: Float64Array, by: Whitener, first = 0): Float64Array {
  const { noise, fastGain, slowGain, weight } = by
  const out = new Float64Array(column.length)
  let fast = 0
  let slow = 0
  for (let i = first; i < column.length; i++) {
    const w = weight[i] ?? 0
    if (w > 0) {
      const innovation = (column[i] ?? 0) - fast - slow
      out[i] = innovation * w
      fast += (fastGain[i] ?? 0) * innovation
      slow += (slowGain[i] ?? 0) * innovation
    }
    fast *= noise.fastKeeps
    slow *= noise.slowKeeps
  }
  return out
}
