import type { DevicePartView } from "../../../src/serve/api-completeness.ts"
import type { Span } from "../api/queries.ts"
import { clockTime } from "../text/format.ts"
import { sayLength, useTexts, wordOf } from "../text/text.ts"

/** The time of one device: full where rows stand, hatched where some are missing, hollow where nobody knows why. */
export function Strip(props: { part: DevicePartView; span: Span; zone: string }) {
  const { part, span, zone } = props
  const { t } = useTexts()
  const place = ({ from, to }: Span) => {
    const wide = span.to - span.from
    const left = Math.max(0, ((from - span.from) / wide) * 100)
    const width = Math.max(0.4, ((Math.min(to, span.to) - Math.max(from, span.from)) / wide) * 100)
    return { left: `${left}%`, width: `${Math.min(width, 100 - left)}%` }
  }
  const say = (cause: string, { from, to }: Span) =>
    `${cause} · ${clockTime(from, zone)} – ${clockTime(to, zone)} · ${sayLength(t, to - from)}`
  const known = part.gaps.flatMap((gap) =>
    gap.left.map((left) => ({ left, text: say(wordOf(t, "gap", gap.because), left) })),
  )
  const full = part.rows > 0
  return (
    <span className={full ? "strip full" : "strip"} role="img" aria-label={part.device}>
      {full &&
        part.silences.map((silence) => (
          <i
            key={`silence ${silence.from}`}
            className="silent"
            style={place(silence)}
            title={say(t("complete.silence"), silence)}
          />
        ))}
      {known.map(({ left, text }) => (
        <i key={`${left.from} ${text}`} className="hatched" style={place(left)} title={text} />
      ))}
    </span>
  )
}
