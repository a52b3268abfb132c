import type { Instant } from "../../model/instant.ts"
import type { Decision, DecisionState } from "../decide.ts"

/** What a decision may become; nothing follows on what is not named. */
const next: Readonly<Record<DecisionState, readonly DecisionState[]>> = {
  proposed: ["approved", "rejected", "expired", "acting"],
  approved: ["acting", "failed"],
  acting: ["done", "failed"],
  done: ["measured", "rolled-back"],
  measured: ["rolled-back"],
  failed: ["rolled-back"],
  rejected: [],
  expired: [],
  "rolled-back": [],
  advice: [],
}

export function mayBecome(from: DecisionState, to: DecisionState): boolean {
  return next[from].includes(to)
}

/**
 * Whether it still bars its decider from proposing the same again: it waits for a person, is carried out, or its
 * effect is being measured. Advice stands until it expires or what it answers is over.
 */
export function isOpen(
  decision: Decision,
  now: { at: Instant; isFindingOpen: (id: string) => boolean },
): boolean {
  const { state, expected, effect } = decision
  if (state === "proposed" || state === "approved" || state === "acting") return true
  if (state === "done") return expected !== undefined && effect === undefined
  if (state !== "advice" || decision.expiresAt <= now.at) return false
  return decision.findings.length === 0 || decision.findings.some(now.isFindingOpen)
}
