import type { Text } from "../../../src/model/text.ts"
import type { LedgerView, PlantView } from "../../../src/serve/api.ts"
import { type Texts, wordOf } from "../text/text.ts"

/** What a record is about, by the name that people know. */
export function saySubject(record: LedgerView, plant: PlantView, { say, t }: Texts): string {
  const { subject } = record
  if (subject === record.by && record.byName !== undefined) return record.byName
  if (subject === "plant") return t("ledger.plant")
  const tag = plant.tags.find((each) => each.path === subject)
  const equipment = plant.equipment.find((each) => each.path === (tag?.equipment ?? subject))
  if (tag && equipment) return `${say(equipment.name)} ${say(tag.name)}`
  return equipment ? say(equipment.name) : subject
}

/** One line for a record: what happened to what. */
export function sayRecord(record: LedgerView, plant: PlantView, texts: Texts): string {
  const title = titleIn(record)
  const kind = wordOf(texts.t, "kind", record.kind)
  if (title) return `${kind}: ${texts.say(title)}`
  return `${saySubject(record, plant, texts)} · ${kind}`
}

/** The sentence that findings and decisions carry, and that alarms say. */
export function titleIn(record: LedgerView): Text | undefined {
  const inner = innerOf(record)
  return [inner.title, inner.text].find(isText)
}

/** A record's body holds the thing itself or names it as `finding`, `decision` or `alarm`. */
export function innerOf({ body }: LedgerView): Readonly<Record<string, unknown>> {
  const inner = body.finding ?? body.decision ?? body.alarm
  return typeof inner === "object" && inner !== null ? (inner as Record<string, unknown>) : body
}

export function isText(value: unknown): value is Text {
  return typeof value === "object" && value !== null && typeof (value as Text).en === "string"
}
