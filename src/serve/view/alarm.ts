import type { Alarm } from "../../analyse/alarm.ts"
import type { AlarmView } from "../api.ts"
import { type Names, noNames } from "./record.ts"

export function alarmViewOf(alarm: Alarm, names: Names = noNames): AlarmView {
  const name = alarm.acknowledgedBy === undefined ? undefined : names.get(alarm.acknowledgedBy)
  return { ...alarm, ...(name === undefined ? {} : { acknowledgedByName: name }) }
}
