import { useMemo } from "react"
import type { GapView } from "../../../src/serve/api-completeness.ts"
import { useTagGaps } from "../api/queries.ts"
import { clockSeconds } from "../text/format.ts"
import { sayLength, type Translate, useTexts, wordOf } from "../text/text.ts"
import type { ChartGap } from "./ground.ts"
import type { Look } from "./look.ts"

/** What of a tag is missing in the time looked at, with its cause in words. */
export function useChartGaps(tag: string, { span, now }: Look, zone: string): readonly ChartGap[] {
  const { t } = useTexts()
  const { data } = useTagGaps(tag, span)
  return useMemo(
    () => (data ?? []).flatMap((gap) => chartGapsOf(gap, { now, zone, t })),
    [data, now, zone, t],
  )
}

/** A clock that was set back lacks nothing: its time was lived through twice. */
function chartGapsOf(
  gap: GapView,
  { now, zone, t }: { now: number; zone: string; t: Translate },
): readonly ChartGap[] {
  if ((gap.setByMs ?? 0) < 0) return []
  const left = gap.left ?? [{ from: gap.from, to: gap.to ?? Math.max(now, gap.from) }]
  return left.map(({ from, to }) => {
    const end = gap.to === undefined ? t("gaps.open") : sayLength(t, to - from)
    const text = `${wordOf(t, "gap", gap.because)}   ${clockSeconds(from, zone)} – ${clockSeconds(to, zone)}   ${end}`
    return { from, to, text }
  })
}
