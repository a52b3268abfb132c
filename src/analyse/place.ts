import { joinPath, type Path } from "../model/path.ts"
import type { Plant } from "../model/plant.ts"
import type { Tag } from "../model/tag.ts"

/** What an analyser or decider is told of its place when it is made. */
export interface Place {
  readonly equipment: Path
  /** The tag of a cycle field, from the equipment's record configuration. */
  tagOfField(field: string): Path
  tag(path: Path): Tag | undefined
}

/** The place of an equipment in a plant; a field that no record has is named beneath the equipment. */
export function placeOf(plant: Pick<Plant, "devices" | "tags">, equipment: Path): Place {
  const records = plant.devices.flatMap((d) => d.records).filter((r) => r.equipment === equipment)
  const fields = new Map(records.flatMap((r) => r.fields.map((f) => [f.name, f.tag] as const)))
  const tags = new Map(plant.tags.map((tag) => [tag.path, tag]))
  return {
    equipment,
    tagOfField: (field) => fields.get(field) ?? joinPath(equipment, field),
    tag: (path) => tags.get(path),
  }
}
