import { unitSymbol } from "../../../src/model/unit.ts"
import type { LedgerView, PlantView, ValueView } from "../../../src/serve/api.ts"
import { valueText } from "../parts/live-value.tsx"
import { number, signed } from "../text/format.ts"
import type { Texts } from "../text/text.ts"
import { innerOf } from "./record-words.ts"

type Body = Readonly<Record<string, unknown>>

/** The one fact that matters most of a record: what was written, what was measured, which reason was given. */
export function detailOf(record: LedgerView, plant: PlantView, texts: Texts): string | undefined {
  const { body } = record
  const effect = bodyIn(body.effect)
  if (typeof effect?.change === "number")
    return `${signed(effect.change, 1)} ${unitSymbol(String(effect.unit ?? ""))}`.trim()
  const writes = bodyIn(bodyIn(body.command)?.body)?.writes
  if (Array.isArray(writes))
    return writes.map((each) => writeText(bodyIn(each), record, { plant, texts })).join(", ")
  if (record.kind === "alarm.raised") return alarmText(innerOf(record), record.subject, plant)
  const given = typeof body.reason === "string" && record.kind !== "decision.expired"
  return given ? String(body.reason) : undefined
}

function writeText(
  write: Body | undefined,
  { subject }: LedgerView,
  { plant, texts }: { plant: PlantView; texts: Texts },
): string {
  const tag = plant.tags.find((each) => each.path === write?.target)
  const value = write?.value as ValueView["value"] | undefined
  const shown = tag ? valueText(tag, value, texts.t) : String(value)
  const name = tag ? texts.say(tag.name) : String(write?.target)
  return `${write?.target === subject ? "" : name} → ${shown} ${tag?.symbol ?? ""}`.trim()
}

function alarmText({ value, limit }: Body, path: string, plant: PlantView): string | undefined {
  const tag = plant.tags.find((each) => each.path === path)
  if (typeof value !== "number" || typeof limit !== "number") return undefined
  const decimals = tag?.decimals ?? 0
  return `${number(value, decimals)} / ${number(limit, decimals)} ${tag?.symbol ?? ""}`.trim()
}

function bodyIn(value: unknown): Body | undefined {
  return typeof value === "object" && value !== null ? (value as Body) : undefined
}
