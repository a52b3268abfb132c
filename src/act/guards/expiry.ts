import type { Guard } from "../act.ts"
import { duration } from "./write-guard.ts"

/** A command that waited too long belongs to a plant that no longer exists. */
export const expiry: Guard = {
  name: "expiry",
  check(command, now) {
    if (now.at < command.expiresAt) return undefined
    const ago = duration(now.at - command.expiresAt)
    const because = {
      en: `the command expired ${ago} ago`,
      ko: `명령의 기한이 ${ago} 전에 지났습니다`,
    }
    return { guard: "expiry", because }
  },
}
