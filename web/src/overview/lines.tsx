import { Link } from "@tanstack/react-router"
import type { AlarmView, Overview, PlantView } from "../../../src/serve/api.ts"
import { usePlantNow } from "../api/plant-clock.ts"
import { useAlarms } from "../api/queries.ts"
import { State } from "../parts/glyph.tsx"
import { byUrgency, isActive } from "../parts/live-value.tsx"
import { Notice } from "../parts/notice.tsx"
import { Panel } from "../parts/panel.tsx"
import { HourMarks, StateLegend, StateStrip } from "../parts/state-strip.tsx"
import { number } from "../text/format.ts"
import { sayLength, useTexts } from "../text/text.ts"
import { EquipmentCell } from "./equipment-cell.tsx"
import { MachineRow } from "./machine-row.tsx"
import { sumUp } from "./sums.ts"
import "./lines.css"

type Unit = PlantView["equipment"][number]

export interface Line {
  readonly path: string
  readonly line: Unit | undefined
  readonly area: Unit | undefined
  readonly units: readonly Unit[]
}

/** Equipment that a device speaks for, by the place that holds it. */
export function linesOf(plant: PlantView): readonly Line[] {
  const at = new Map(plant.equipment.map((each) => [each.path, each]))
  const lines = new Map<string, Unit[]>()
  for (const unit of plant.equipment) {
    if (unit.device === undefined && unit.type === undefined) continue
    const above = unit.path.slice(0, Math.max(0, unit.path.lastIndexOf("/")))
    lines.set(above, [...(lines.get(above) ?? []), unit])
  }
  return [...lines].map(([path, units]) => ({
    path,
    units,
    line: at.get(path),
    area: at.get(path.slice(0, Math.max(0, path.lastIndexOf("/")))),
  }))
}

export function Lines({ plant, overview }: { plant: PlantView; overview: Overview }) {
  const { t } = useTexts()
  const lines = linesOf(plant)
  const units = lines.flatMap((line) => line.units)
  const now = usePlantNow()
  const alarms = useAlarms().data?.filter(isActive).sort(byUrgency) ?? []
  const hours = number((overview.to - overview.from) / 3_600_000)
  // A few machines get a row each with their values; many get a cell each.
  const few = units.length <= 4
  return (
    <Panel
      className="lines-panel"
      title={t("lines.title")}
      sub={t("lines.sub", { lines: lines.length, units: units.length, hours })}
      tools={<StateLegend />}
    >
      {units.length === 0 ? (
        <Notice
          icon="connect"
          title={t("lines.none")}
          step={
            <Link className="btn pri" to="/connect">
              {t("nav.connect")}
            </Link>
          }
        >
          {t("lines.none.why")}
        </Notice>
      ) : few ? (
        <div className="scroll">
          {units.map((unit) => (
            <MachineRow key={unit.path} unit={unit} overview={overview} alarms={alarms} now={now} />
          ))}
        </div>
      ) : (
        <div className="scroll">
          <table className="table lines">
            <thead>
              <tr>
                <th className="c-line">{t("lines.line")}</th>
                <th className="c-state">{t("lines.state")}</th>
                <th className="c-made">{t("lines.made")}</th>
                <th className="c-eq">{t("lines.equipment")}</th>
                <th className="c-hist">
                  <HourMarks span={overview} zone={plant.timezone} most={4} />
                </th>
              </tr>
            </thead>
            <tbody>
              {lines.map((line) => (
                <LineRow key={line.path} {...{ line, plant, overview, alarms, now }} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  )
}

function LineRow(props: {
  line: Line
  plant: PlantView
  overview: Overview
  alarms: readonly AlarmView[]
  now: number
}) {
  const { t, say } = useTexts()
  const { line, plant, overview, alarms, now } = props
  const rows = overview.equipment.filter((row) => line.units.some((each) => each.path === row.path))
  const sums = sumUp(rows)
  const abnormal = alarms.some((each) => line.units.some((unit) => unit.path === each.equipment))
  const worst = worstOf(line.units)
  return (
    <tr className={abnormal ? "abn" : ""}>
      <td className="ln">
        <b>{line.line ? say(line.line.name) : line.path}</b>
        <span>{line.area && say(line.area.name)}</span>
      </td>
      <td className="ln">
        <State state={worst?.state} />
        <span>
          {worst?.stateSince !== undefined &&
            t("state.for", { length: sayLength(t, now - worst.stateSince) })}
        </span>
      </td>
      <td className="ln num">
        <b>{number(sums.cycles)}</b>
        <span>
          {sums.defects !== undefined && t("lines.bad", { n: number(sums.defects * 100, 1) })}
        </span>
      </td>
      <td>
        <div className="eqs">
          {line.units.map((unit) => (
            <EquipmentCell key={unit.path} unit={unit} plant={plant} alarms={alarms} />
          ))}
        </div>
      </td>
      <td>
        {rows.map((row) => (
          <StateStrip
            key={row.path}
            spans={row.states}
            span={overview}
            zone={plant.timezone}
            now={Math.min(now, overview.to)}
          />
        ))}
      </td>
    </tr>
  )
}

const badness = ["fault", "stopped", "unknown", "setup", "idle", "off", "running"]

function worstOf(units: readonly Unit[]): Unit | undefined {
  const rank = (unit: Unit) => badness.indexOf(unit.state ?? "unknown")
  return [...units].sort((a, b) => rank(a) - rank(b))[0]
}
