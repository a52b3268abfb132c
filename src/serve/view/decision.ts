import type { CommandResult } from "../../act/act.ts"
import type { Decision, ExpectedEffect, MeasuredEffect } from "../../decide/decide.ts"
import type { Text } from "../../model/text.ts"
import { unitSymbol } from "../../model/unit.ts"
import type { DecisionView } from "../api.ts"
import { commandViewOf } from "./command.ts"
import { type Names, noNames } from "./record.ts"

interface Sources {
  readonly gate: { result(commandId: string): CommandResult | undefined }
  readonly names?: Names
}

/** A decision with all that has become of it: its command, as the gate knows it, and its effect. */
export function decisionViewOf(
  decision: Decision,
  { gate, names = noNames }: Sources,
): DecisionView {
  const { id, decider, kind, subject, at, title, why, ifIgnored, policy, expiresAt } = decision
  const { state, decidedBy, decidedAt, reason, failure, expected, effect, body, record } = decision
  const command = decision.command === undefined ? undefined : gate.result(decision.command)
  const decidedByName = decidedBy === undefined ? undefined : names.get(decidedBy)
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
    ...(decidedByName === undefined ? {} : { decidedByName }),
    ...(decidedAt === undefined ? {} : { decidedAt }),
    ...(reason === undefined ? {} : { reason }),
    ...(failure === undefined ? {} : { failure }),
    ...(command ? { command: commandViewOf(command, names) } : {}),
    ...(effect ? { effect: effectViewOf(effect) } : {}),
    record,
  }
}

function expectedViewOf(expected: ExpectedEffect): NonNullable<DecisionView["expected"]> {
  return { ...expected, symbol: unitSymbol(expected.unit) }
}

function effectViewOf(effect: MeasuredEffect): NonNullable<DecisionView["effect"]> {
  if (effect.state === "not-measurable") return { ...effect }
  const { unit, method, ...rest } = effect
  return { ...rest, method: textOf(method), symbol: unitSymbol(unit) }
}

/** What was kept in one language only is in that one for everybody. */
function textOf(words: string | Text): Text {
  return typeof words === "string" ? { en: words } : words
}
