import type { Decision } from "../../decide/decide.ts"
import type { Command } from "../../model/command.ts"
import { type Guard, type Picture, sameValue } from "../act.ts"

/**
 * What a decider wants happens only as a decision that a person approved or whose policy is automatic, exactly as it
 * was proposed, and once.
 */
export const approval: Guard = {
  name: "approval",
  check(command, now) {
    if (command.decision === undefined && "person" in command.by) return undefined
    const because = objection(command, now)
    return because === undefined ? undefined : { guard: "approval", because }
  },
}

function objection(command: Command, now: Picture): string | undefined {
  const { decision } = now
  if (decision === undefined) {
    if (command.decision === undefined) return "a decider's command needs a decision behind it"
    return `decision ${command.decision} is not known`
  }
  if ("decider" in command.by && command.by.decider !== decision.decider)
    return `the decision is ${decision.decider}'s, not ${command.by.decider}'s`
  if (!isAllowed(decision))
    return `the decision is ${decision.state} under policy ${decision.policy}`
  if (now.carriedOutBy !== undefined)
    return `the decision is already carried out by command ${now.carriedOutBy}`
  return isSame(command.body, decision.body) ? undefined : "it is not what the decision proposed"
}

function isAllowed({ policy, state, decidedBy }: Decision): boolean {
  if (policy === "advise") return false
  if (state !== "approved" && state !== "acting" && state !== "proposed") return false
  return policy === "automatic" || (state !== "proposed" && decidedBy !== undefined)
}

/** The command may ask for more certainty (`expect`) than the decision, never for other values. */
function isSame(command: Command["body"], decided: Command["body"]): boolean {
  if (!("writes" in command) || !("writes" in decided))
    return "request" in command && "request" in decided && command.request === decided.request
  if (command.writes.length !== decided.writes.length) return false
  return command.writes.every((write, i) => {
    const other = decided.writes[i]
    if (other === undefined || write.target !== other.target) return false
    if (other.expect !== undefined && write.expect === undefined) return false
    return sameValue(write.value, other.value)
  })
}
