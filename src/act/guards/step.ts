import { inWords, numberOf, presentGuard } from "./write-guard.ts"

/** Sums such as 0.1 + 0.2 must not be refused for their last bit. */
const rounding = 1e-9

export const step = presentGuard("step", ({ value }, tag, present) => {
  const change = Math.abs(numberOf(value) - numberOf(present))
  const { maxStep } = tag.writable
  if (change <= maxStep * (1 + rounding)) return undefined
  const size = Number.parseFloat(change.toPrecision(6))
  const [from, to, most] = [inWords(present, tag), inWords(value, tag), inWords(maxStep, tag)]
  return {
    en: `from ${from} to ${to} is a step of ${size}, the largest permitted is ${most}`,
    ko: `${from}에서 ${to}(으)로는 변경 폭이 ${size}입니다. 최대 ${most}까지 허용됩니다`,
  }
})
