import type { Instant } from "../../model/instant.ts"
import { Problem } from "../../model/problem.ts"
import { instantIn } from "../../model/zone.ts"

const pattern =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d(?:\.\d{1,6})?))?)?(?:(Z)|([+-])(\d\d):?(\d\d))?$/

/**
 * A time that a person gave: `2026-07-28`, `2026-07-28T06:00`, with `Z` or an offset or else as the wall clocks of `zone`
 * show it, or ms since 1970 UTC. Throws `option-invalid`.
 */
export function readTime(option: string, text: string, zone: string): Instant {
  if (/^-?\d{5,}(\.\d+)?$/.test(text)) return Number(text)
  const found = pattern.exec(text)
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = (found ?? [])
    .slice(1, 7)
    .map((part) => Number(part ?? 0))
  const [utc, sign, hours, minutes] = found?.slice(7) ?? []
  const isFixed = utc !== undefined || sign !== undefined
  const at = instantIn(isFixed ? "UTC" : zone, { year, month, day, hour, minute, second })
  if (!found || at === undefined)
    throw new Problem(
      "option-invalid",
      `--${option}`,
      `got "${text}", expected a time such as 2026-07-28T06:00 or ms since 1970 UTC`,
    )
  const offset = (Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * 60_000
  return at - (sign === "-" ? -offset : offset)
}
