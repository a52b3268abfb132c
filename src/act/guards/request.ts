import type { Guard } from "../act.ts"

/** A request to a person is carried out when that person says so; Moru can't do it for them. */
export const request: Guard = {
  name: "request",
  check(command) {
    if (!("request" in command.body)) return undefined
    const { confirmedBy, to } = command.body
    const by = "person" in command.by ? command.by.person : undefined
    if (confirmedBy !== undefined && confirmedBy === by) return undefined
    const because = {
      en: `a person (${to}) has to confirm that it was done`,
      ko: `담당자(${to})가 했다고 확인해야 합니다`,
    }
    return { guard: "request", because }
  },
}
