import type { DecisionView, LedgerView } from "../../../src/serve/api.ts"
import { innerOf } from "./record-words.ts"

type Linked = Pick<LedgerView, "id" | "causes">

/** Records in columns: each stands one to the right of the last of its causes. */
export function layersOf<Item extends Linked>(records: readonly Item[]): readonly Item[][] {
  const depths = new Map<string, number>()
  const layers: Item[][] = []
  for (const record of records) {
    const depth = record.causes.reduce((most, id) => Math.max(most, (depths.get(id) ?? -1) + 1), 0)
    depths.set(record.id, depth)
    const layer = layers[depth] ?? []
    layer.push(record)
    layers[depth] = layer
  }
  return layers
}

/** Which of the records led to this one and which followed from it; the rest are its neighbours. */
export function ringsOf(
  records: readonly Linked[],
  id: string,
): ReadonlyMap<string, "cause" | "effect"> {
  const rings = new Map<string, "cause" | "effect">()
  const causes = new Set([id])
  for (const record of records.toReversed())
    if (causes.has(record.id)) for (const cause of record.causes) causes.add(cause)
  const effects = new Set([id])
  for (const record of records)
    if (record.causes.some((cause) => effects.has(cause))) effects.add(record.id)
  for (const each of causes) rings.set(each, "cause")
  for (const each of effects) rings.set(each, "effect")
  rings.delete(id)
  return rings
}

type Evidence = DecisionView["because"][number]

/** What a finding, decision or alarm names as its ground. */
export function evidenceIn(record: LedgerView): readonly Evidence[] {
  const { because } = innerOf(record)
  return Array.isArray(because) ? because.filter(isEvidence) : []
}

function isEvidence(value: unknown): value is Evidence {
  if (typeof value !== "object" || value === null) return false
  const { tag, from, to } = value as Record<string, unknown>
  return typeof tag === "string" && typeof from === "number" && typeof to === "number"
}
