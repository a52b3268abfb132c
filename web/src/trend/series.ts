import type { HistoryView, TagView } from "../../../src/serve/api.ts"

export type Column = readonly (number | null)[]

/** One tag's trace as columns; a row of nulls marks a gap. */
export interface Trace {
  readonly at: readonly number[]
  readonly min: Column
  readonly max: Column
  readonly line: Column
}

type Series = HistoryView["series"][number]

/**
 * Buckets to a trace. Buckets may be finer than the tag's samples, so an empty bucket alone is no gap: one is where
 * nothing came for longer than the tag may be silent, and for longer than thrice its usual distance.
 */
export function traceOf(history: HistoryView, series: Series, tag: TagView): Trace {
  const filled = series.count.flatMap((count, i) => (count > 0 ? [i] : []))
  const far = Math.max(tag.staleAfterMs, 3 * medianStep(filled) * history.bucketMs)
  const at: number[] = []
  const min: (number | null)[] = []
  const max: (number | null)[] = []
  const line: (number | null)[] = []
  const push = (time: number, values: readonly (number | null | undefined)[]) => {
    at.push(time)
    min.push(values[0] ?? null)
    max.push(values[1] ?? null)
    line.push(values[2] ?? null)
  }
  let before: number | undefined
  for (const i of filled) {
    const time = history.from + (i + 0.5) * history.bucketMs
    if (before !== undefined && time - before > far) push((before + time) / 2, [])
    const level = isStepped(tag) ? series.last[i] : series.mean[i]
    push(time, [series.min[i], series.max[i], level])
    before = time
  }
  return { at, min, max, line }
}

/** The line is broken where something is known to be missing, however short. */
export function brokenAt(trace: Trace, gaps: readonly { from: number; to: number }[]): Trace {
  if (gaps.length === 0 || trace.at.length === 0) return trace
  const rows = trace.at.map((at, i) => [at, trace.min[i], trace.max[i], trace.line[i]] as const)
  const breaks = gaps
    .filter(({ from, to }) => !trace.at.some((at) => at > from && at < to))
    .map(({ from, to }) => [(from + to) / 2, null, null, null] as const)
  const all = [...rows, ...breaks].sort((a, b) => a[0] - b[0])
  return {
    at: all.map(([at]) => at),
    min: all.map(([, min]) => min ?? null),
    max: all.map(([, , max]) => max ?? null),
    line: all.map(([, , , line]) => line ?? null),
  }
}

function medianStep(filled: readonly number[]): number {
  const steps = filled.slice(1).map((each, i) => each - (filled[i] ?? 0))
  return steps.sort((a, b) => a - b)[Math.floor(steps.length / 2)] ?? 1
}

/** Set points, switches, states and codes hold their value until they change. */
export function isStepped(tag: TagView): boolean {
  const isCode = tag.unit === "1" && tag.decimals === 0
  return tag.writable !== undefined || tag.kind === "boolean" || isCode
}

/** Quotes what a table would misread; a formula's first sign gets a quote of its own. */
export function csvCell(value: string | number | null | undefined): string {
  if (value === null || value === undefined) return ""
  if (typeof value === "number") return String(value)
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

/** Exactly what the chart draws, one row a point; with the mark that makes Excel read it as UTF-8. */
export function csvOf(rows: readonly (readonly (string | number | null)[])[]): string {
  return `\uFEFF${rows.map((row) => row.map(csvCell).join(",")).join("\r\n")}\r\n`
}
