import type { Command } from "../../model/command.ts"
import type { Text } from "../../model/text.ts"
import type { Guard, Picture } from "../act.ts"
import { at, noSetPoint } from "./write-guard.ts"

const noTag = { en: "no tag has this path", ko: "이 경로의 태그가 없습니다" }
const noWrites = { en: "its device takes no writes", ko: "이 장치는 쓰기를 받지 않습니다" }
const twice = { en: "the command writes it twice", ko: "명령이 두 번 씁니다" }

/** Known, writable, and each target once: so that step and rate of one command mean something. */
export const target: Guard = {
  name: "target",
  check(command, now) {
    const because = objection(command, now)
    return because === undefined ? undefined : { guard: "target", because }
  },
}

function objection(command: Command, now: Picture): Text | undefined {
  if (!("writes" in command.body)) return undefined
  const { writes } = command.body
  if (writes.length === 0)
    return { en: "the command writes nothing", ko: "명령에 쓸 값이 없습니다" }
  const seen = new Set<string>()
  for (const write of writes) {
    const tag = now.tag(write.target)
    if (tag === undefined) return at(write, noTag)
    if (tag.writable === undefined) return at(write, noSetPoint)
    if (!now.canWrite(write.target)) return at(write, noWrites)
    if (seen.has(write.target)) return at(write, twice)
    seen.add(write.target)
  }
  return undefined
}
