import { instantIn, wallTimeIn } from "../../../src/model/zone.ts"
import type { Span } from "../api/queries.ts"

const hourMs = 3_600_000
const dayMs = 24 * hourMs

/** Clock times of the three shifts; a night shift belongs to the day on which it began. */
export const shifts = { day: 6, late: 14, night: 22 } as const
export type Shift = keyof typeof shifts

/** The shift of this name that began last, up to its end or, while it lasts, to now. */
export function lastShift(name: Shift, now: number, zone: string): Span {
  const today = at(now, shifts[name], zone)
  const from = today <= now ? today : at(now - dayMs, shifts[name], zone)
  return { from, to: Math.min(from + 8 * hourMs, wholeMinute(now)) }
}

/** The shift that runs now. */
export function presentShift(now: number, zone: string): Span {
  const all = Object.keys(shifts).map((name) => lastShift(name as Shift, now, zone))
  return all.reduce((newest, each) => (each.from > newest.from ? each : newest))
}

/** The plant's day `back` days ago, up to now where it lasts. */
export function dayOf(back: number, now: number, zone: string): Span {
  const from = at(now - back * dayMs, 0, zone)
  const to = at(from + dayMs + 2 * hourMs, 0, zone)
  return { from, to: Math.min(to, wholeMinute(now)) }
}

/** `2026-11-24T06:00`, as the field for a time takes it. */
export function fieldText(instant: number, zone: string): string {
  const { year, month, day, hour, minute } = wallTimeIn(zone, instant)
  const two = (n: number) => String(n).padStart(2, "0")
  return `${year}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}`
}

export function instantOf(text: string, zone: string): number | undefined {
  const found = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)/.exec(text)
  if (!found) return undefined
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0] = found.slice(1).map(Number)
  return instantIn(zone, { year, month, day, hour, minute, second: 0 })
}

function at(day: number, hour: number, zone: string): number {
  const wall = wallTimeIn(zone, day)
  return instantIn(zone, { ...wall, hour, minute: 0, second: 0 }) ?? day
}

function wholeMinute(now: number): number {
  return Math.floor(now / 60_000) * 60_000
}
