import type { Patch, PlantPatch } from "../kernel/config.ts"
import { type Level, levels } from "../model/equipment.ts"
import { Problem } from "../model/problem.ts"
import type { FoundPoint } from "./connector.ts"
import type { TypeMatch } from "./match.ts"
import { equipmentPatch, joinPatches } from "./plant-patch.ts"
import type { Suggestion } from "./suggest.ts"
import { wordsOf } from "./tag-change.ts"

/** A device and the equipment that its values belong to, as they shall stand in the plant's files. */
export interface NewEquipment {
  readonly device: string
  readonly connector: string
  /** As they shall be written: secrets as `${env:...}` or `${file:...}`. */
  readonly options: Readonly<Record<string, unknown>>
  readonly path: string
  /** Levels of the equipment that the plant has, by path. */
  readonly levels: ReadonlyMap<string, Level>
  /** The type that it is of, with what its addresses ask for and the addresses that differ. */
  readonly type?: Pick<TypeMatch, "type" | "at" | "byName"> & { readonly level: Level }
  /** Tags of its own, where it has no type. */
  readonly tags: Readonly<Record<string, Patch>>
}

/** The change of the plant's files that adds a device and its equipment, with the levels above it that are missing. Throws `config-duplicate` or `config-invalid`. */
export function newEquipmentPatch(of: NewEquipment): PlantPatch {
  const { device, connector, options, path, type, tags } = of
  if (of.levels.has(path)) {
    const what = "got an equipment that the plant has already, expected a new path"
    throw new Problem("config-duplicate", path, what)
  }
  const level = type?.level ?? "unit"
  const equipment: Patch = {
    ...{ level, name: titleOf(path) },
    ...(type && { type: type.type }),
    device: type?.at === undefined ? device : { name: device, at: type.at },
    ...tagsOf(of, tags),
  }
  return joinPatches([
    { devices: { [device]: { connector, options } } },
    ...missingAbove(path, level, of.levels),
    equipmentPatch(path, equipment),
  ])
}

function tagsOf({ type, connector }: NewEquipment, own: NewEquipment["tags"]): Patch {
  const elsewhere = (type?.byName ?? []).map(
    ({ tag, address }) => [tag, { address: { [connector]: address } }] as const,
  )
  const tags = { ...own, ...Object.fromEntries(elsewhere) }
  return Object.keys(tags).length === 0 ? {} : { tags }
}

/** Levels for what stands above a new equipment and is not there yet: the highest that leave room for the rest. */
function missingAbove(path: string, level: Level, known: ReadonlyMap<string, Level>): PlantPatch[] {
  const above = path
    .split("/")
    .map((_, i, names) => names.slice(0, i + 1).join("/"))
    .slice(0, -1)
  const missing = above.filter((each) => !known.has(each))
  const parent = above.findLast((each) => known.has(each))
  const top = parent === undefined ? "enterprise" : (known.get(parent) ?? "enterprise")
  const free = levels.slice(levels.indexOf(top) + 1, levels.indexOf(level))
  if (missing.length > free.length) {
    const what = `got ${missing.length} new levels above a ${level}, expected at most ${free.length} (${free.join(", ")})`
    throw new Problem("config-invalid", path, what)
  }
  return missing.map((each, i) =>
    equipmentPatch(each, { level: free[i] ?? level, name: titleOf(each) }),
  )
}

function titleOf(path: string): string {
  return wordsOf(path.slice(path.lastIndexOf("/") + 1))
}

/** Below this a suggestion is for a person to look at only. */
const sureEnough = 0.5

/** What was found as tags, with what the house is sure enough of. */
export function tagsFrom(
  points: readonly FoundPoint[],
  suggestions: readonly Suggestion[],
  connector: string,
): Readonly<Record<string, Patch>> {
  const names = Map.groupBy(points, ({ name }) => name)
  const tags = points.map((point, i) => {
    const { name, kind, address, within = [] } = point
    const folder = (names.get(name)?.length ?? 0) > 1 ? within.slice(-1) : []
    const { tag = "value", unit, range, decimals } = suggestions[i] ?? {}
    const isSure = (of: { confidence: number } | undefined) => (of?.confidence ?? 0) >= sureEnough
    return [
      tag,
      {
        name: [...folder, name].join(" ").trim() || wordsOf(tag),
        ...(kind !== "number" && { kind }),
        unit: unit && isSure(unit) ? unit.value : "1",
        ...(range && isSure(range) && { range: [...range.value] }),
        ...(decimals && isSure(decimals) && { decimals: decimals.value }),
        address: { [connector]: address },
      },
    ] as const
  })
  return Object.fromEntries(tags)
}
