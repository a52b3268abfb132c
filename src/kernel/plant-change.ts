import { Value } from "typebox/value"
import type { Path } from "../model/path.ts"
import type { DeviceConfig, Plant, PointConfig } from "../model/plant.ts"
import type { Tag } from "../model/tag.ts"

/**
 * `safe` is taken over at once; `waits` bears on safety and is held until an engineer confirms; `refused` cannot be
 * changed while Moru runs.
 */
export type ChangeClass = "safe" | "waits" | "refused"

export interface PlantChange {
  readonly class: ChangeClass
  /** Path, or the name of a device, analyser, decider or machine; `plant` for the plant itself. */
  readonly subject: string
  /** For people, such as `writable: max 80 -> 90`; never holds an option's value, which might be a secret. */
  readonly what: string
}

/** What differs between two plants, thing by thing. */
export function comparePlants(before: Plant, after: Plant): readonly PlantChange[] {
  const guarding = new Set([...guardingTags(before), ...guardingTags(after)])
  const isGuarded = (name: string) =>
    [...before.devices, ...after.devices].some(
      (device) => device.name === name && device.points.some(({ tag }) => guarding.has(tag)),
    )
  const both = (view: (plant: Plant) => Things): Both => ({
    before: view(before),
    after: view(after),
  })
  return [
    ...compare("plant", both(itself), ({ key }) => (key === "timezone" ? "refused" : "safe")),
    ...compare("broker and network", both(networkOf), () => "refused"),
    ...compare("edge", both(edgesOf), safe),
    ...compare("storage", both(storageOf), ({ key }) => (key === "retention" ? "waits" : "safe")),
    ...compare("equipment", both(equipmentOf), safe),
    ...compare("tag", both(tagsOf), (change) => classOfTag(change, guarding)),
    ...compare("device", both(devicesOf), ({ name, key, known }) =>
      known && key === "connection" && isGuarded(name) ? "waits" : "safe",
    ),
    ...compare("analyser", both(analysersOf), safe),
    ...compare("decider", both(decidersOf), ({ key, now, known }) =>
      key === "policy" && (known || now === "automatic") ? "waits" : "safe",
    ),
    ...compare("machine", both(machinesOf), () => "refused"),
  ]
}

/** The second plant, with everything that waits as it is in the first. */
export function holdWaiting(before: Plant, after: Plant): Plant {
  const waits = comparePlants(before, after).filter((change) => change.class === "waits")
  const waiting = (subject: string, key: string) =>
    waits.some((change) => change.subject === subject && change.what.startsWith(`${key}:`))
  const tagsBefore = new Map(before.tags.map((tag) => [tag.path, tag]))
  const tags = after.tags.map((tag) =>
    waiting(tag.path, "writable") ? holdWritable(tagsBefore.get(tag.path), tag) : tag,
  )
  const deciders = after.deciders.map((decider) => {
    if (!waiting(deciderKey(decider), "policy")) return decider
    const old = before.deciders.find((d) => deciderKey(d) === deciderKey(decider))
    return { ...decider, policy: old?.policy ?? ("approve" as const) }
  })
  const known = new Set(after.tags.map(({ path }) => path))
  const held = after.devices.map((device) => {
    const old = before.devices.find(({ name }) => name === device.name)
    return old && waiting(device.name, "connection") ? holdConnection(old, device, known) : device
  })
  const moved = new Set(after.tags.map(({ path }) => path).filter((p) => waiting(p, "address")))
  const storage = waiting("storage", "retention")
    ? { ...after.storage, retention: before.storage.retention }
    : after.storage
  return { ...after, tags, deciders, storage, devices: holdAddresses(before, held, moved) }
}

/** Tags that writing stands on: set points, and what their interlocks look at. */
function guardingTags(plant: Plant): Path[] {
  return plant.tags.flatMap((tag) =>
    tag.writable ? [tag.path, ...tag.writable.interlocks.map((interlock) => interlock.tag)] : [],
  )
}

type Fields = Readonly<Record<string, unknown>>
type Things = ReadonlyMap<string, Fields>

interface Both {
  readonly before: Things
  readonly after: Things
}

/** One field that differs; the key is empty where the whole thing came or went. */
interface FieldChange {
  readonly name: string
  readonly key: string
  readonly now: unknown
  /** Whether the thing was there before. */
  readonly known: boolean
}

type Classify = (change: FieldChange) => ChangeClass

const safe: Classify = () => "safe"

function compare(label: string, { before, after }: Both, classOf: Classify): PlantChange[] {
  const changes: PlantChange[] = []
  const add = (change: FieldChange, what: string) =>
    changes.push({ class: classOf(change), subject: change.name, what })
  for (const [name, fields] of after) {
    const old = before.get(name)
    const known = old !== undefined
    if (!known) add({ name, key: "", now: fields, known }, `new ${label}`)
    for (const key of new Set([...Object.keys(old ?? {}), ...Object.keys(fields)])) {
      const change = { name, key, now: fields[key], known }
      const differs = !Value.Equal(old?.[key], fields[key])
      if (differs && (known || classOf(change) === "waits"))
        add(change, `${key}: ${difference(key, old?.[key], fields[key])}`)
    }
  }
  for (const name of before.keys())
    if (!after.has(name)) add({ name, key: "", now: undefined, known: true }, `${label} removed`)
  return changes
}

/** Options may hold secrets, so only their names are said. */
function difference(key: string, before: unknown, now: unknown): string {
  const mayBeSecret = key === "options" || key === "connection"
  if (isFields(before) && isFields(now)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(now)])]
    const differing = keys.filter((k) => !Value.Equal(before[k], now[k]))
    if (mayBeSecret) return differing.join(", ")
    return differing.map((k) => `${k} ${short(before[k])} -> ${short(now[k])}`).join(", ")
  }
  return mayBeSecret ? "changed" : `${short(before)} -> ${short(now)}`
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}

function short(value: unknown): string {
  if (value === undefined) return "none"
  const text = typeof value === "string" ? value : JSON.stringify(value)
  return text.length > 120 ? `${text.slice(0, 117)}...` : text
}

function classOfTag(
  { name, key, now, known }: FieldChange,
  guarding: ReadonlySet<Path>,
): ChangeClass {
  if (key === "kind" || key === "unit") return known ? "refused" : "safe"
  if (key === "writable") return now === undefined ? "safe" : "waits"
  if (key === "address")
    return known && now !== undefined && guarding.has(name as Path) ? "waits" : "safe"
  return "safe"
}

/** A unit or kind that changed makes the old bounds meaningless: then nothing may be written. */
function holdWritable(old: Tag | undefined, tag: Tag): Tag {
  const { writable: _, ...readOnly } = tag
  const same = old?.kind === tag.kind && old.unit === tag.unit
  return same && old.writable ? { ...readOnly, writable: old.writable } : readOnly
}

function holdConnection(
  old: DeviceConfig,
  device: DeviceConfig,
  known: ReadonlySet<Path>,
): DeviceConfig {
  const { connector, options } = old
  if (connector === device.connector) return { ...device, options }
  const points = old.points.filter(({ tag }) => known.has(tag))
  const records = old.records.filter(({ fields }) => fields.every(({ tag }) => known.has(tag)))
  return { ...device, connector, options, points, records }
}

function holdAddresses(
  before: Plant,
  devices: readonly DeviceConfig[],
  moved: ReadonlySet<Path>,
): DeviceConfig[] {
  const isMoved = ({ tag }: PointConfig) => moved.has(tag)
  return devices.map((device) => {
    const old = before.devices.find(({ name }) => name === device.name)
    const points = device.points.filter((point) => !isMoved(point))
    return { ...device, points: [...points, ...(old?.points.filter(isMoved) ?? [])] }
  })
}

function itself({ name, timezone }: Plant): Things {
  return new Map([["plant", { name, timezone }]])
}

/** Under the key whose values are never told, since a broker's credentials are secrets. */
function networkOf({ broker, network }: Plant): Things {
  return new Map([["network", { options: { broker, network } }]])
}

function edgesOf({ edges = [] }: Plant): Things {
  return new Map(edges.map(({ name, ...rest }) => [name, rest]))
}

/** What retention lets go is gone for good, so a change of it waits. */
function storageOf({ storage }: Plant): Things {
  const retention = storage.retention.map(
    ({ tags, rawMs, minutesMs, hoursMs }) =>
      `${tags} ${[rawMs, minutesMs, hoursMs].map(daysText).join(", ")}`,
  )
  return new Map([["storage", { budget: storage.budget, retention: retention.join("; ") }]])
}

function daysText(ms: number): string {
  return Number.isFinite(ms) ? `${ms / 86_400_000} d` : "for good"
}

function equipmentOf({ equipment, cycles, states }: Plant): Things {
  return new Map(
    equipment.map(({ path, ...rest }) => {
      const cycle = cycles.find((c) => c.equipment === path)
      return [path, { ...rest, cycle, state: states.find((s) => s.equipment === path) }]
    }),
  )
}

/** A set point's bounds are in its unit, so that belongs to what may be written. */
function tagsOf({ tags, devices }: Plant): Things {
  const points = new Map<Path, string>()
  for (const device of devices)
    for (const { tag, address } of device.points) points.set(tag, `${address} of ${device.name}`)
  return new Map(
    tags.map(({ path, writable, ...tag }) => {
      const bounds = writable && { ...writable, unit: tag.unit, kind: tag.kind }
      return [path, { ...tag, writable: bounds, address: points.get(path) }]
    }),
  )
}

function devicesOf({ devices }: Plant): Things {
  return new Map(
    devices.map(({ name, connector, edge, options, records }) => [
      name,
      { connection: { connector, edge, ...(options as Fields) }, records },
    ]),
  )
}

function analysersOf({ analysers }: Plant): Things {
  return new Map(analysers.map(({ name, ...rest }) => [name, rest]))
}

/** Another kind under an old name is another decider, with a policy of its own. */
function decidersOf({ deciders }: Plant): Things {
  return new Map(deciders.map((d) => [deciderKey(d), { policy: d.policy, options: d.options }]))
}

function machinesOf({ machines }: Plant): Things {
  return new Map(machines.map(({ name, kind, edge, options }) => [name, { kind, edge, options }]))
}

function deciderKey(decider: { name: string; kind: string; equipment: Path }): string {
  return `${decider.name} (${decider.kind} on ${decider.equipment})`
}
