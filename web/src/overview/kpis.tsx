import { Link } from "@tanstack/react-router"
import type { ReactNode } from "react"
import type { Overview } from "../../../src/serve/api.ts"
import { useAlarms, useDecisions, useOverview } from "../api/queries.ts"
import { Gauge, type Scale } from "../parts/gauge.tsx"
import { isActive } from "../parts/live-value.tsx"
import { number } from "../text/format.ts"
import { useTexts } from "../text/text.ts"
import { sumUp } from "./sums.ts"
import "./kpis.css"

/** Only what is really known; each figure beside the same one of the eight hours before. */
export function Kpis({ overview }: { overview: Overview }) {
  const { t } = useTexts()
  const minute = Math.floor(overview.from / 300_000) * 300_000
  const before = useOverview({ from: minute - (overview.to - overview.from), to: minute }).data
  const now = sumUp(overview.equipment)
  const then = before && sumUp(before.equipment)
  const alarms = useAlarms().data?.filter(isActive)
  const decisions = useDecisions().data?.filter((each) => each.state === "proposed")
  const long = now.stoppedMs > 600 * 60_000
  const percent: Scale = { low: 0, high: 100 }
  return (
    <section className="kpis" aria-label={t("kpi.label")}>
      <Kpi
        name={t("kpi.cycles")}
        value={number(now.cycles)}
        unit={t("kpi.cycles.unit")}
        gauge={share(now.cycles, then?.cycles)}
        then={then && number(then.cycles)}
      />
      <Kpi
        name={t("kpi.good")}
        value={number(now.good)}
        unit="EA"
        gauge={share(now.good, then?.good)}
        then={then && number(then.good)}
      />
      <Kpi
        name={t("kpi.defects")}
        value={now.defects === undefined ? undefined : number(now.defects * 100, 1)}
        unit="%"
        gauge={{ value: (now.defects ?? 0) * 100, scale: { low: 0, high: 10 } }}
        then={then?.defects === undefined ? undefined : number(then.defects * 100, 1)}
        missing={t("kpi.no-verdicts")}
      />
      <Kpi
        name={t("kpi.cycle-time")}
        value={now.cycleSeconds === undefined ? undefined : number(now.cycleSeconds, 1)}
        unit="s"
        gauge={share(now.cycleSeconds, then?.cycleSeconds)}
        then={then?.cycleSeconds === undefined ? undefined : number(then.cycleSeconds, 1)}
        missing={t("kpi.no-cycles")}
        {...(now.cycleSeconds === undefined
          ? { way: <Link to="/connect">{t("nav.connect")}</Link> }
          : {})}
      />
      <Kpi
        name={t("kpi.running")}
        value={now.running === undefined ? undefined : number(now.running * 100, 1)}
        unit="%"
        gauge={{ value: (now.running ?? 0) * 100, scale: percent }}
        then={then?.running === undefined ? undefined : number(then.running * 100, 1)}
        missing={t("kpi.no-states")}
      />
      <Kpi
        name={t("kpi.stopped")}
        value={long ? number(now.stoppedMs / 3_600_000, 1) : number(now.stoppedMs / 60_000)}
        unit={t(long ? "unit.h" : "unit.min")}
        note={now.unknownMs > 0 ? t("kpi.unknown", { n: number(now.unknownMs / 60_000) }) : ""}
      />
      <Kpi
        name={t("kpi.waiting")}
        value={decisions && number(decisions.length)}
        unit={t("unit.count")}
        note={alarms ? t("kpi.alarms", { n: alarms.length }) : ""}
        way={<Link to="/decisions">{t("kpi.decide")}</Link>}
      />
      <Kpi name={t("kpi.oee")} value={undefined} unit="%" missing={t("kpi.no-oee")} />
    </section>
  )
}

interface Pointer {
  readonly value: number
  readonly scale: Scale
  readonly target?: number
}

/** The span before as a target tick, so that the pointer says more or less. */
function share(value: number | undefined, then: number | undefined): Pointer | undefined {
  if (value === undefined || then === undefined || then === 0) return undefined
  return { value, target: then, scale: { low: then * 0.6, high: then * 1.4 } }
}

function Kpi(props: {
  name: string
  value: string | undefined
  unit: string
  gauge?: Pointer | undefined
  then?: string | undefined
  note?: string
  missing?: string
  way?: ReactNode
}) {
  const { t } = useTexts()
  const known = props.value !== undefined
  return (
    <div className={known ? "kpi" : "kpi unknown"}>
      <div className="k clip">{props.name}</div>
      <div className="v num">
        <b>{props.value ?? "–"}</b>
        {known && <span>{props.unit}</span>}
      </div>
      <div className="f">
        {!known && <small title={props.missing}>{props.missing}</small>}
        {known && props.gauge && (
          <div>
            <Gauge {...props.gauge} />
          </div>
        )}
        {known && props.then !== undefined && (
          <span className="d num">{t("kpi.before", { n: props.then })}</span>
        )}
        {known && props.note && <span className="d start">{props.note}</span>}
        {props.way && <span className="d">{props.way}</span>}
      </div>
    </div>
  )
}
