import type { Alarm } from "../../analyse/alarm.ts"
import type { AlarmView } from "../api.ts"

export function alarmViewOf(alarm: Alarm): AlarmView {
  return { ...alarm }
}
