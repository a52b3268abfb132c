import { inWords, numberOf, writeGuard } from "./write-guard.ts"

export const range = writeGuard("range", ({ value }, tag) => {
  const { min, max } = tag.writable
  const number = numberOf(value)
  if (number >= min && number <= max) return undefined
  return `${inWords(value, tag)} is outside the permitted range ${min} to ${inWords(max, tag)}`
})
