import type { Text } from "../../model/text.ts"

/** Why nothing can be said. */
export const because = {
  nothingExpected: {
    en: "The decision names no measure that it should change.",
    ko: "이 결정은 바꿀 지표를 정하지 않았습니다.",
  },
  noField: {
    en: "The measure stands in no cycle record.",
    ko: "지표가 사이클 기록에 없습니다.",
  },
  changedAgain: {
    en: "The set point or the tool was changed again before the machine had settled.",
    ko: "설비가 안정되기 전에 설정값이나 금형이 다시 바뀌었습니다.",
  },
  tooFewBefore: (got: number, wanted: number): Text => ({
    en: `Only ${got} comparable cycles are known from before; ${wanted} are needed to see how the process wanders.`,
    ko: `비교할 수 있는 이전 사이클이 ${got}회뿐입니다. 공정의 변동을 알려면 ${wanted}회가 필요합니다.`,
  }),
  tooFewAfter: (got: number): Text => ({
    en: `Only ${got} usable cycles followed within the window; that is less than half of it.`,
    ko: `측정 구간의 유효 사이클이 ${got}회뿐이어서 절반에 미치지 못합니다.`,
  }),
} as const

/** How an effect was measured, in one sentence. */
export function methodOf(of: {
  readonly counted: number
  readonly settle: number
  readonly past: number
  readonly drift: number
}): Text {
  const { counted, settle, past, drift } = of
  const percent = Math.round(drift * 100)
  return {
    en: `Mean of ${counted} cycles, the first ${settle} after the write left out, against what the ${past} cycles before would have gone on to by themselves, averaged over models of noise and drift (drift ${percent} %).`,
    ko: `쓰기 직후 ${settle}사이클을 뺀 ${counted}사이클의 평균을, 이전 ${past}사이클이 그대로 이어졌을 경우와 비교했습니다. 잡음과 이상 변동 모델을 가중 평균했습니다(이상 변동 확률 ${percent} %).`,
  }
}
