import type { Command } from "../../model/command.ts"
import type { Guard, Picture } from "../act.ts"

/** Known, writable, and each target once: so that step and rate of one command mean something. */
export const target: Guard = {
  name: "target",
  check(command, now) {
    const because = objection(command, now)
    return because === undefined ? undefined : { guard: "target", because }
  },
}

function objection(command: Command, now: Picture): string | undefined {
  if (!("writes" in command.body)) return undefined
  const { writes } = command.body
  if (writes.length === 0) return "the command writes nothing"
  const seen = new Set<string>()
  for (const write of writes) {
    const tag = now.tag(write.target)
    if (tag === undefined) return `${write.target}: no tag has this path`
    if (tag.writable === undefined) return `${write.target}: it is not a set point`
    if (!now.canWrite(write.target)) return `${write.target}: its device takes no writes`
    if (seen.has(write.target)) return `${write.target}: the command writes it twice`
    seen.add(write.target)
  }
  return undefined
}
