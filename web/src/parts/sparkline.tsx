import type { Trace } from "../trend/series.ts"
import "./sparkline.css"

const wide = 160
const high = 40

/** A trace without axes: the band of lowest and highest behind the line; gaps stay gaps. */
export function Sparkline(props: {
  trace: Trace
  span: { readonly from: number; readonly to: number }
  normal: readonly number[] | undefined
}) {
  const { trace, span, normal } = props
  const seen = [...trace.min, ...trace.max, ...(normal ?? [])].filter((each) => each !== null)
  if (trace.at.length === 0 || seen.length === 0) return <span className="sparkline" />
  const low = Math.min(...seen)
  const top = Math.max(...seen)
  const x = (at: number) => ((at - span.from) / (span.to - span.from)) * wide
  const y = (value: number) =>
    top === low ? high / 2 : high - 1 - ((value - low) / (top - low)) * (high - 2)
  const [bandLow, bandHigh] = normal ?? []
  return (
    <svg
      className="sparkline"
      viewBox={`0 0 ${wide} ${high}`}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      {bandLow !== undefined && bandHigh !== undefined && (
        <rect className="band" width={wide} y={y(bandHigh)} height={y(bandLow) - y(bandHigh)} />
      )}
      {piecesOf(trace).map((piece) => {
        const points = piece.map((i) => [x(trace.at[i] ?? 0), i] as const)
        const up = points.map(([left, i]) => `${left},${y(trace.max[i] ?? 0)}`)
        const down = points.map(([left, i]) => `${left},${y(trace.min[i] ?? 0)}`).reverse()
        return (
          <g key={piece[0]}>
            <polygon points={[...up, ...down].join(" ")} />
            <polyline
              points={points.map(([left, i]) => `${left},${y(trace.line[i] ?? 0)}`).join(" ")}
            />
          </g>
        )
      })}
    </svg>
  )
}

/** Rows without a gap between them. */
function piecesOf(trace: Trace): readonly number[][] {
  const pieces: number[][] = [[]]
  trace.line.forEach((value, i) => {
    if (value === null) pieces.push([])
    else pieces.at(-1)?.push(i)
  })
  return pieces.filter((piece) => piece.length > 0)
}
