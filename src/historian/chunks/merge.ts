import type { Run } from "./run.ts"

/** The first of a run's rows from this time on. */
export function firstRow(at: Float64Array, time: number): number {
  let low = 0
  let high = at.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((at[middle] as number) < time) low = middle + 1
    else high = middle
  }
  return low
}

/** Rows `first` (in) to `end` (out), not copied. */
export function rowsIn(run: Run, first: number, end: number): Run {
  if (first === 0 && end === run.at.length) return run
  return {
    tag: run.tag,
    at: run.at.subarray(first, end),
    value: run.value.subarray(first, end),
    quality: run.quality.subarray(first, end),
    origin: run.origin.subarray(first, end),
    number: run.number.subarray(first, end),
  }
}

/** The rows from `from` (in) to `to` (out), not copied. */
export function cut(run: Run, from: number, to: number): Run {
  const first = firstRow(run.at, from)
  return rowsIn(run, first, Math.max(first, firstRow(run.at, to)))
}

/** New columns. */
export function blankRun(tag: number, length: number): Run {
  return {
    tag,
    at: new Float64Array(length),
    value: new Float64Array(length),
    quality: new Uint8Array(length),
    origin: new Uint32Array(length),
    number: new Float64Array(length),
  }
}

/** One run of many of a tag, the oldest first: of rows that are in several, the youngest run's holds. */
export function mergeRuns(runs: readonly Run[]): Run {
  let level = runs.filter((run) => run.at.length > 0)
  while (level.length > 1) {
    const next: Run[] = []
    for (let i = 0; i < level.length; i += 2) {
      const younger = level[i + 1]
      next.push(younger ? mergeTwo(level[i] as Run, younger) : (level[i] as Run))
    }
    level = next
  }
  return level[0] ?? blankRun(runs[0]?.tag ?? 0, 0)
}

function mergeTwo(older: Run, younger: Run): Run {
  const merged = blankRun(older.tag, older.at.length + younger.at.length)
  let length = 0
  let a = 0
  let b = 0
  while (a < older.at.length && b < younger.at.length) {
    const order = compareRows(older, a, younger, b)
    if (order < 0) copyRow(older, a++, merged, length++)
    else {
      if (order === 0) a++
      copyRow(younger, b++, merged, length++)
    }
  }
  while (a < older.at.length) copyRow(older, a++, merged, length++)
  while (b < younger.at.length) copyRow(younger, b++, merged, length++)
  return rowsIn(merged, 0, length)
}

/** Below 0 where row i of the first run stands before row j of the second, 0 where they are the same row. */
export function compareRows(first: Run, i: number, second: Run, j: number): number {
  return (
    (first.at[i] as number) - (second.at[j] as number) ||
    (first.origin[i] as number) - (second.origin[j] as number) ||
    (first.number[i] as number) - (second.number[j] as number)
  )
}

export function copyRow(from: Run, i: number, to: Run, j: number): void {
  to.at[j] = from.at[i] as number
  to.value[j] = from.value[i] as number
  to.quality[j] = from.quality[i] as number
  to.origin[j] = from.origin[i] as number
  to.number[j] = from.number[i] as number
}

/** As `blankRun`, without where rows come from. */
export function blankSamples(tag: number, length: number): Run {
  return {
    tag,
    at: new Float64Array(length),
    value: new Float64Array(length),
    quality: new Uint8Array(length),
    origin: new Uint32Array(0),
    number: new Float64Array(0),
  }
}

export function copySamples(from: Run, to: Run, offset: number): void {
  to.at.set(from.at, offset)
  to.value.set(from.value, offset)
  to.quality.set(from.quality, offset)
}

/** Writes all rows of a run into another from row `offset` on. */
export function copyRows(from: Run, to: Run, offset: number): void {
  copySamples(from, to, offset)
  to.origin.set(from.origin, offset)
  to.number.set(from.number, offset)
}
