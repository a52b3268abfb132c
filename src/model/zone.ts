import type { Instant } from "./instant.ts"

/** A wall clock's reading; months and days count from 1. */
export interface WallTime {
  readonly year: number
  readonly month: number
  readonly day: number
  readonly hour: number
  readonly minute: number
  readonly second: number
}

/** What the wall clocks of an IANA zone show at an instant. */
export function wallTimeIn(zone: string, at: Instant): WallTime {
  const shown = civil(at + offsetMs(zone, at))
  return shown
}

/**
 * The instant at which the wall clocks of an IANA zone show this. A time that daylight saving skips is taken with the
 * offset before it, one that comes twice is its first passing. Fractions of a second are kept. Undefined for what is no date.
 */
export function instantIn(zone: string, wall: WallTime): Instant | undefined {
  const local = localMs(wall)
  if (local === undefined) return undefined
  const before = offsetMs(zone, local - dayMs)
  const earlier = local - before
  if (offsetMs(zone, earlier) === before) return earlier
  const later = local - offsetMs(zone, local + dayMs)
  return offsetMs(zone, later) === local - later ? later : earlier
}

/** True for an IANA time zone that this computer knows. */
export function isZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone })
    return true
  } catch {
    return false
  }
}

const dayMs = 86_400_000
const formats = new Map<string, Intl.DateTimeFormat>()
const offsets = new Map<string, number>()

/** Zones change their offset at quarters of an hour only, so an offset is asked once for each quarter. */
function offsetMs(zone: string, at: Instant): number {
  const quarter = Math.floor(at / 900_000)
  const key = `${zone} ${quarter}`
  let offset = offsets.get(key)
  if (offset === undefined) {
    if (offsets.size > 100_000) offsets.clear()
    offset = readOffset(zone, quarter * 900_000)
    offsets.set(key, offset)
  }
  return offset
}

function readOffset(zone: string, at: Instant): number {
  let format = formats.get(zone)
  if (!format) {
    format = new Intl.DateTimeFormat("en-US", {
      timeZone: zone,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    })
    formats.set(zone, format)
  }
  const parts = Object.fromEntries(format.formatToParts(at).map((p) => [p.type, Number(p.value)]))
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts
  return daysOf(year, month, day) * dayMs + ((hour * 60 + minute) * 60 + second) * 1000 - at
}

function localMs(w: WallTime): number | undefined {
  const days = daysOf(w.year, w.month, w.day)
  const back = civil(days * dayMs)
  const isDate = back.month === w.month && back.day === w.day
  if (!isDate || w.hour > 23 || w.minute > 59 || w.second >= 60) return undefined
  return days * dayMs + ((w.hour * 60 + w.minute) * 60 + w.second) * 1000
}

/** Days since 1970-01-01 of a Gregorian date (H. Hinnant, chrono-compatible low-level date algorithms). */
function daysOf(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year
  const era = Math.floor(y / 400)
  const yearOfEra = y - era * 400
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1
  const dayOfEra =
    yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear
  return era * 146_097 + dayOfEra - 719_468
}

/** The inverse of `daysOf`, with the time of day. */
function civil(ms: number): WallTime {
  const days = Math.floor(ms / dayMs)
  const z = days + 719_468
  const era = Math.floor(z / 146_097)
  const doe = z - era * 146_097
  const yoe = Math.floor(
    (doe - Math.floor(doe / 1460) + Math.floor(doe / 36_524) - Math.floor(doe / 146_096)) / 365,
  )
  const doy = doe - (365 * yoe + Math.floor(yoe / 4) - Math.floor(yoe / 100))
  const mp = Math.floor((5 * doy + 2) / 153)
  const month = mp < 10 ? mp + 3 : mp - 9
  const rest = (ms - days * dayMs) / 1000
  return {
    year: yoe + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: doy - Math.floor((153 * mp + 2) / 5) + 1,
    hour: Math.floor(rest / 3600),
    minute: Math.floor(rest / 60) % 60,
    second: rest % 60,
  }
}
