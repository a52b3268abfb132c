import type { TableCell } from "../table.ts"
import { wallText } from "../wall-time.ts"

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

/** A text that a spreadsheet would take for a formula is made plain text (OWASP, CSV Injection); reading undoes it. */
function harmless(text: string): string {
  return /^'*[=+\-@\t\r]/.test(text) ? `'${text}` : text
}

function quoted(cell: string): string {
  return /[",;\t\r\n]/.test(cell) || cell !== cell.trim() ? `"${cell.replaceAll('"', '""')}"` : cell
}
