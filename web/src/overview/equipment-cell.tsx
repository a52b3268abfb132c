import { Link } from "@tanstack/react-router"
import type { AlarmView, EquipmentView, PlantView, TagView } from "../../../src/serve/api.ts"
import { plantNow } from "../api/plant-clock.ts"
import { useValue } from "../api/values.ts"
import { Gauge } from "../parts/gauge.tsx"
import { AlarmMark, StateGlyph } from "../parts/glyph.tsx"
import { conditionOf, LiveValue } from "../parts/live-value.tsx"
import { useTexts, wordOf } from "../text/text.ts"
import "./equipment-cell.css"

/** The value that stands for an equipment: the one in alarm, else the first with limits or a band. */
export function leadingTag(tags: readonly TagView[], alarm: AlarmView | undefined) {
  return (
    tags.find((each) => each.path === alarm?.tag) ??
    tags.find((each) => each.normal && each.limits.length > 1) ??
    tags.find((each) => each.normal) ??
    tags.find((each) => each.kind === "number")
  )
}

export function EquipmentCell(props: {
  unit: EquipmentView
  plant: PlantView
  alarms: readonly AlarmView[]
}) {
  const { t, say } = useTexts()
  const { unit, plant, alarms } = props
  const alarm = alarms.find((each) => each.equipment === unit.path)
  const tag = leadingTag(
    plant.tags.filter((each) => each.equipment === unit.path),
    alarm,
  )
  const state = unit.state ?? "unknown"
  const face = state === "running" ? "" : state === "fault" || state === "stopped" ? "stop" : "idle"
  return (
    <Link
      to="/equipment/$"
      params={{ _splat: unit.path }}
      className={`eq ${face} ${alarm ? `a${alarm.priority}` : ""}`}
      title={`${say(unit.name)} · ${wordOf(t, "state", state)}`}
    >
      <span className="n">
        <span className="clip">{say(unit.name)}</span>
        <StateGlyph state={state} size={9} />
      </span>
      {tag && <CellValue tag={tag} alarm={alarm} />}
      {alarm && (
        <span className="mk">
          <AlarmMark priority={alarm.priority} state={alarm.state} />
        </span>
      )}
    </Link>
  )
}

function CellValue({ tag, alarm }: { tag: TagView; alarm: AlarmView | undefined }) {
  const value = useValue(tag.path)
  const { number, stale } = conditionOf(tag, value, plantNow())
  const abnormal = alarm?.tag === tag.path ? alarm.priority : undefined
  return (
    <>
      <LiveValue tag={tag} value={value} />
      <Gauge value={stale ? undefined : number} normal={tag.normal} abnormal={abnormal} />
    </>
  )
}
