import type { Overview } from "../../../src/serve/api.ts"

export interface Sums {
  readonly cycles: number
  readonly good: number
  readonly bad: number
  readonly trial: number
  /** Share of bad in all that are not trials. */
  readonly defects: number | undefined
  /** Mean over all cycles, in seconds. */
  readonly cycleSeconds: number | undefined
  /** Share of the known time in which equipment ran. */
  readonly running: number | undefined
  readonly stoppedMs: number
  readonly unknownMs: number
}

type Row = Overview["equipment"][number]

export function sumUp(rows: readonly Row[]): Sums {
  const total = (of: (row: Row) => number) => rows.reduce((sum, row) => sum + of(row), 0)
  const cycles = total((row) => row.cycles)
  const bad = total((row) => row.bad)
  const trial = total((row) => row.trial)
  const judged = cycles - trial
  const timed = rows.filter((row) => row.cycleSeconds !== undefined && row.cycles > 0)
  const seconds = timed.reduce((sum, row) => sum + (row.cycleSeconds ?? 0) * row.cycles, 0)
  const timedCycles = timed.reduce((sum, row) => sum + row.cycles, 0)
  const runningMs = total((row) => row.runningMs)
  const known = runningMs + total((row) => row.stoppedMs)
  return {
    cycles,
    bad,
    trial,
    good: judged - bad,
    defects: judged > 0 ? bad / judged : undefined,
    cycleSeconds: timedCycles > 0 ? seconds / timedCycles : undefined,
    running: known > 0 ? runningMs / known : undefined,
    stoppedMs: total((row) => row.stoppedMs),
    unknownMs: total((row) => row.unknownMs),
  }
}
