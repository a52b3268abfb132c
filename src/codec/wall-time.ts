import type { WallTime } from "../model/zone.ts"

/** `2026-07-28 14:03:05.25`; without the day where it stands in 1899, as Excel's times without one do (ECMA-376-1, 18.17.4). */
export function wallText({ year, month, day, hour, minute, second }: WallTime): string {
  const two = (n: number) => String(n).padStart(2, "0")
  const seconds = `${second < 10 ? "0" : ""}${Math.round(second * 1000) / 1000}`
  const date = year < 1900 ? "" : `${year}-${two(month)}-${two(day)} `
  return `${date}${two(hour)}:${two(minute)}:${seconds}`
}
