import type { Instant } from "../model/instant.ts"
import type { TagId } from "../model/tag.ts"
import type { Range } from "./historian.ts"

export interface Interval {
  /** In. */
  readonly from: Instant
  /** Out. */
  readonly to: Instant
}

/** What of a tag goes when all before an instant is forgotten but the intervals to keep. */
export function intervalsToForget(
  tag: TagId,
  before: Instant,
  keep: readonly Range[],
): readonly Interval[] {
  const kept = keep
    .filter((range) => range.tags.includes(tag) && range.from < range.to)
    .sort((a, b) => a.from - b.from)
  const gone: Interval[] = []
  let from = Number.NEGATIVE_INFINITY
  for (const range of kept) {
    if (range.from > from) gone.push({ from, to: Math.min(range.from, before) })
    from = Math.max(from, range.to)
  }
  gone.push({ from, to: before })
  return gone.filter((interval) => interval.from < interval.to)
}
