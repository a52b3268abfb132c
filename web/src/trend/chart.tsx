import { useComputedColorScheme } from "@mantine/core"
import { useEffect, useMemo, useRef } from "react"
import type uPlot from "uplot"
import type { HistoryView, TagView } from "../../../src/serve/api.ts"
import type { Span } from "../api/queries.ts"
import { useValue } from "../api/values.ts"
import { valueText } from "../parts/live-value.tsx"
import { useTexts } from "../text/text.ts"
import { ChartView } from "./chart-view.ts"
import type { ChartGap } from "./ground.ts"
import type { Notes } from "./notes.ts"
import { brokenAt, type Trace, traceOf } from "./series.ts"
import "uplot/dist/uPlot.min.css"
import "./chart.css"

export interface ChartProps {
  readonly tag: TagView
  readonly zone: string
  readonly span: Span
  readonly history: HistoryView | undefined
  /** Plant time: nothing is drawn later. */
  readonly now: number
  /** Without cursor, zoom and legend. */
  readonly small?: true
  /** With cursor, without zoom. */
  readonly still?: true
  /** What is written into the plot. */
  readonly notes?: Notes
  /** What is missing, hatched. */
  readonly gaps?: readonly ChartGap[]
  readonly onSpan?: (span: Span) => void
  readonly onReset?: () => void
  readonly onView?: (view: ChartView | undefined) => void
}

/** One tag's trend; the plot lives outside React and is told what changed. */
export function Chart(props: ChartProps) {
  const { tag, zone, span, history, small, still, now, notes, gaps } = props
  const place = useRef<HTMLDivElement>(null)
  const view = useRef<ChartView>(undefined)
  const acts = useRef(props)
  const { t } = useTexts()
  const scheme = useComputedColorScheme("light")
  const value = useValue(tag.path)
  acts.current = props

  // biome-ignore lint/correctness/useExhaustiveDependencies: another scheme has other colours, so the plot is drawn anew
  useEffect(() => {
    if (!place.current) return
    const made = new ChartView(place.current, {
      tag,
      zone,
      span: acts.current.span,
      small: small ?? false,
      still: (small || still) ?? false,
      say: (value) => valueText(tag, value, t),
      onSpan: (next) => acts.current.onSpan?.(next),
      onReset: () => acts.current.onReset?.(),
    })
    view.current = made
    acts.current.onView?.(made)
    return () => {
      acts.current.onView?.(undefined)
      view.current = undefined
      made.close()
    }
  }, [tag, zone, small, still, scheme, t])

  const trace = useMemo(() => {
    const series = history?.series.find((each) => each.path === tag.path)
    return history && series ? brokenAt(traceOf(history, series, tag), gaps ?? []) : undefined
  }, [history, tag, gaps])

  // biome-ignore lint/correctness/useExhaustiveDependencies: a plot drawn anew needs its data again
  useEffect(() => {
    view.current?.note(notes)
    view.current?.lack(gaps ?? [])
    view.current?.show(trace && withNow(trace, value, now, span), span)
  }, [trace, value, span, now, tag, zone, small, scheme, notes, gaps, t])

  const empty = trace !== undefined && trace.at.length === 0
  return (
    <div className={small ? "chart small" : "chart"} ref={place}>
      {empty && <p className="nothing">{t("trend.nothing")}</p>}
    </div>
  )
}

/** The line reaches to the latest value, where that lies in the window and follows without a gap. */
function withNow(
  trace: Trace,
  value: ReturnType<typeof useValue>,
  now: number,
  span: Span,
): uPlot.AlignedData {
  const { at, min, max, line } = trace
  const last = at.at(-1)
  const level = typeof value?.value === "boolean" ? Number(value.value) : value?.value
  const fresh =
    value !== undefined &&
    typeof level === "number" &&
    !value.quality.startsWith("bad") &&
    last !== undefined &&
    value.at > last &&
    value.at <= Math.min(now, span.to) &&
    value.at - last < (span.to - span.from) / 50
  const more = fresh ? [level] : []
  return [
    fresh ? [...at, value.at] : [...at],
    [...max, ...more],
    [...min, ...more],
    [...line, ...more],
  ] as uPlot.AlignedData
}
