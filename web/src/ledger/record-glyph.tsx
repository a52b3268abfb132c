import type { LedgerView, PlantView } from "../../../src/serve/api.ts"
import { AlarmMark } from "../parts/glyph.tsx"
import { Icon, type IconName } from "../parts/icon.tsx"
import { innerOf } from "./record-words.ts"

const icons: Readonly<Record<string, IconName>> = {
  config: "settings",
  gap: "gap",
  alarm: "alarm",
  finding: "search",
  late: "gap",
  report: "ledger",
  state: "equipment",
  decision: "decision",
  command: "play",
  effect: "trend",
  automatic: "hand",
  person: "person",
  certificate: "shield",
}

/** Hue only for an alarm's raising; all else is a plain sign. */
export function RecordGlyph({ record, plant }: { record: LedgerView; plant: PlantView }) {
  if (record.kind === "alarm.raised")
    return <AlarmMark priority={priorityOf(record, plant)} size={15} />
  return <Icon name={icons[record.kind.split(".")[0] ?? ""] ?? "ledger"} size={15} />
}

function priorityOf(record: LedgerView, plant: PlantView): number {
  const { priority, side } = innerOf(record)
  if (typeof priority === "number") return priority
  const tag = plant.tags.find((each) => each.path === record.subject)
  return tag?.limits.find((limit) => limit.side === side)?.priority ?? tag?.limits[0]?.priority ?? 4
}
