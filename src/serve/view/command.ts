import type { CommandResult, Outcome } from "../../act/act.ts"
import type { CommandView } from "../api.ts"
import { type Names, noNames } from "./record.ts"

export function commandViewOf(result: CommandResult, names: Names = noNames): CommandView {
  const { command, state, at, outcomes, before, record } = result
  const writes = "writes" in command.body ? command.body.writes : []
  const by = "person" in command.by ? command.by.person : command.by.decider
  const byName = names.get(by)
  return {
    id: command.id,
    state,
    at,
    by,
    ...(byName === undefined ? {} : { byName }),
    ...(command.decision === undefined ? {} : { decision: command.decision }),
    writes: writes.map(({ target, value }, i) => {
      const was = before[i]
      return {
        target,
        value,
        ...(was === undefined ? {} : { before: was }),
        outcome: outcomeViewOf(outcomes[i]),
      }
    }),
    record,
  }
}

function outcomeViewOf(outcome: Outcome | undefined): CommandView["writes"][number]["outcome"] {
  if (!outcome) return { state: "unknown" }
  if (outcome.state === "refused") return { state: "refused", ...outcome.refusal }
  return { ...outcome }
}
