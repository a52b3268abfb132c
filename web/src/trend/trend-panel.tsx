import { type ReactNode, useRef } from "react"
import type { TagView } from "../../../src/serve/api.ts"
import { useHistory } from "../api/queries.ts"
import { useValue } from "../api/values.ts"
import { Icon } from "../parts/icon.tsx"
import { LiveValue } from "../parts/live-value.tsx"
import { Broken } from "../parts/notice.tsx"
import { dayTime } from "../text/format.ts"
import { useTexts } from "../text/text.ts"
import { Chart } from "./chart.tsx"
import type { ChartView } from "./chart-view.ts"
import { useChartGaps } from "./gaps.ts"
import type { Look } from "./look.ts"
import { csvOf, traceOf } from "./series.ts"

const buckets = 600

/** One tag's trend with what can be taken out of it. */
export function TrendPanel(props: {
  tag: TagView
  zone: string
  look: Look
  tools?: ReactNode
  under?: ReactNode
  sub?: string
}) {
  const { t, say } = useTexts()
  const { tag, zone, look } = props
  const value = useValue(tag.path)
  const history = useHistory([tag.path], look.span, buckets)
  const gaps = useChartGaps(tag.path, look, zone)
  const view = useRef<ChartView>(undefined)

  const csv = () => {
    const series = history.data?.series.find((each) => each.path === tag.path)
    if (!history.data || !series) return
    const { at, min, max, line } = traceOf(history.data, series, tag)
    const name = `${say(tag.name)}${tag.symbol ? ` (${tag.symbol})` : ""}`
    const head = [t("trend.csv.time", { zone }), name, t("trend.csv.min"), t("trend.csv.max")]
    const rows = at.map((time, i) => [
      dayTime(time, zone),
      line[i] ?? null,
      min[i] ?? null,
      max[i] ?? null,
    ])
    save(new Blob([csvOf([head, ...rows])], { type: "text/csv" }), `${fileName(tag)}.csv`)
  }
  const png = () =>
    view.current?.picture().toBlob((blob) => blob && save(blob, `${fileName(tag)}.png`))

  return (
    <section className="panel trend-panel" aria-label={say(tag.name)}>
      <header>
        <h2>{say(tag.name)}</h2>
        {props.sub && <span className="sub clip">{props.sub}</span>}
        <LiveValue tag={tag} value={value} />
        {props.tools}
        <span className={props.tools ? "group" : "group push"}>
          <button type="button" className="btn" onClick={csv} title={t("trend.csv")}>
            <Icon name="down" size={14} />
            CSV
          </button>
          <button type="button" className="btn" onClick={png} title={t("trend.png")}>
            <Icon name="picture" size={14} />
            PNG
          </button>
        </span>
      </header>
      <div className="chart-place">
        {history.error && !history.data ? (
          <Broken error={history.error} retry={() => void history.refetch()} />
        ) : (
          <Chart
            tag={tag}
            zone={zone}
            span={look.span}
            now={look.now}
            history={history.data}
            gaps={gaps}
            onSpan={look.set}
            onReset={() => look.follow(look.live ?? "1h")}
            onView={(made) => {
              view.current = made
            }}
          />
        )}
      </div>
      {props.under}
    </section>
  )
}

function fileName(tag: TagView): string {
  return tag.path.replaceAll("/", "_")
}

function save(blob: Blob, name: string): void {
  const link = document.createElement("a")
  link.href = URL.createObjectURL(blob)
  link.download = name
  link.click()
  URL.revokeObjectURL(link.href)
}
