import type { Instant } from "../model/instant.ts"
import { instantIn, wallTimeIn } from "../model/zone.ts"

const pattern =
  /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d(?:\.\d{1,12})?)(?:Z|([+-])(\d\d):?(\d\d))?$/

/** The instant of a time such as `2026-11-24T08:00:00.123Z` (ISO 8601, xs:dateTime), UTC where it names no offset; NaN for what is none. */
export function parseIso(text: string): Instant {
  const found = pattern.exec(text.trim())
  if (!found) return Number.NaN
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = found
    .slice(1, 7)
    .map(Number)
  const at = instantIn("UTC", { year, month, day, hour, minute, second })
  const [sign, hours, minutes] = found.slice(7)
  const offset = (Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * 60_000
  return at === undefined ? Number.NaN : at - (sign === "-" ? -offset : offset)
}

/** As `2026-11-24T08:00:00.123Z`. */
export function formatIso(at: Instant): string {
  const ms = Math.round(at)
  const { year, month, day, hour, minute, second } = wallTimeIn("UTC", ms)
  const two = (n: number) => String(Math.floor(n)).padStart(2, "0")
  const rest = String(((ms % 1000) + 1000) % 1000).padStart(3, "0")
  const date = `${String(year).padStart(4, "0")}-${two(month)}-${two(day)}`
  return `${date}T${two(hour)}:${two(minute)}:${two(second)}.${rest}Z`
}
