import type { CommandResult } from "../../act/act.ts"
import type { Decision, ExpectedEffect, MeasuredEffect } from "../../decide/decide.ts"
import { unitSymbol } from "../../model/unit.ts"
import type { DecisionView } from "../api.ts"
import { commandViewOf } from "./command.ts"

interface Sources {
  readonly gate: { result(commandId: string): CommandResult | undefined }
}

/** A decision with all that has become of it: its command, as the gate knows it, and its effect. */
export function decisionViewOf(decision: Decision, { gate }: Sources): DecisionView {
  const { id, decider, kind, subject, at, title, why, ifIgnored, policy, expiresAt } = decision
  const { state, decidedBy, decidedAt, reason, expected, effect, body, record } = decision
  const command = decision.command === undefined ? undefined : gate.result(decision.command)
  return {
    id,
    decider,
    kind,
    subject,
    at,
    title,
    why,
    because: [...decision.because],
    findings: [...decision.findings],
    writes: "writes" in body ? body.writes.map((write) => ({ ...write })) : [],
    ...("request" in body ? { request: body.request } : {}),
    ...(expected ? { expected: expectedViewOf(expected) } : {}),
    ifIgnored,
    alternatives: [...decision.alternatives],
    policy,
    expiresAt,
    state,
    ...(decidedBy === undefined ? {} : { decidedBy }),
    ...(decidedAt === undefined ? {} : { decidedAt }),
    ...(reason === undefined ? {} : { reason }),
    ...(command ? { command: commandViewOf(command) } : {}),
    ...(effect ? { effect: effectViewOf(effect) } : {}),
    record,
  }
}

function expectedViewOf(expected: ExpectedEffect): NonNullable<DecisionView["expected"]> {
  return { ...expected, symbol: unitSymbol(expected.unit) }
}

function effectViewOf(effect: MeasuredEffect): NonNullable<DecisionView["effect"]> {
  if (effect.state === "not-measurable") return { ...effect }
  const { unit, ...rest } = effect
  return { ...rest, symbol: unitSymbol(unit) }
}
