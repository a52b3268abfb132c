import type { Decision } from "./decide.ts"

/** How a decider has done: by it deciders are kept or retired. */
export interface Score {
  readonly decider: string
  readonly proposed: number
  /** By a person or, where the policy is automatic, by the policy. */
  readonly approved: number
  readonly rejected: number
  readonly expired: number
  readonly failed: number
  readonly measured: number
  /** Measured effects whose interval excludes 0 with the expected sign. */
  readonly proven: number
  /** Mean of measured minus expected change, as a share of the expected one; absent without measured effects. */
  readonly meanError?: number
  /** Share of measured changes that lie in the expected interval. */
  readonly withinExpected?: number
}

export function scoreOf(decider: string, decisions: readonly Decision[]): Score {
  const own = decisions.filter((d) => d.decider === decider)
  const count = (which: (d: Decision) => boolean) => own.filter(which).length
  const compared = own.flatMap(({ expected, effect }) =>
    expected && effect?.state === "measured" ? [{ expected, effect }] : [],
  )
  const n = compared.length
  const errors = compared.map((c) => (c.effect.change - c.expected.change) / c.expected.change)
  const within = compared.filter(
    ({ expected, effect }) => effect.change >= expected.low && effect.change <= expected.high,
  )
  return {
    decider,
    proposed: own.length,
    approved: count((d) => d.command !== undefined || d.state === "approved"),
    rejected: count((d) => d.state === "rejected"),
    expired: count((d) => d.state === "expired"),
    failed: count((d) => d.state === "failed"),
    measured: n,
    proven: count((d) => d.effect?.state === "measured" && d.effect.proven),
    ...(n === 0
      ? {}
      : {
          meanError: errors.reduce((sum, e) => sum + e, 0) / n,
          withinExpected: within.length / n,
        }),
  }
}
