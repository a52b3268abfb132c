import { Link } from "@tanstack/react-router"
import { lazy, Suspense } from "react"
import type { AlarmView, PlantView, TagView } from "../../../src/serve/api.ts"
import { plantNow, plantSpeed, usePlantNow } from "../api/plant-clock.ts"
import { useAlarms, useHistory } from "../api/queries.ts"
import { useValue } from "../api/values.ts"
import { AlarmMark } from "../parts/glyph.tsx"
import { byUrgency, isActive, LiveValue } from "../parts/live-value.tsx"
import { Broken } from "../parts/notice.tsx"
import { useTexts } from "../text/text.ts"
import "./watched.css"

const Chart = lazy(async () => ({ default: (await import("../trend/chart.tsx")).Chart }))

const hours = 2
const buckets = 240

/** Traces of the tags that matter most: those in alarm, what each cycle leaves behind, those with limits. */
export function Watched({ plant }: { plant: PlantView }) {
  const { say } = useTexts()
  const units = plant.equipment.filter((each) => each.device !== undefined)
  const nameOf = (tag: TagView) => {
    const unit = units.find((each) => each.path === tag.equipment)
    return unit && units.length > 1 ? say(unit.name) : undefined
  }
  const alarms = useAlarms().data?.filter(isActive).sort(byUrgency) ?? []
  const tags = watchedOf(plant.tags, alarms)
  const now = usePlantNow()
  // A new window each 20 s of the wall, so that faster plants ask no more often.
  const step = 20_000 * plantSpeed()
  const to = Math.ceil(now / step) * step
  const span = { from: to - hours * 3_600_000, to }
  const history = useHistory(
    tags.map((tag) => tag.path),
    span,
    buckets,
  )
  return (
    <div className="trends">
      {tags.map((tag) => (
        <Trace
          key={tag.path}
          tag={tag}
          alarm={alarms.find((each) => each.tag === tag.path)}
          sub={nameOf(tag)}
        >
          {history.error && !history.data ? (
            <Broken error={history.error} />
          ) : (
            <Suspense fallback={<div className="loading" />}>
              <Chart
                small
                tag={tag}
                zone={plant.timezone}
                span={span}
                history={history.data}
                now={plantNow()}
              />
            </Suspense>
          )}
        </Trace>
      ))}
    </div>
  )
}

function watchedOf(tags: readonly TagView[], alarms: readonly AlarmView[]): readonly TagView[] {
  const urgent = alarms.slice(0, 2)
  const rank = (tag: TagView) => {
    const urgency = urgent.findIndex((each) => each.tag === tag.path)
    if (urgency >= 0) return urgency - urgent.length
    if (tag.kind !== "number" || tag.unit === "1" || tag.unit === "{shot}") return 3
    const perCycle = tag.path.slice(tag.equipment.length + 1).includes("/")
    if (perCycle && !tags.some((each) => each !== tag && each.name.en === tag.name.en)) return 1
    return tag.limits.length > 0 ? 2 : 3
  }
  return tags
    .filter((tag) => rank(tag) < 3)
    .toSorted((a, b) => rank(a) - rank(b))
    .slice(0, 4)
}

function Trace(props: {
  tag: TagView
  alarm: AlarmView | undefined
  sub: string | undefined
  children: React.ReactNode
}) {
  const { t, say } = useTexts()
  const { tag, alarm } = props
  const value = useValue(tag.path)
  return (
    <section className={alarm ? `tr a${alarm.priority}` : "tr"} aria-label={say(tag.name)}>
      <Link
        to="/equipment/$"
        params={{ _splat: tag.equipment }}
        search={{ tag: tag.path }}
        className="h"
      >
        {alarm && <AlarmMark priority={alarm.priority} state={alarm.state} size={15} />}
        <b className="clip">{say(tag.name)}</b>
        <span className="clip">{props.sub ?? t("watched.span", { n: hours })}</span>
        <LiveValue tag={tag} value={value} />
      </Link>
      <div className="plot">{props.children}</div>
    </section>
  )
}
