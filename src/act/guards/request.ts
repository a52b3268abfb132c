import type { Guard } from "../act.ts"

/** A request to a person is carried out when that person says so; Moru can't do it for them. */
export const request: Guard = {
  name: "request",
  check(command) {
    if (!("request" in command.body)) return undefined
    const { confirmedBy, to } = command.body
    const by = "person" in command.by ? command.by.person : undefined
    if (confirmedBy !== undefined && confirmedBy === by) return undefined
    return { guard: "request", because: `a person (${to}) has to confirm that it was done` }
  },
}
