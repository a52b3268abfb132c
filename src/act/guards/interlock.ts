import { classOf, qualityName } from "../../model/quality.ts"
import type { Interlock, Value } from "../../model/tag.ts"
import type { Text } from "../../model/text.ts"
import { type Guard, type Picture, sameValue } from "../act.ts"
import { duration, inWords, numberOf, writeGuard } from "./write-guard.ts"

/** Every condition must hold over a value that is good and fresh; what isn't known doesn't hold. */
export const interlock: Guard = {
  needsPresent: true,
  ...writeGuard("interlock", (_write, tag, now) => {
    for (const condition of tag.writable.interlocks) {
      const because = objection(condition, now)
      if (because !== undefined) return because
    }
    return undefined
  }),
}

function objection(condition: Interlock, now: Picture): Text | undefined {
  const { tag: path, withinMs, is } = condition
  const tag = now.tag(path)
  const sample = now.values.get(path)
  const age = now.values.ageMs(path)
  if (tag === undefined || sample === undefined || sample.value === null || age === undefined)
    return { en: `the interlock on ${path} has no value`, ko: `인터록 ${path}의 값이 없습니다` }
  if (classOf(sample.quality) !== "good")
    return {
      en: `the interlock on ${path} has a value of quality ${qualityName(sample.quality)}`,
      ko: `인터록 ${path} 값의 품질이 ${qualityName(sample.quality)}입니다`,
    }
  const oldest = Math.min(withinMs, tag.staleAfterMs)
  if (age > oldest)
    return {
      en: `the interlock on ${path} is ${duration(age)} old, permitted is ${duration(oldest)}`,
      ko: `인터록 ${path}의 값이 ${duration(age)} 전 것입니다. 허용은 ${duration(oldest)}입니다`,
    }
  if (age < -oldest)
    return {
      en: `the interlock on ${path} is ${duration(-age)} ahead of the plant's time`,
      ko: `인터록 ${path}의 값이 공장 시각보다 ${duration(-age)} 앞서 있습니다`,
    }
  if (holds(sample.value, condition)) return undefined
  const [wanted, seen] = [inWords(condition.value, tag), inWords(sample.value, tag)]
  return {
    en: `the interlock wants ${path} ${is} ${wanted}, it is ${seen}`,
    ko: `인터록 조건은 ${path} ${is} ${wanted}인데 현재 ${seen}입니다`,
  }
}

function holds(value: Value, { is, value: limit }: Interlock): boolean {
  if (is === "=" || is === "!=") {
    const bothText = typeof value === "string" && typeof limit === "string"
    const same = bothText ? value === limit : sameValue(numberOf(value), numberOf(limit))
    const comparable = bothText || !Number.isNaN(numberOf(value) - numberOf(limit))
    return comparable && same === (is === "=")
  }
  const [a, b] = [numberOf(value), numberOf(limit)]
  if (is === ">") return a > b
  if (is === ">=") return a >= b
  return is === "<" ? a < b : a <= b
}
