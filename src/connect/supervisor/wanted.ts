import type { Path } from "../../model/path.ts"
import type { CycleConfig, DeviceConfig } from "../../model/plant.ts"
import { Problem } from "../../model/problem.ts"
import type { Tag, TagId } from "../../model/tag.ts"
import type { Point, RecordBuffer, Wanted } from "../connector.ts"

/** The tag of a path with its id; undefined where the plant has none. */
export type Tags = (path: Path) => { readonly id: TagId; readonly tag: Tag } | undefined

/** What a device shall be followed for, with tags and cycle rules filled in. */
export function wantedOf(config: DeviceConfig, cycles: readonly CycleConfig[], tags: Tags): Wanted {
  const point = (path: Path, address: string): Point => {
    const known = tags(path)
    if (!known)
      throw new Problem("config-invalid", config.name, `got tag ${path}, which is unknown`)
    return { ...known, address }
  }
  const points = config.points.map(({ tag, address }) => point(tag, address))
  const records = config.records.map((record): RecordBuffer => {
    const { name, address, equipment } = record
    const fields = record.fields.map((field) => ({
      name: field.name,
      point: point(field.tag, field.address),
    }))
    const cycle = cycles.find((c) => c.equipment === equipment) ?? { equipment, verdicts: [] }
    return { name, address, fields, cycle }
  })
  return { points, records }
}
