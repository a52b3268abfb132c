import type { Span } from "../api/queries.ts"
import { clockTime } from "../text/format.ts"
import { useTexts, wordOf } from "../text/text.ts"
import "./state-strip.css"

export interface StateSpan {
  readonly from: number
  readonly to: number
  readonly state: string
}

/** States of an equipment over time: brightness and pattern, hue for a fault alone. */
export function StateStrip(props: {
  spans: readonly StateSpan[]
  span: Span
  zone: string
  now?: number
}) {
  const { t } = useTexts()
  const { spans, span, zone, now } = props
  const share = (ms: number) => (ms / (span.to - span.from)) * 100
  return (
    <span className="strip">
      {spans.map((each) => {
        const from = Math.max(each.from, span.from)
        const to = Math.min(each.to, span.to)
        if (to <= from) return null
        const word = wordOf(t, "state", each.state)
        return (
          <i
            key={each.from}
            className={each.state}
            style={{ left: `${share(from - span.from)}%`, width: `${share(to - from)}%` }}
            title={`${word} ${clockTime(each.from, zone)}–${clockTime(each.to, zone)}`}
          />
        )
      })}
      {now !== undefined && <b style={{ left: `${share(now - span.from)}%` }} />}
    </span>
  )
}

export function StateLegend() {
  const { t } = useTexts()
  return (
    <span className="legend">
      {(["running", "setup", "idle", "stopped", "fault", "unknown"] as const).map((state) => (
        <span key={state}>
          <i className={state} />
          {t(`state.${state}`)}
        </span>
      ))}
    </span>
  )
}

/** Full hours in the span, as places from 0 to 100. */
export function hoursIn(span: Span, most: number): readonly { at: number; place: number }[] {
  const steps = [1, 2, 3, 4, 6, 12, 24]
  const hours = (span.to - span.from) / 3_600_000
  const step = (steps.find((each) => hours / each <= most) ?? 24) * 3_600_000
  const marks = []
  for (let at = Math.ceil(span.from / step) * step; at <= span.to; at += step)
    marks.push({ at, place: ((at - span.from) / (span.to - span.from)) * 100 })
  return marks
}

export function HourMarks({ span, zone, most = 5 }: { span: Span; zone: string; most?: number }) {
  return (
    <span className="hours">
      {hoursIn(span, most).map(({ at, place }) => (
        <i key={at} style={{ left: `${place}%` }}>
          {clockTime(at, zone)}
        </i>
      ))}
    </span>
  )
}
