import "./gauge.css"

export interface Scale {
  readonly low: number
  readonly high: number
}

/** A little more than all that is drawn: band, limits and value. */
export function scaleOf(numbers: readonly number[]): Scale {
  const low = Math.min(...numbers)
  const high = Math.max(...numbers)
  const room = (high - low || Math.abs(high) || 1) * 0.25
  return { low: low - room, high: high + room }
}

/** The normal band as a shade, the value as a pointer, limits as ticks, the target as a blue line. */
export function Gauge(props: {
  value: number | undefined
  normal?: readonly number[] | undefined
  limits?: readonly number[]
  target?: number | undefined
  scale?: Scale
  abnormal?: number | undefined
}) {
  const { value, normal, limits = [], target, abnormal } = props
  const numbers = [...(normal ?? []), ...limits, ...(target === undefined ? [] : [target])]
  const scale = props.scale ?? scaleOf(numbers.length > 0 ? numbers : [value ?? 0])
  const place = (at: number) =>
    `${Math.min(100, Math.max(0, ((at - scale.low) / (scale.high - scale.low)) * 100))}%`
  const [low, high] = normal ?? []
  return (
    <span className={`gauge${abnormal ? ` p${abnormal}` : ""}`} aria-hidden="true">
      {low !== undefined && high !== undefined && (
        <i className="band" style={{ left: place(low), right: `calc(100% - ${place(high)})` }} />
      )}
      {limits.map((limit) => (
        <i key={limit} className="limit" style={{ left: place(limit) }} />
      ))}
      {target !== undefined && <i className="target" style={{ left: place(target) }} />}
      {value !== undefined && <i className="needle" style={{ left: place(value) }} />}
    </span>
  )
}
