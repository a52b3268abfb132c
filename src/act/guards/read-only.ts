import type { Guard } from "../act.ts"

/** After a restore nobody knows what was written since the backup. */
export const readOnly: Guard = {
  name: "read-only",
  check(command, now) {
    if (!now.readOnly || !("writes" in command.body)) return undefined
    return {
      guard: "read-only",
      because: {
        en: "everything is read-only after a restore until a person allows writing again",
        ko: "복원한 뒤에는 사람이 쓰기를 다시 허용할 때까지 읽기 전용입니다",
      },
    }
  },
}
