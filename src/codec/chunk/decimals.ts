import { mostDecimals } from "./column.ts"

/** A column as whole numbers in `integers`, above `first`: value = (first + integer) / 10^decimals. */
export interface Scaled {
  readonly decimals: number
  readonly first: number
  /** The quotient is rounded to 32 bits. */
  readonly isFloat: boolean
  /** Rows that hold no such decimal, in runs of the same bits; their integers repeat the one before. */
  readonly others: readonly Run[]
}

interface Run {
  readonly from: number
  to: number
}

/** The whole numbers of the last column that was found to hold decimals; overwritten by the next. */
export const integers = new Float64Array(4096)

/** Sums and differences of numbers so near to each other stay exact in a double. */
const reach = 2 ** 49
const largest = 2 ** 51

/** Adding and taking it away again rounds what is below 2^51 to whole numbers (ties to even). */
const rounder = 1.5 * 2 ** 52

/** Undefined where too many rows are no decimals of at most `mostDecimals` places. */
export function findDecimals(column: Float64Array, words: Uint32Array): Scaled | undefined {
  const isFloat = beginsWithFloats(column)
  return scaled({ column, words, isFloat }) ?? scaled({ column, words, isFloat: !isFloat })
}

/** A guess at which to try first: the first rows are all 32-bit floats, and not just whole numbers. */
function beginsWithFloats(column: Float64Array): boolean {
  const some = column.subarray(0, 16)
  return some.every((x) => Math.fround(x) === x) && !some.every(Number.isInteger)
}

interface Source {
  readonly column: Float64Array
  readonly words: Uint32Array
  readonly isFloat: boolean
}

function scaled(source: Source): Scaled | undefined {
  const others: Run[] = []
  let decimals = -1
  let needed = 0
  let first = 0
  while (needed > decimals) {
    decimals = needed
    others.length = 0
    first = firstOf(source, 10 ** decimals)
    needed = fill(source, { decimals, first, others })
  }
  return needed < 0 ? undefined : { decimals, first, isFloat: source.isFloat, others }
}

/** The whole number of the first row that is one; 0 where none is. */
function firstOf({ column, isFloat }: Source, unit: number): number {
  for (const x of column) {
    const whole = wholeOf(x, unit, isFloat)
    if (Math.abs(whole) < largest) return whole
  }
  return 0
}

/** The whole number from which division gives every bit of x back; NaN where there is none. */
function wholeOf(x: number, unit: number, isFloat: boolean): number {
  const whole = x * unit + rounder - rounder
  const quotient = isFloat ? Math.fround(whole / unit) : whole / unit
  return quotient === x && (whole !== 0 || 1 / x > 0) ? whole : Number.NaN
}

/**
 * Fills `integers`. Returns the decimals that the first row with more needs, else those it filled with; -1 where too
 * many rows hold something else.
 */
function fill({ column, words, isFloat }: Source, { decimals, first, others }: Attempt): number {
  const unit = 10 ** decimals
  const most = 1 + (column.length >> 4)
  let last = 0
  for (let i = 0; i < column.length; i++) {
    const x = column[i] ?? 0
    const above = wholeOf(x, unit, isFloat) - first
    if (above < reach && above > -reach) {
      integers[i] = last = above
      continue
    }
    const needed = Number.isNaN(above) ? decimalsOf(x, decimals + 1, isFloat) : 0
    if (needed > 0) return needed
    if (!extendsRun(others.at(-1), words, i)) {
      if (others.length >= Math.min(most, 8 + (i >> 2))) return -1
      others.push({ from: i, to: i + 1 })
    }
    integers[i] = last
  }
  return decimals
}

type Attempt = Omit<Scaled, "isFloat" | "others"> & { readonly others: Run[] }

/** The fewest decimals from `from` on with which the number is kept; 0 where none are. */
function decimalsOf(x: number, from: number, isFloat: boolean): number {
  for (let decimals = from; decimals <= mostDecimals; decimals++)
    if (Math.abs(wholeOf(x, 10 ** decimals, isFloat)) < largest) return decimals
  return 0
}

function extendsRun(run: Run | undefined, words: Uint32Array, row: number): boolean {
  if (run === undefined || run.to !== row) return false
  if (words[2 * row] !== words[2 * row - 2] || words[2 * row + 1] !== words[2 * row - 1])
    return false
  run.to = row + 1
  return true
}
