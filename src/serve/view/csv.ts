import type { Instant } from "../../model/instant.ts"
import { wallTimeIn } from "../../model/zone.ts"
import type { SamplesView } from "../api.ts"

export const csvHead = "path,time,local_time,value,unit,quality,source,sequence\r\n"

/** One line (RFC 4180) of a sample; times in UTC and as the plant's wall clock shows them. */
export function csvLine(
  sample: SamplesView["samples"][number],
  { path, unit, timezone }: { path: string; unit: string; timezone: string },
): string {
  const { at, value, quality, source, sequence } = sample
  const cells = [
    path,
    `${timeIn("UTC", at).replace(" ", "T")}Z`,
    timeIn(timezone, at),
    typeof value === "string" ? harmless(value) : `${value ?? ""}`,
    unit,
    quality,
    source,
    `${sequence}`,
  ]
  return `${cells.map(quoted).join()}\r\n`
}

/** `2026-07-28 14:03:05.250` */
function timeIn(zone: string, at: Instant): string {
  const { year, month, day, hour, minute, second } = wallTimeIn(zone, Math.round(at))
  const two = (n: number) => String(n).padStart(2, "0")
  const seconds = second.toFixed(3).padStart(6, "0")
  return `${year}-${two(month)}-${two(day)} ${two(hour)}:${two(minute)}:${seconds}`
}

/** A text that a spreadsheet would take for a formula is made plain text (OWASP, CSV Injection). */
function harmless(text: string): string {
  return /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
}

function quoted(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell
}
