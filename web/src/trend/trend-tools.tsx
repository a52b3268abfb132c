import { Link } from "@tanstack/react-router"
import { plantNow } from "../api/plant-clock.ts"
import { Icon } from "../parts/icon.tsx"
import { dayTime } from "../text/format.ts"
import { useTexts } from "../text/text.ts"
import type { Look } from "./look.ts"
import { lengths, quickSpan } from "./range.ts"

/** Quick ranges, live and pause; the rest of the row belongs to the caller. */
export function TrendTools(props: { look: Look; zone: string; children?: React.ReactNode }) {
  const { t } = useTexts()
  const { look, zone } = props
  const { span, live } = look
  return (
    <div className="trend-tools push">
      <span className="span-text num">
        {dayTime(span.from, zone).slice(5, 16)} – {dayTime(span.to, zone).slice(5, 16)}
      </span>
      <span className="group">
        {lengths.map((length) => (
          <button
            key={length}
            type="button"
            className={live === length ? "btn on" : "btn"}
            aria-pressed={live === length}
            onClick={() => look.follow(length)}
          >
            {t(`trend.${length}`)}
          </button>
        ))}
      </span>
      <button
        type="button"
        className="btn"
        onClick={() => (live ? look.pause() : look.follow(nearest(span.to - span.from, zone)))}
      >
        <Icon name={live ? "pause" : "play"} size={14} />
        {t(live ? "trend.pause" : "trend.live")}
      </button>
      <Link
        to="/completeness"
        search={{ from: Math.round(span.from), to: Math.round(span.to) }}
        className="btn"
        title={t("complete.way")}
      >
        <Icon name="check" size={14} />
        {t("complete.title")}
      </Link>
      {props.children}
    </div>
  )
}

/** The quick range nearest to the width that was looked at. */
function nearest(wide: number, zone: string) {
  const now = plantNow()
  const off = (name: (typeof lengths)[number]) => {
    const { from, to } = quickSpan(name, now, zone)
    return Math.abs(Math.log((to - from) / wide))
  }
  return [...lengths].sort((a, b) => off(a) - off(b))[0] ?? "1h"
}
