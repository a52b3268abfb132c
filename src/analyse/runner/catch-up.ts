import type { History } from "../../historian/historian.ts"
import type { Cycle } from "../../model/cycle.ts"
import type { Path } from "../../model/path.ts"
import type { Desk } from "./desk.ts"

const pageSize = 5000
/** Cycles that came late by less than this are found again, too. */
const lookBackMs = 24 * 3_600_000

/** Pages of durable cycles from a day before the last one analysed on; what the desk has seen among them it knows itself. */
export async function* missedCycles(
  history: History,
  equipment: Path,
  desk: Desk,
  signal: AbortSignal,
): AsyncIterable<readonly Cycle[]> {
  let from = desk.lastEnd === 0 ? 0 : desk.lastEnd - lookBackMs
  let limit = pageSize
  while (!signal.aborted) {
    const range = { equipment, from, to: Number.MAX_SAFE_INTEGER, limit }
    const page = await history.cycles.read(range)
    const last = page.at(-1)
    if (!last) return
    yield page
    if (page.length < limit) return
    // The next page begins with the same instant, since cycles may share it; a whole page of one instant asks for more.
    limit = last.end === from ? limit * 2 : pageSize
    from = last.end
  }
}
