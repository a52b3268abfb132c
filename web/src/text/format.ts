import type { Language } from "../../../src/model/text.ts"

const formats = new Map<string, Intl.DateTimeFormat>()

function format(zone: string, options: Intl.DateTimeFormatOptions, language = "en-GB") {
  const key = `${zone} ${language} ${JSON.stringify(options)}`
  let found = formats.get(key)
  if (!found) {
    found = new Intl.DateTimeFormat(language, { timeZone: zone, hourCycle: "h23", ...options })
    formats.set(key, found)
  }
  return found
}

/** `14:39`, in the plant's zone. */
export function clockTime(at: number, zone: string): string {
  return format(zone, { hour: "2-digit", minute: "2-digit" }).format(at)
}

/** `14:39:12` */
export function clockSeconds(at: number, zone: string): string {
  return format(zone, { hour: "2-digit", minute: "2-digit", second: "2-digit" }).format(at)
}

/** `2026-11-22` */
export function day(at: number, zone: string): string {
  return format(zone, { year: "numeric", month: "2-digit", day: "2-digit" }, "sv-SE").format(at)
}

/** `2026-11-22 14:39:12` */
export function dayTime(at: number, zone: string): string {
  return `${day(at, zone)} ${clockSeconds(at, zone)}`
}

/** `11월 22일 (일)`, `Sun 22 Nov` */
export function dayName(at: number, zone: string, language: Language): string {
  const locale = language === "ko" ? "ko-KR" : "en-GB"
  return format(zone, { month: "short", day: "numeric", weekday: "short" }, locale).format(at)
}

/** The time alone on the plant's present day, with the day before it otherwise. */
export function shortTime(at: number, now: number, zone: string): string {
  const today = day(now, zone)
  const its = day(at, zone)
  return its === today ? clockTime(at, zone) : `${its.slice(5)} ${clockTime(at, zone)}`
}

/** Start of the plant's day in which `at` lies. */
export function dayStart(at: number, zone: string): number {
  const [hours = 0, minutes = 0, seconds = 0] = clockSeconds(at, zone).split(":").map(Number)
  return at - ((hours * 60 + minutes) * 60 + seconds) * 1000 - (at % 1000)
}

const numbers = new Map<string, Intl.NumberFormat>()

export function number(value: number, decimals = 0): string {
  if (!Number.isFinite(value)) return "–"
  const key = `d${decimals}`
  let found = numbers.get(key)
  if (!found) {
    found = new Intl.NumberFormat("en-US", {
      minimumFractionDigits: decimals,
      maximumFractionDigits: decimals,
    })
    numbers.set(key, found)
  }
  return found.format(value).replace("-", "−")
}

/** With its sign always shown: `+3.2`, `−12.3`. */
export function signed(value: number, decimals = 0): string {
  const text = number(value, decimals)
  return value > 0 ? `+${text}` : text
}

export interface Length {
  readonly unit: "s" | "min" | "h" | "d"
  readonly text: string
}

/** A length of time with the one unit that a person would use. */
export function length(ms: number): Length {
  const s = Math.max(0, ms) / 1000
  if (s < 10) return { unit: "s", text: number(s, 1) }
  if (s < 90) return { unit: "s", text: number(s) }
  if (s < 90 * 60) return { unit: "min", text: number(s / 60) }
  if (s < 36 * 3600) return { unit: "h", text: number(s / 3600, s < 10 * 3600 ? 1 : 0) }
  return { unit: "d", text: number(s / 86_400, 0) }
}

/** `12.4 GB`, in powers of a thousand as disks are sold. */
export function storageSize(bytes: number): string {
  if (bytes >= 1e9) return `${number(bytes / 1e9, bytes < 1e11 ? 1 : 0)} GB`
  if (bytes >= 1e6) return `${number(bytes / 1e6, bytes < 1e8 ? 1 : 0)} MB`
  return `${number(Math.ceil(bytes / 1e3))} kB`
}
