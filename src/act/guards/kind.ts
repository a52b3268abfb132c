import type { Value } from "../../model/tag.ts"
import type { Text } from "../../model/text.ts"
import { writeGuard } from "./write-guard.ts"

/** A number for a number and a truth value for a switch; texts have no range to guard them by and aren't written. */
export const kind = writeGuard("kind", ({ value, expect }, tag) => {
  if (tag.kind === "text")
    return {
      en: "text set points are not written: no permitted range bounds them",
      ko: "문자 설정값은 허용 범위를 정할 수 없어 쓰지 않습니다",
    }
  return wrong(value, tag.kind) ?? (expect === undefined ? undefined : wrong(expect, tag.kind))
})

function wrong(value: Value, wanted: "number" | "boolean"): Text | undefined {
  if (typeof value !== wanted)
    return {
      en: `got ${JSON.stringify(value)} (${typeof value}), expected a ${wanted}`,
      ko: `받은 값 ${JSON.stringify(value)}의 종류(${typeof value})가 ${wanted}이(가) 아닙니다`,
    }
  if (typeof value === "number" && !Number.isFinite(value))
    return {
      en: `got ${value}, expected a finite number`,
      ko: `받은 값 ${value}은(는) 유한한 수가 아닙니다`,
    }
  return undefined
}
