import { formatIso, parseIso } from "../../../codec/iso-time.ts"
import type { Instant } from "../../../model/instant.ts"

/** A partition is a week, from a Thursday (UTC) on, as the epoch is. */
const weekMs = 7 * 24 * 3_600_000

/** Times before the year 1000 and after 9999 belong to the first and the last partition. */
const firstWeek = Math.ceil(-30_610_224_000_000 / weekMs)
const lastWeek = Math.floor(253_402_300_799_999 / weekMs)

/** Where the partition of a time begins. */
export function weekOf(at: Instant): Instant {
  const week = Math.floor(at / weekMs)
  return Math.min(Math.max(week, firstWeek), lastWeek) * weekMs
}

/** Where the next begins. */
export function weekAfter(start: Instant): Instant {
  return start === lastWeek * weekMs ? Infinity : start + weekMs
}

/** The file of the partition that begins then, such as `2026-01-01.db`. */
export function fileOf(start: Instant): string {
  return `${formatIso(start).slice(0, 10)}.db`
}

/** Where the partition of such a file begins; undefined where it is none. */
export function weekOfFile(name: string): Instant | undefined {
  if (!/^\d{4}-\d\d-\d\d\.db$/.test(name)) return undefined
  const start = parseIso(`${name.slice(0, 10)}T00:00:00Z`)
  return weekOf(start) === start ? start : undefined
}
