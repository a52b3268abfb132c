import { atLeast, type Role } from "../../model/command.ts"
import type { Guard } from "../act.ts"

const least: Role = "operator"

/** The right of the person, by the role held when the command was given. */
export const right: Guard = {
  name: "right",
  check(command) {
    if (!("person" in command.by)) return undefined
    const wanted = "to" in command.body ? command.body.to : least
    if (atLeast(command.by.role, wanted)) return undefined
    return {
      guard: "right",
      because: {
        en: `this needs the role ${wanted}, the person holds ${command.by.role}`,
        ko: `${wanted} 역할이 필요한데 이 사람의 역할은 ${command.by.role}입니다`,
      },
    }
  },
}
