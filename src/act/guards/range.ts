import { inWords, numberOf, writeGuard } from "./write-guard.ts"

export const range = writeGuard("range", ({ value }, tag) => {
  const { min, max } = tag.writable
  const number = numberOf(value)
  if (number >= min && number <= max) return undefined
  const [got, most] = [inWords(value, tag), inWords(max, tag)]
  return {
    en: `${got} is outside the permitted range ${min} to ${most}`,
    ko: `${got}은(는) 허용 범위 ${min} – ${most} 밖입니다`,
  }
})
