import { signed } from "../text/format.ts"
import "./interval-bar.css"

export interface Interval {
  readonly label: string
  readonly change: number
  readonly low: number
  readonly high: number
  /** Expectations are targets and blue; what was measured is grey. */
  readonly kind: "expected" | "measured"
}

/** Changes with their 95 % intervals on one axis with zero in it. */
export function IntervalBars(props: {
  intervals: readonly Interval[]
  symbol: string
  decimals?: number
}) {
  const { intervals, symbol, decimals = 1 } = props
  const ends = [0, ...intervals.flatMap(({ low, high }) => [low, high])]
  const low = Math.min(...ends)
  const high = Math.max(...ends)
  const room = (high - low || 1) * 0.08
  const place = (at: number) => ((at - low + room) / (high - low + 2 * room)) * 100
  return (
    <div className="intervals">
      {intervals.map((each) => (
        <div className="interval" key={each.kind}>
          <span className="label">{each.label}</span>
          <span className="field-line" aria-hidden="true">
            <i className="zero" style={{ left: `${place(0)}%` }} />
            <i
              className={`bar ${each.kind}`}
              style={{
                left: `${place(each.low)}%`,
                width: `${place(each.high) - place(each.low)}%`,
              }}
            />
            <i className={`mean ${each.kind}`} style={{ left: `${place(each.change)}%` }} />
          </span>
          <span className="num says">
            <b>
              {signed(each.change, decimals)} {symbol}
            </b>{" "}
            <small>
              {signed(each.low, decimals)} … {signed(each.high, decimals)}
            </small>
          </span>
        </div>
      ))}
      <div className="interval axis" aria-hidden="true">
        <span />
        <span className="field-line">
          <em style={{ left: `${place(0)}%` }}>0</em>
        </span>
        <span />
      </div>
    </div>
  )
}
