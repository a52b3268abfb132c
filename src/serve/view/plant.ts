import type { Equipment } from "../../model/equipment.ts"
import { isWithin } from "../../model/path.ts"
import type { Plant } from "../../model/plant.ts"
import type { Tag } from "../../model/tag.ts"
import { unitSymbol } from "../../model/unit.ts"
import type { EquipmentView, PlantView, TagView } from "../api.ts"
import type { ServeParts } from "../serve.ts"

type PlantParts = Pick<
  ServeParts,
  "clock" | "example" | "gate" | "plant" | "speed" | "states" | "version"
>

export function plantViewOf(parts: PlantParts): PlantView {
  const plant = parts.plant()
  return {
    name: plant.name,
    timezone: plant.timezone,
    now: parts.clock.now(),
    speed: parts.speed,
    example: parts.example,
    equipment: plant.equipment.map((equipment) => equipmentViewOf(equipment, plant, parts.states)),
    tags: plant.tags.map((tag) => tagViewOf(tag, plant)),
    automaticStopped: parts.gate.automaticStopped,
    version: parts.version,
  }
}

function equipmentViewOf(
  { path, level, name, type }: Equipment,
  plant: Plant,
  states: PlantParts["states"],
): EquipmentView {
  const now = states.now(path)
  const device = plant.devices.find(({ points }) => points.some(({ tag }) => isWithin(tag, path)))
  return {
    path,
    level,
    name,
    ...(type === undefined ? {} : { type }),
    ...(now ? { state: now.state, stateSince: now.since } : {}),
    ...(device && level === "unit" ? { device: device.name } : {}),
  }
}

function tagViewOf(tag: Tag, plant: Plant): TagView {
  const { path, equipment, name, kind, unit, decimals, staleAfterMs, range, normal, writable } = tag
  const states = plant.states.find((each) => each.tag === path)?.values
  return {
    path,
    equipment,
    name,
    kind,
    unit,
    symbol: unitSymbol(unit),
    decimals,
    staleAfterMs,
    ...(states ? { states: { ...states } } : {}),
    ...(range ? { range: [...range] } : {}),
    ...(normal ? { normal: [...normal] } : {}),
    limits: tag.limits.map(({ side, at, priority }) => ({ side, at, priority })),
    ...(writable ? { writable: writableViewOf(writable) } : {}),
  }
}

function writableViewOf(writable: NonNullable<Tag["writable"]>): NonNullable<TagView["writable"]> {
  const { min, max, maxStep, minIntervalMs } = writable
  return { min, max, maxStep, minIntervalMs }
}
