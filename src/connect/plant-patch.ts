import type { Patch, PlantPatch } from "../kernel/config.ts"

/** A change of one equipment as a change of the plant's files. */
export function equipmentPatch(path: string, change: Patch): PlantPatch {
  const [top = "", ...names] = path.split("/")
  const inner = names.reduceRight<Patch>(
    (within, name) => ({ contains: { [name]: within } }),
    change,
  )
  return { equipment: { [top]: inner } }
}

/** Several changes as one; of two that say something else of the same, the later one holds. */
export function joinPatches(patches: Iterable<PlantPatch>): PlantPatch {
  const joined: Record<string, Patch> = {}
  for (const patch of patches) join(joined, patch)
  return joined
}

function join(into: Record<string, unknown>, from: Patch): void {
  for (const [key, value] of Object.entries(from)) {
    const there = into[key]
    if (isMap(there) && isMap(value)) join(there, value)
    else into[key] = isMap(value) ? structuredClone(value) : value
  }
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}
