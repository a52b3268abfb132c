import { inWords, numberOf, presentGuard } from "./write-guard.ts"

/** Sums such as 0.1 + 0.2 must not be refused for their last bit. */
const rounding = 1e-9

export const step = presentGuard("step", ({ value }, tag, present) => {
  const change = Math.abs(numberOf(value) - numberOf(present))
  const { maxStep } = tag.writable
  if (change <= maxStep * (1 + rounding)) return undefined
  const size = Number.parseFloat(change.toPrecision(6))
  return (
    `from ${inWords(present, tag)} to ${inWords(value, tag)} is a step of ${size}, ` +
    `the largest permitted is ${inWords(maxStep, tag)}`
  )
})
