import type { Text } from "../../model/text.ts"
import type { Decision } from "../decide.ts"

/** Why nobody can measure what advice has changed. */
export function whyNotMeasurable(decision: Decision): Text {
  if (decision.policy === "advise")
    return {
      en: "It is advice only: Moru does not carry it out, so what follows is not its effect.",
      ko: "조언 전용입니다. Moru가 실행하지 않으므로 이후의 변화를 효과로 볼 수 없습니다.",
    }
  return {
    en: "The device takes no writes, as a recording does not: nothing can answer the set point.",
    ko: "쓰기를 받지 않는 장치(예: 기록 재생)라 설정값에 반응할 수 없습니다.",
  }
}
