import type { Decision } from "../../decide/decide.ts"
import type { Command } from "../../model/command.ts"
import type { Text } from "../../model/text.ts"
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

function objection(command: Command, now: Picture): Text | undefined {
  const { decision } = now
  if (decision === undefined) {
    if (command.decision === undefined)
      return {
        en: "a decider's command needs a decision behind it",
        ko: "판단 규칙의 명령에는 근거가 되는 결정이 있어야 합니다",
      }
    return {
      en: `decision ${command.decision} is not known`,
      ko: `결정 ${command.decision}이(가) 없습니다`,
    }
  }
  if ("decider" in command.by && command.by.decider !== decision.decider)
    return {
      en: `the decision is ${decision.decider}'s, not ${command.by.decider}'s`,
      ko: `이 결정은 ${command.by.decider}이(가) 아니라 ${decision.decider}의 것입니다`,
    }
  if (!isAllowed(decision))
    return {
      en: `the decision is ${decision.state} under policy ${decision.policy}`,
      ko: `결정의 상태가 ${decision.state}, 방침이 ${decision.policy}라서 실행할 수 없습니다`,
    }
  if (now.carriedOutBy !== undefined)
    return {
      en: `the decision is already carried out by command ${now.carriedOutBy}`,
      ko: `이 결정은 명령 ${now.carriedOutBy}(으)로 이미 실행되었습니다`,
    }
  if (isSame(command.body, decision.body)) return undefined
  return { en: "it is not what the decision proposed", ko: "결정이 제안한 내용과 다릅니다" }
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
