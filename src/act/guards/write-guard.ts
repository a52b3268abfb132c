import type { Write } from "../../model/command.ts"
import type { Tag, Value, Writable } from "../../model/tag.ts"
import { say, type Text } from "../../model/text.ts"
import { unitSymbol } from "../../model/unit.ts"
import type { Guard, Picture } from "../act.ts"

export type SetPoint = Tag & { readonly writable: Writable }

export const noSetPoint = { en: "it is not a set point", ko: "설정값이 아닙니다" }
const unread = {
  en: "its present value could not be read from the machine",
  ko: "설비에서 현재값을 읽지 못했습니다",
}

/** An objection with the place that it is about. */
export function at({ target }: Write, because: Text): Text {
  return { en: `${target}: ${because.en}`, ko: `${target}: ${say(because, "ko")}` }
}

/**
 * A guard that looks at each write by itself. `objection` says in words what stands in the way. A target that is no
 * set point is refused by every one of them, so leaving a guard out never lets more through.
 */
export function writeGuard(
  name: string,
  objection: (write: Write, tag: SetPoint, now: Picture) => Text | undefined,
): Guard {
  return {
    name,
    check(command, now) {
      if (!("writes" in command.body)) return undefined
      for (const write of command.body.writes.slice(now.done)) {
        const tag = now.tag(write.target)
        const because = isSetPoint(tag) ? objection(write, tag, now) : noSetPoint
        if (because !== undefined) return { guard: name, because: at(write, because) }
      }
      return undefined
    },
  }
}

/** The same, for guards that compare with the value read from the machine. */
export function presentGuard(
  name: string,
  objection: (write: Write, tag: SetPoint, present: Value) => Text | undefined,
): Guard {
  const guard = writeGuard(name, (write, tag, now) => {
    const present = now.present(write.target)
    if (present === undefined) return unread
    return objection(write, tag, present)
  })
  return { ...guard, needsPresent: true }
}

function isSetPoint(tag: Tag | undefined): tag is SetPoint {
  return tag?.writable !== undefined
}

/** Boolean set points are guarded as 0 and 1; NaN for what is no number. */
export function numberOf(value: Value): number {
  if (typeof value === "number") return value
  if (typeof value === "boolean") return value ? 1 : 0
  return Number.NaN
}

export function inWords(value: Value | null, tag: Tag): string {
  const symbol = unitSymbol(tag.unit)
  return typeof value === "number" && symbol ? `${value} ${symbol}` : String(value)
}

export function duration(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${Math.round(ms / 100) / 10} s`
}
