import { duration, writeGuard } from "./write-guard.ts"

/**
 * Also holds when the earlier write failed or its outcome is unknown: it may have reached the machine. The distance in
 * time counts, not its direction: a clock that was set back must not lock a set point for as long.
 */
export const interval = writeGuard("interval", ({ target }, tag, now) => {
  const last = now.lastWriteAt(target)
  if (last === undefined) return undefined
  const age = Math.abs(now.at - last)
  const { minIntervalMs } = tag.writable
  if (age >= minIntervalMs) return undefined
  return {
    en: `it was written ${duration(age)} ago, at most one command in ${duration(minIntervalMs)}`,
    ko: `${duration(age)} 전에 썼습니다. ${duration(minIntervalMs)}에 한 번만 쓸 수 있습니다`,
  }
})
