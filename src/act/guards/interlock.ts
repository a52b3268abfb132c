import { classOf, qualityName } from "../../model/quality.ts"
import type { Interlock, Value } from "../../model/tag.ts"
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

function objection(condition: Interlock, now: Picture): string | undefined {
  const { tag: path, withinMs, is } = condition
  const tag = now.tag(path)
  const sample = now.values.get(path)
  const age = now.values.ageMs(path)
  if (tag === undefined || sample === undefined || sample.value === null || age === undefined)
    return `the interlock on ${path} has no value`
  if (classOf(sample.quality) !== "good")
    return `the interlock on ${path} has a value of quality ${qualityName(sample.quality)}`
  const oldest = Math.min(withinMs, tag.staleAfterMs)
  if (age > oldest)
    return `the interlock on ${path} is ${duration(age)} old, permitted is ${duration(oldest)}`
  if (age < -oldest)
    return `the interlock on ${path} is ${duration(-age)} ahead of the plant's time`
  if (holds(sample.value, condition)) return undefined
  return `the interlock wants ${path} ${is} ${inWords(condition.value, tag)}, it is ${inWords(sample.value, tag)}`
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
