import { Link } from "@tanstack/react-router"
import { useMemo } from "react"
import type {
  AlarmView,
  CycleView,
  EquipmentView,
  HistoryView,
  Overview,
  TagView,
} from "../../../src/serve/api.ts"
import { plantNow } from "../api/plant-clock.ts"
import { type Span, useCycles, useHistory, usePlant } from "../api/queries.ts"
import { useValue } from "../api/values.ts"
import { Gauge } from "../parts/gauge.tsx"
import { AlarmMark, State, VerdictGlyph } from "../parts/glyph.tsx"
import { conditionOf, LiveValue } from "../parts/live-value.tsx"
import { Sparkline } from "../parts/sparkline.tsx"
import { HourMarks, StateStrip } from "../parts/state-strip.tsx"
import { clockTime, number } from "../text/format.ts"
import { sayLength, useTexts } from "../text/text.ts"
import { traceOf } from "../trend/series.ts"
import { sumUp } from "./sums.ts"
import "./machine-row.css"

const buckets = 120
/** A plant that has only just begun is shown closer, in ms. */
const windows = [600_000, 3_600_000, 7_200_000]
/** The server answers for so many at once. */
const mostTags = 32

/** One machine in full width: state, output, every value that has a band, its last cycles, its shift. */
export function MachineRow(props: {
  unit: EquipmentView
  overview: Overview
  alarms: readonly AlarmView[]
  now: number
}) {
  const { t, say } = useTexts()
  const { unit, overview, now } = props
  const plant = usePlant()
  const alarms = props.alarms.filter((each) => each.equipment === unit.path)
  const row = overview.equipment.find((each) => each.path === unit.path)
  const sums = sumUp(row ? [row] : [])
  // The window moves on bucket by bucket, so that what was drawn stays where it is.
  const known = row?.states.find((each) => each.state !== "unknown")?.from ?? overview.from
  const wide = windows.find((each) => each >= now - known) ?? overview.to - overview.from
  const to = Math.ceil(now / (wide / buckets)) * (wide / buckets)
  const span = { from: to - wide, to }
  const tags = plant.tags.filter((each) => each.equipment === unit.path && shown(each))
  const history = useHistory(
    tags
      .filter((tag) => tag.kind === "number")
      .slice(0, mostTags)
      .map((tag) => tag.path),
    span,
    buckets,
  ).data
  const above = plant.equipment.find(
    (each) => each.path === unit.path.slice(0, unit.path.lastIndexOf("/")),
  )
  return (
    <article className="machine">
      <div className="machine-head">
        <Link to="/equipment/$" params={{ _splat: unit.path }} className="ln">
          <b>{say(unit.name)}</b>
          <span>{above && say(above.name)}</span>
        </Link>
        <div className="ln">
          <State state={unit.state} />
          <span>
            {unit.stateSince !== undefined &&
              t("state.for", { length: sayLength(t, now - unit.stateSince) })}
          </span>
        </div>
        <dl>
          <div>
            <dt>{t("machine.window")}</dt>
            <dd className="num">{sayLength(t, wide)}</dd>
          </div>
          <div>
            <dt>{t("kpi.cycles")}</dt>
            <dd className="num">{number(sums.cycles)}</dd>
          </div>
          <div>
            <dt>{t("verdict.bad")}</dt>
            <dd className="num">
              {number(sums.bad)}
              {sums.defects !== undefined && <small> {number(sums.defects * 100, 1)} %</small>}
            </dd>
          </div>
          <div>
            <dt>{t("kpi.cycle-time")}</dt>
            <dd className="num">
              {sums.cycleSeconds === undefined ? "–" : number(sums.cycleSeconds, 1)}{" "}
              <small>s</small>
            </dd>
          </div>
        </dl>
      </div>
      <div className="tiles">
        {tags.map((tag) => (
          <Tile
            key={tag.path}
            tag={tag}
            alarm={alarms.find((each) => each.tag === tag.path)}
            span={span}
            history={history}
          />
        ))}
      </div>
      <div className="machine-time">
        <span className="k">{t("machine.states")}</span>
        <div>
          {row && <StateStrip spans={row.states} span={overview} zone={plant.timezone} />}
          <HourMarks span={overview} zone={plant.timezone} most={9} />
        </div>
        <span className="k">{t("machine.shots")}</span>
        <LastCycles equipment={unit.path} zone={plant.timezone} />
      </div>
    </article>
  )
}

function shown(tag: TagView): boolean {
  return tag.normal !== undefined || tag.limits.length > 0 || tag.writable !== undefined
}

function Tile(props: {
  tag: TagView
  alarm: AlarmView | undefined
  span: Span
  history: HistoryView | undefined
}) {
  const { say } = useTexts()
  const { tag, alarm, span, history } = props
  const series = history?.series.find((each) => each.path === tag.path)
  const trace = useMemo(
    () => history && series && traceOf(history, series, tag),
    [history, series, tag],
  )
  const permitted = tag.writable && [tag.writable.min, tag.writable.max]
  const value = useValue(tag.path)
  const { number: at, stale } = conditionOf(tag, value, plantNow())
  return (
    <Link
      to="/equipment/$"
      params={{ _splat: tag.equipment }}
      search={{ tag: tag.path }}
      className={`eq tile ${alarm ? `a${alarm.priority}` : ""} ${tag.writable ? "set" : ""}`}
    >
      <span className="n">
        <span className="clip">{say(tag.name)}</span>
      </span>
      <LiveValue tag={tag} value={value} />
      <span className="line">
        {trace && <Sparkline trace={trace} span={span} normal={tag.normal ?? permitted} />}
      </span>
      {tag.kind === "number" && (
        <Gauge
          value={stale ? undefined : at}
          normal={tag.normal ?? permitted}
          limits={tag.limits.map((limit) => limit.at)}
          abnormal={alarm?.priority}
        />
      )}
      {alarm && (
        <span className="mk">
          <AlarmMark priority={alarm.priority} state={alarm.state} />
        </span>
      )}
    </Link>
  )
}

/** Oldest to newest, as they left the machine. */
function LastCycles({ equipment, zone }: { equipment: string; zone: string }) {
  const { t } = useTexts()
  const cycles = useCycles(equipment, 60).data ?? []
  if (cycles.length === 0) return <span className="muted">{t("machine.no-shots")}</span>
  return (
    <span className="shots">
      {cycles.toReversed().map((cycle: CycleView) => (
        <i key={cycle.id} title={`${cycle.sequence} · ${clockTime(cycle.end, zone)}`}>
          <VerdictGlyph verdict={cycle.verdict} />
        </i>
      ))}
    </span>
  )
}
