import type { Instant } from "../../../model/instant.ts"
import { Problem } from "../../../model/problem.ts"

/** Where a page ended: a time, and how many of that very time were given already, for two may share it. */
export interface Cursor {
  readonly at: Instant
  readonly given: number
}

export function formatCursor({ at, given }: Cursor): string {
  return `${at}_${given}`
}

/** Throws `request-invalid`. */
export function parseCursor(text: string): Cursor {
  const [, at, given] = /^(-?\d+(?:\.\d+)?)_(\d{1,6})$/.exec(text) ?? []
  if (at === undefined || given === undefined)
    throw new Problem(
      "request-invalid",
      "address after",
      `got "${text}", expected what the former page named`,
    )
  return { at: Number(at), given: Number(given) }
}

/** The cursor behind a page. */
export function cursorAfter(times: readonly Instant[], before: Cursor | undefined): Cursor {
  const at = times.at(-1) ?? 0
  const own = times.length - times.indexOf(at)
  return { at, given: own + (before?.at === at ? before.given : 0) }
}
