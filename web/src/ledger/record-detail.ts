import { unitSymbol } from "../../../src/model/unit.ts"
import type { LedgerView, PlantView, ValueView } from "../../../src/serve/api.ts"
import { valueText } from "../parts/live-value.tsx"
import { number, signed } from "../text/format.ts"
import type { Texts } from "../text/text.ts"
import { innerOf, isText } from "./record-words.ts"

type Body = Readonly<Record<string, unknown>>

/** The one fact that matters most of a record: what was written, what was measured, which reason was given. */
export function detailOf(record: LedgerView, plant: PlantView, texts: Texts): string | undefined {
  const { body } = record
  const effect = bodyIn(body.effect)
  if (typeof effect?.change === "number") {
    const decimals = plant.tags.find((each) => each.path === effect.measure)?.decimals ?? 1
    return `${signed(effect.change, decimals)} ${unitSymbol(String(effect.unit ?? ""))}`.trim()
  }
  if (isText(body.failure)) return texts.say(body.failure)
  const writes = bodyIn(bodyIn(body.command)?.body)?.writes
  if (Array.isArray(writes)) {
    const asked = writes.map((each) => writeText(bodyIn(each), record, { plant, texts }))
    return [...asked, ...objectionsIn(body, texts)].join(", ")
  }
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

/** What stood in the way of a command. */
function objectionsIn({ outcomes }: Body, { say }: Texts): readonly string[] {
  if (!Array.isArray(outcomes)) return []
  return outcomes.flatMap((each) => {
    const because = bodyIn(bodyIn(each)?.refusal)?.because ?? bodyIn(each)?.because
    return isText(because) ? [say(because)] : []
  })
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
