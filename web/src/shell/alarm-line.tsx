import { Link } from "@tanstack/react-router"
import type { AlarmView } from "../../../src/serve/api.ts"
import { useAlarmChange } from "../api/changes.ts"
import { useAlarms, usePlant } from "../api/queries.ts"
import { AlarmMark } from "../parts/glyph.tsx"
import { byUrgency, isActive } from "../parts/live-value.tsx"
import { clockSeconds, number } from "../text/format.ts"
import { useTexts, wordOf } from "../text/text.ts"
import "./alarm-line.css"

/** The two most urgent alarms and how many there are of each priority, above every page. */
export function AlarmLine() {
  const { t } = useTexts()
  const alarms = useAlarms().data
  if (!alarms) return <div className="banner" />
  const active = alarms.filter(isActive).sort(byUrgency)
  const shelved = alarms.filter((each) => each.state === "shelved").length
  return (
    <section className="banner" aria-label={t("alarm.line")}>
      <div className="rows">
        {active.slice(0, 2).map((alarm) => (
          <AlarmRow key={alarm.id} alarm={alarm} />
        ))}
        {active.length === 0 && <p className="calm">{t("alarm.none")}</p>}
      </div>
      <Link to="/alarms" className="tally">
        {[1, 2, 3, 4].map((priority) => {
          const count = active.filter((each) => each.priority === priority).length
          return (
            <span key={priority} className={count === 0 ? "zero" : ""}>
              <AlarmMark priority={priority} />
              <b className="num">{count}</b>
            </span>
          )
        })}
        {shelved > 0 && <small>{t("alarm.shelved.n", { n: shelved })}</small>}
      </Link>
    </section>
  )
}

function AlarmRow({ alarm }: { alarm: AlarmView }) {
  const { t, say } = useTexts()
  const plant = usePlant()
  const change = useAlarmChange()
  const equipment = plant.equipment.find((each) => each.path === alarm.equipment)
  const tag = plant.tags.find((each) => each.path === alarm.tag)
  const shown = (value: number) =>
    `${number(value, tag?.decimals ?? 0)} ${tag?.symbol ?? ""}`.trim()
  return (
    <div className={`al ${alarm.state}`}>
      <AlarmMark priority={alarm.priority} state={alarm.state} />
      <time className="t">
        {alarm.raisedAt !== undefined && clockSeconds(alarm.raisedAt, plant.timezone)}
      </time>
      <Link to="/equipment/$" params={{ _splat: alarm.equipment }} className="who clip">
        {equipment ? say(equipment.name) : alarm.equipment}
      </Link>
      <Link
        to="/equipment/$"
        params={{ _splat: alarm.equipment }}
        search={{ tag: alarm.tag }}
        className="what clip"
      >
        {say(alarm.text)}
      </Link>
      <span className="v num">
        {alarm.value !== undefined && shown(alarm.value)} / {wordOf(t, "alarm.side", alarm.side)}{" "}
        {shown(alarm.limit)}
      </span>
      {alarm.state === "acknowledged" ? (
        <span className="seen">{t("alarm.state.acknowledged")}</span>
      ) : (
        <button
          type="button"
          className="btn"
          disabled={change.isPending}
          onClick={() => change.mutate({ act: "acknowledge", id: alarm.id })}
        >
          {t("alarm.acknowledge")}
        </button>
      )}
    </div>
  )
}
