import type { DataItem, Observation } from "../../codec/mtconnect.ts"
import { ucumOf } from "../../codec/mtconnect.ts"
import type { TagKind } from "../../model/tag.ts"
import type { FoundPoint } from "../connector.ts"
import type { Agent } from "./agent.ts"
import type { Model, Placed } from "./model.ts"
import { observationsIn } from "./rows.ts"
import { givenBy } from "./values.ts"

/** Events without units whose value is a number (part 2, DataItem types of EVENT). */
const counts = /^(PART_COUNT|LINE_NUMBER|LINE|HARDNESS|TOOL_OFFSET|.*_(OVERRIDE|COUNT))$/

/** Every data item of one value, with what the agent shows of it now. */
export async function* browsePoints(
  agent: Agent,
  model: Model,
  signal: AbortSignal,
): AsyncIterable<FoundPoint> {
  const current = await agent.ask("current", {}, signal)
  const observations = current.kind === "streams" ? observationsIn(current) : []
  const shown = new Map(observations.map((observation) => [observation.dataItemId, observation]))
  for (const placed of model.items)
    if (model.find(placed.item.id).kind !== "unknown")
      yield* partsOf(placed, shown.get(placed.item.id))
}

/** The item itself, and the parts of a condition or of a place in space. */
function partsOf(placed: Placed, observation: Observation | undefined): FoundPoint[] {
  const { item } = placed
  const found = foundOf(placed)
  const part = (name: string) => ({
    ...found,
    address: `${item.id}/${name}`,
    name: `${found.name} ${name}`,
  })
  if (item.units?.endsWith("_3D")) return ["x", "y", "z"].map(part)
  const isCondition = item.category === "CONDITION"
  const shown =
    observation &&
    (isCondition
      ? observation.condition?.level
      : givenBy(observation, { item, kind: found.kind }).value)
  const whole = { ...found, ...(shown !== undefined && shown !== null && { value: shown }) }
  return isCondition ? [whole, part("code"), part("text")] : [whole]
}

function foundOf({ item, within }: Placed): FoundPoint {
  const { id, name, type, subType, minimum, maximum } = item
  const unit = ucumOf(item.units)
  const hasRange = minimum !== undefined && maximum !== undefined && minimum < maximum
  return {
    address: id,
    name: name ?? id,
    within,
    description: [type, subType].filter((text) => text !== undefined).join(" "),
    kind: kindOf(item),
    writable: false,
    ...(unit !== undefined && { unit }),
    ...(hasRange && { range: [minimum, maximum] as const }),
  }
}

function kindOf({ category, units, type }: DataItem): TagKind {
  if (category === "CONDITION") return "text"
  return category === "SAMPLE" || units !== undefined || counts.test(type) ? "number" : "text"
}
