import { blockRows } from "./bits.ts"

/** A line that rises further could leave the whole numbers that a double holds. */
const steepest = 2 ** 36

/**
 * How much a column rises from row to row where it rises steadily: the mean over those blocks that rise by about as much as
 * the middle one, so that a pause does not bend the line. 0 for less than a block's rows.
 */
export function riseOf(integers: Float64Array, length: number): number {
  const rises: number[] = []
  for (let i = blockRows; i < length; i += blockRows)
    rises.push((integers[i] ?? 0) - (integers[i - blockRows] ?? 0))
  if (rises.length === 0)
    return length < 3
      ? 0
      : limited(((integers[length - 1] ?? 0) - (integers[0] ?? 0)) / (length - 1))
  const middle = rises.toSorted((a, b) => a - b)[rises.length >> 1] ?? 0
  const alike = rises.filter((rise) => Math.abs(rise - middle) <= Math.abs(middle) / 8)
  return limited(alike.reduce((sum, rise) => sum + rise, 0) / alike.length / blockRows)
}

function limited(rise: number): number {
  return Math.abs(rise) < steepest ? rise : 0
}
