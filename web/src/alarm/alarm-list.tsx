import { Link } from "@tanstack/react-router"
import { useState } from "react"
import type { AlarmView } from "../../../src/serve/api.ts"
import { type AlarmAct, useAlarmChange } from "../api/changes.ts"
import { usePlantNow } from "../api/plant-clock.ts"
import { usePlant } from "../api/queries.ts"
import { AlarmMark } from "../parts/glyph.tsx"
import { RefusedLine } from "../parts/notice.tsx"
import { number, shortTime } from "../text/format.ts"
import { useTexts, wordOf } from "../text/text.ts"
import { PutAside } from "./put-aside.tsx"
import "./alarm.css"

export type Aside = Extract<AlarmAct, "shelve" | "out-of-service">

export function AlarmList(props: { alarms: readonly AlarmView[]; compact?: true }) {
  const { t } = useTexts()
  const change = useAlarmChange()
  const [aside, setAside] = useState<{ readonly alarm: AlarmView; readonly act: Aside }>()
  return (
    <>
      <ul className={props.compact ? "alarms compact-list" : "alarms"} aria-label={t("nav.alarms")}>
        {props.alarms.map((alarm) => (
          <AlarmItem
            key={alarm.id}
            alarm={alarm}
            act={(act) => change.mutate({ act, id: alarm.id })}
            putAside={(act) => setAside({ alarm, act })}
          />
        ))}
      </ul>
      <RefusedLine error={change.error} />
      {aside && <PutAside {...aside} close={() => setAside(undefined)} />}
    </>
  )
}

function AlarmItem(props: {
  alarm: AlarmView
  act: (act: AlarmAct) => void
  putAside: (act: Aside) => void
}) {
  const { t, say } = useTexts()
  const { alarm, act, putAside } = props
  const plant = usePlant()
  const now = usePlantNow()
  const equipment = plant.equipment.find((each) => each.path === alarm.equipment)
  const tag = plant.tags.find((each) => each.path === alarm.tag)
  const shown = (value: number) =>
    `${number(value, tag?.decimals ?? 0)} ${tag?.symbol ?? ""}`.trim()
  const time = (at: number | undefined) =>
    at === undefined ? "" : shortTime(at, now, plant.timezone)
  const at = alarm.raisedAt
  const around = at === undefined ? {} : { from: at - 900_000, to: at + 900_000 }
  return (
    <li className={`alarm ${alarm.state}`}>
      <AlarmMark priority={alarm.priority} state={alarm.state} size={20} />
      <time>{time(at)}</time>
      <Link to="/equipment/$" params={{ _splat: alarm.equipment }} className="who clip">
        {equipment ? say(equipment.name) : alarm.equipment}
      </Link>
      <div className="text">
        <Link
          to="/equipment/$"
          params={{ _splat: alarm.equipment }}
          search={{ tag: alarm.tag, ...around }}
        >
          {say(alarm.text)}
        </Link>
        <small className="num">
          {alarm.value !== undefined && `${shown(alarm.value)} / `}
          {wordOf(t, "alarm.side", alarm.side)} {shown(alarm.limit)}
        </small>
      </div>
      <span className="is">
        {wordOf(t, "alarm.state", alarm.state)}
        <small>
          {alarm.state === "shelved" && t("alarm.until", { time: time(alarm.shelvedUntil) })}
          {alarm.state === "returned" && time(alarm.returnedAt)}
          {alarm.state === "acknowledged" &&
            [time(alarm.acknowledgedAt), alarm.acknowledgedByName].filter(Boolean).join(" · ")}
          {alarm.reason && ` ${alarm.reason}`}
        </small>
      </span>
      <AlarmButtons alarm={alarm} act={act} putAside={putAside} />
    </li>
  )
}

function AlarmButtons(props: {
  alarm: AlarmView
  act: (act: AlarmAct) => void
  putAside: (act: Aside) => void
}) {
  const { t } = useTexts()
  const { alarm, act, putAside } = props
  const { state } = alarm
  const away = state === "shelved" || state === "out-of-service"
  const back: AlarmAct = state === "shelved" ? "unshelve" : "return-to-service"
  return (
    <span className="row buttons">
      {(state === "unacknowledged" || state === "returned") && (
        <button type="button" className="btn pri" onClick={() => act("acknowledge")}>
          {t("alarm.acknowledge")}
        </button>
      )}
      {away ? (
        <button type="button" className="btn" onClick={() => act(back)}>
          {t(`alarm.${back}`)}
        </button>
      ) : (
        <>
          <button type="button" className="btn" onClick={() => putAside("shelve")}>
            {t("alarm.shelve")}
          </button>
          <button type="button" className="btn" onClick={() => putAside("out-of-service")}>
            {t("alarm.out-of-service")}
          </button>
        </>
      )}
      {alarm.record && (
        <Link className="btn plain" to="/ledger/$id" params={{ id: alarm.record }}>
          {t("chain.short")}
        </Link>
      )}
    </span>
  )
}
