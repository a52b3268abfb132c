import type { Guard } from "../act.ts"

/** After a restore nobody knows what was written since the backup. */
export const readOnly: Guard = {
  name: "read-only",
  check(command, now) {
    if (!now.readOnly || !("writes" in command.body)) return undefined
    return {
      guard: "read-only",
      because: "everything is read-only after a restore until a person allows writing again",
    }
  },
}
