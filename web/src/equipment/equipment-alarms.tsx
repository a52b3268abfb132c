import { Link } from "@tanstack/react-router"
import { AlarmList } from "../alarm/alarm-list.tsx"
import { useAlarms } from "../api/queries.ts"
import { byUrgency } from "../parts/live-value.tsx"
import { Loaded, Notice } from "../parts/notice.tsx"
import { Panel } from "../parts/panel.tsx"
import { useTexts } from "../text/text.ts"

export function EquipmentAlarms({ equipment }: { equipment: string }) {
  const { t } = useTexts()
  const alarms = useAlarms()
  return (
    <Panel
      title={t("nav.alarms")}
      tools={
        <Link to="/alarms" search={{ equipment }}>
          {t("all")}
        </Link>
      }
    >
      <Loaded query={alarms}>
        {(all) => {
          const own = all.filter((each) => each.equipment === equipment && each.state !== "normal")
          return own.length === 0 ? (
            <Notice tight icon="check" title={t("alarm.none")} />
          ) : (
            <AlarmList alarms={own.toSorted(byUrgency)} compact />
          )
        }}
      </Loaded>
    </Panel>
  )
}
