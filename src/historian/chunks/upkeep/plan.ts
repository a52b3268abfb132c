import type { Instant } from "../../../model/instant.ts"
import { compilePattern, type Path } from "../../../model/path.ts"
import type { RetentionRule } from "../../../model/plant.ts"
import type { TagId, TagKind } from "../../../model/tag.ts"
import type { Interval } from "../../forget.ts"
import { hourMs } from "./roll.ts"

/** What is left of a tag's samples in one partition. */
export type Tier = "raw" | "minutes" | "hours" | "none"

export interface KnownTag {
  readonly id: TagId
  readonly path: Path
  readonly kind: TagKind
}

export type RuleOf = (path: Path) => RetentionRule | undefined

/** The first rule that matches a tag's path; undefined where it is kept for good. */
export function rulesOf(retention: readonly RetentionRule[]): RuleOf {
  const rules = retention.map((rule) => ({ rule, matches: compilePattern(rule.tags) }))
  return (path) => rules.find(({ matches }) => matches(path))?.rule
}

/** What a partition that ends then may still hold of a tag under the rule. */
export function tierAt(rule: RetentionRule | undefined, end: Instant, now: Instant): Tier {
  if (rule === undefined || end > now - rule.rawMs) return "raw"
  if (end > now - rule.minutesMs) return "minutes"
  return end > now - rule.hoursMs ? "hours" : "none"
}

/** Whole hours around what is kept, in order and apart: samples and summaries never share an hour. */
export function wholeHours(windows: readonly Interval[], within: Interval): readonly Interval[] {
  const kept: { from: number; to: number }[] = []
  for (const window of windows.toSorted((a, b) => a.from - b.from)) {
    const from = Math.max(Math.floor(window.from / hourMs) * hourMs, within.from)
    // Its end is one of its own instants for whoever looks at a single sample.
    const to = Math.min((Math.floor(window.to / hourMs) + 1) * hourMs, within.to)
    const last = kept.at(-1)
    if (from >= to) continue
    if (last && from <= last.to) last.to = Math.max(last.to, to)
    else kept.push({ from, to })
  }
  return kept
}

/** What is between the kept intervals. */
export function between(kept: readonly Interval[], within: Interval): readonly Interval[] {
  const gone: Interval[] = []
  let from = within.from
  for (const interval of kept) {
    if (interval.from > from) gone.push({ from, to: interval.from })
    from = interval.to
  }
  if (from < within.to) gone.push({ from, to: within.to })
  return gone
}
