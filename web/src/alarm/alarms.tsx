import { getRouteApi, Link } from "@tanstack/react-router"
import type { AlarmView } from "../../../src/serve/api.ts"
import { useAlarmChange } from "../api/changes.ts"
import { useAlarms, useLedger, usePlant } from "../api/queries.ts"
import { Records } from "../ledger/records.tsx"
import { byUrgency, isActive } from "../parts/live-value.tsx"
import { Loaded, Notice, RefusedLine } from "../parts/notice.tsx"
import { Panel } from "../parts/panel.tsx"
import { useTexts } from "../text/text.ts"
import { AlarmList } from "./alarm-list.tsx"

const route = getRouteApi("/alarms")
const shows = ["active", "aside", "quiet"] as const
const kinds = ["raised", "acknowledged", "returned", "shelved", "unshelved"].map(
  (each) => `alarm.${each}`,
)
const orders = ["urgency", "time"] as const

export function AlarmsPage() {
  const { t, say } = useTexts()
  const { show = "active", order = "urgency", equipment } = route.useSearch()
  const navigate = route.useNavigate()
  const plant = usePlant()
  const alarms = useAlarms()
  const change = useAlarmChange()
  const past = useLedger({ kinds: kinds.join(), subject: equipment, limit: 30 })
  const units = plant.equipment.filter((unit) =>
    alarms.data?.some((alarm) => alarm.equipment === unit.path),
  )
  const within = (all: readonly AlarmView[]) =>
    equipment === undefined ? all : all.filter((each) => each.equipment === equipment)
  const seen = within(alarms.data ?? []).filter(isActive)
  const unseen = seen.filter((each) => each.state !== "acknowledged")
  const acknowledgeAll = async () => {
    for (const alarm of unseen) await change.mutateAsync({ act: "acknowledge", id: alarm.id })
  }
  return (
    <div className="page">
      <Panel
        title={t("nav.alarms")}
        sub={t("alarm.sub", { active: seen.length, unseen: unseen.length })}
        tools={
          <button
            type="button"
            className="btn"
            disabled={unseen.length === 0 || change.isPending}
            onClick={() => void acknowledgeAll().catch(() => undefined)}
          >
            {t("alarm.acknowledge-all")}
          </button>
        }
      >
        <div className="filters">
          <span className="group">
            {shows.map((each) => (
              <Link
                key={each}
                to="/alarms"
                search={(old) => ({ ...old, show: each === "active" ? undefined : each })}
                className={each === show ? "btn on" : "btn"}
              >
                {t(`alarm.show.${each}`)}
              </Link>
            ))}
          </span>
          <span className="group">
            {orders.map((each) => (
              <Link
                key={each}
                to="/alarms"
                search={(old) => ({ ...old, order: each === "urgency" ? undefined : each })}
                className={each === order ? "btn on" : "btn"}
              >
                {t(`alarm.order.${each}`)}
              </Link>
            ))}
          </span>
          <select
            className="input"
            value={equipment ?? ""}
            aria-label={t("lines.equipment")}
            onChange={(event) =>
              void navigate({
                search: (old) => ({ ...old, equipment: event.target.value || undefined }),
                replace: true,
              })
            }
          >
            <option value="">{t("alarm.everywhere")}</option>
            {units.map((unit) => (
              <option key={unit.path} value={unit.path}>
                {say(unit.name)}
              </option>
            ))}
          </select>
        </div>
        <RefusedLine error={change.error} />
        <Loaded query={alarms}>
          {(all) => {
            const shown = within(all)
              .filter((alarm) => isShown(alarm, show))
              .toSorted(
                order === "time" ? (a, b) => (b.raisedAt ?? 0) - (a.raisedAt ?? 0) : byUrgency,
              )
            if (shown.length > 0) return <AlarmList alarms={shown} />
            return (
              <Notice icon="check" title={t("alarm.none")}>
                {show === "active" && t("alarm.none.why")}
              </Notice>
            )
          }}
        </Loaded>
      </Panel>
      <Panel title={t("alarm.past")} sub={t("alarm.past.sub")}>
        <Loaded query={past}>
          {(records) =>
            records.length === 0 ? (
              <Notice tight icon="alarm" title={t("events.none")} />
            ) : (
              <Records records={records} />
            )
          }
        </Loaded>
      </Panel>
    </div>
  )
}

function isShown(alarm: AlarmView, show: string): boolean {
  if (show === "aside") return ["shelved", "suppressed", "out-of-service"].includes(alarm.state)
  return show === "quiet" ? alarm.state === "normal" : isActive(alarm)
}
