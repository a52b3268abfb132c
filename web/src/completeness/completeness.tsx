import { getRouteApi } from "@tanstack/react-router"
import { useMemo } from "react"
import type { CompletenessView, ReportView } from "../../../src/serve/api-completeness.ts"
import { plantNow } from "../api/plant-clock.ts"
import { useCompleteness, usePlant, useReport } from "../api/queries.ts"
import { Loaded } from "../parts/notice.tsx"
import { Panel } from "../parts/panel.tsx"
import { dayTime } from "../text/format.ts"
import { sayLength, useTexts } from "../text/text.ts"
import { DeviceReport } from "./device.tsx"
import { IssuedReports } from "./issued.tsx"
import { presentShift } from "./spans.ts"
import { Tools } from "./tools.tsx"
import { VerdictLine } from "./verdict.tsx"
import "./completeness.css"

const route = getRouteApi("/completeness")

/** What is missing in a time and why, or that nothing is, with the evidence; and what was issued of it. */
export function CompletenessPage() {
  const { t } = useTexts()
  const { timezone } = usePlant()
  const search = route.useSearch()
  const shift = useMemo(() => presentShift(plantNow(), timezone), [timezone])
  const { from = shift.from, to = shift.to, equipment, report } = search
  const asked = useCompleteness({ from, to, equipment }, report === undefined)
  const issued = useReport(report)
  return (
    <div className="page completeness">
      <Panel
        title={t("complete.title")}
        sub={t("complete.sub")}
        className="report"
        tools={report === undefined && <Tools.Acts span={{ from, to }} equipment={equipment} />}
      >
        {report === undefined ? (
          <>
            <Tools.Asked span={{ from, to }} equipment={equipment} />
            <Loaded query={asked}>{(view) => <Report view={view} equipment={equipment} />}</Loaded>
          </>
        ) : (
          <Loaded query={issued}>
            {(view) => (
              <>
                <AsIssued view={view} />
                <Report view={view.report} equipment={view.equipment} digest={view.digest} />
              </>
            )}
          </Loaded>
        )}
      </Panel>
      <IssuedReports shown={report} />
    </div>
  )
}

function AsIssued({ view }: { view: ReportView }) {
  const { t } = useTexts()
  const { timezone } = usePlant()
  const navigate = route.useNavigate()
  const late = view.annotations.length
  return (
    <div className="as-issued">
      <div>
        <b>
          {t("complete.issued.as", {
            time: dayTime(view.at, timezone),
            name: view.byName ?? view.by,
          })}
        </b>
        <p>{late > 0 ? t("complete.issued.late", { n: late }) : t("complete.issued.unchanged")}</p>
      </div>
      <div className="row push no-print">
        <button
          type="button"
          className="btn"
          onClick={() =>
            void navigate({
              search: { from: view.from, to: view.to, equipment: view.equipment },
            })
          }
        >
          {t("complete.issued.leave")}
        </button>
        <button type="button" className="btn" onClick={() => window.print()}>
          {t("complete.print")}
        </button>
      </div>
    </div>
  )
}

function Report(props: {
  view: CompletenessView
  equipment?: string | undefined
  digest?: string
}) {
  const { t, say } = useTexts()
  const plant = usePlant()
  const { view, equipment, digest } = props
  const zone = plant.timezone
  const place = plant.equipment.find((each) => each.path === equipment)
  return (
    <div className="report-body">
      <div className="report-head">
        <VerdictLine verdict={view.verdict} />
        <dl className="num">
          <div>
            <dt>{t("complete.asked")}</dt>
            <dd>
              {dayTime(view.from, zone).slice(0, 16)} – {dayTime(view.to, zone).slice(0, 16)}
            </dd>
          </div>
          <div>
            <dt>{t("complete.equipment")}</dt>
            <dd>{place ? say(place.name) : t("complete.equipment.all")}</dd>
          </div>
          {digest !== undefined && (
            <div className="wide">
              <dt>{t("complete.report.digest")}</dt>
              <dd className="code">{digest}</dd>
            </div>
          )}
        </dl>
      </div>
      {view.clock.map((jump) => (
        <p key={jump.id} className="doubt">
          <b>{t("complete.clock")}</b>{" "}
          {t((jump.setByMs ?? 0) < 0 ? "complete.clock.back" : "complete.clock.on", {
            length: sayLength(t, Math.abs(jump.setByMs ?? 0)),
          })}{" "}
          · {dayTime(jump.from, zone)}
        </p>
      ))}
      {view.devices.map((part) => (
        <DeviceReport key={part.device} part={part} span={view} />
      ))}
    </div>
  )
}
