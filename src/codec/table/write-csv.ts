import type { WallTime } from "../../model/zone.ts"
import type { TableCell } from "../table.ts"

/** RFC 4180 with a byte-order mark, without which Excel does not take a file for UTF-8. */
export function csvOf(rows: readonly (readonly TableCell[])[]): Uint8Array {
  const lines = rows.map((cells) => `${cells.map((cell) => quoted(textOf(cell))).join()}\r\n`)
  return new TextEncoder().encode(`\ufeff${lines.join("")}`)
}

function textOf(cell: TableCell): string {
  if (cell === null) return ""
  if (typeof cell === "string") return harmless(cell)
  return typeof cell === "object" ? wallText(cell) : String(cell)
}

/** `2026-07-28 14:03:05.25` */
function wallText({ year, month, day, hour, minute, second }: WallTime): string {
  const two = (n: number) => String(n).padStart(2, "0")
  const seconds = `${second < 10 ? "0" : ""}${Math.round(second * 1000) / 1000}`
  return `${year}-${two(month)}-${two(day)} ${two(hour)}:${two(minute)}:${seconds}`
}

/** A text that a spreadsheet would take for a formula is made plain text (OWASP, CSV Injection); reading undoes it. */
function harmless(text: string): string {
  return /^'*[=+\-@\t\r]/.test(text) ? `'${text}` : text
}

function quoted(cell: string): string {
  return /[",;\t\r\n]/.test(cell) || cell !== cell.trim() ? `"${cell.replaceAll('"', '""')}"` : cell
}
