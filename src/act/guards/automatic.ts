import type { Guard } from "../act.ts"

/**
 * The one switch. It stops what Moru writes of its own accord: deciders' commands, and commands that carry out a
 * decision though a person approved it. What a person commands by hand stays possible: the switch must not take
 * the plant out of people's hands.
 */
export const automatic: Guard = {
  name: "automatic",
  check(command, now) {
    const own = "decider" in command.by || command.decision !== undefined
    if (!now.automaticStopped || !own || !("writes" in command.body)) return undefined
    return {
      guard: "automatic",
      because: {
        en: "all automatic action is stopped; a person can still command by hand",
        ko: "모든 자동 조치가 정지되어 있습니다. 사람은 직접 명령할 수 있습니다",
      },
    }
  },
}
