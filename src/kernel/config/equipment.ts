import { type Equipment, type Level, levels } from "../../model/equipment.ts"
import { isWithin, joinPath, type Path } from "../../model/path.ts"
import type { CycleConfig, PointConfig, RecordConfig, StateConfig } from "../../model/plant.ts"
import type { Tag } from "../../model/tag.ts"
import type { EquipmentFile, EquipmentTypeFile } from "../plant-file.ts"
import { didYouMean } from "../spelling.ts"
import { fieldFile, type TagFile, tagFile } from "../tag-file.ts"
import {
  childOf,
  type Entry,
  entryAt,
  keyPlace,
  type Member,
  type Place,
  type Problems,
  showPlace,
} from "./entry.ts"
import { addressAt, type Link, linksOf } from "./links.ts"
import { checkShape } from "./shape.ts"
import { tagOf, textOf } from "./tag-check.ts"

export interface LoadedType {
  readonly file: EquipmentTypeFile
  readonly entry: Entry
}

export interface EquipmentInput {
  /** Undefined for a type that could not be read: its problem is already known. */
  readonly types: ReadonlyMap<string, LoadedType | undefined>
  /** Connector of each device. */
  readonly devices: ReadonlyMap<string, string>
  readonly connectors: ReadonlySet<string>
  readonly problems: Problems
}

interface Here {
  readonly path: Path
  readonly file: EquipmentFile
  readonly entry: Entry
  readonly type: LoadedType | undefined
  readonly links: readonly Link[]
}

/** Walks the hierarchy from the top and collects what the plant is made of. */
export class EquipmentBuilder {
  readonly equipment: Equipment[] = []
  readonly tags: Tag[] = []
  readonly cycles: CycleConfig[] = []
  readonly states: StateConfig[] = []
  readonly points = new Map<string, PointConfig[]>()
  readonly records = new Map<string, RecordConfig[]>()
  /** Where each tag stands, for what refers to it later. */
  readonly tagEntries = new Map<Path, Entry>()
  readonly #input: EquipmentInput
  readonly #claims = new Map<string, Place>()
  readonly #addresses = new Map<string, Path>()

  constructor(input: EquipmentInput) {
    this.#input = input
  }

  /** Adds the equipment of one map, such as the whole hierarchy, with all that it contains. */
  add(
    children: Readonly<Record<string, EquipmentFile>>,
    entry: Entry,
    within?: { readonly path: Path; readonly level: Level },
  ): void {
    for (const [name, file] of Object.entries(children)) {
      const own = childOf(entry, name)
      if (!own) continue
      const path = within ? joinPath(within.path, name) : (name as Path)
      this.#claim(path, keyPlace(entry, name))
      this.#checkLevel(file, own, within?.level)
      const { type } = file
      this.equipment.push({
        path,
        level: file.level,
        name: textOf(file.name),
        ...(type && { type }),
      })
      const links = linksOf(file, own, this.#input)
      this.#describe({ path, file, entry: own, links, type: this.#typeOf(file, own) })
      const contains = childOf(own, "contains")
      if (contains) this.add(file.contains, contains, { path, level: file.level })
    }
  }

  #claim(path: Path, place: Place): void {
    const first = this.#claims.get(path)
    if (first)
      this.#input.problems.add(
        "config-duplicate",
        place,
        `got path ${path} a second time, expected it only at ${showPlace(first)}`,
      )
    else this.#claims.set(path, place)
  }

  #checkLevel(file: EquipmentFile, entry: Entry, above: Level | undefined): void {
    if (above === undefined || levels.indexOf(file.level) > levels.indexOf(above)) return
    const lower = levels.slice(levels.indexOf(above) + 1)
    const expected = lower.join(", ") || "nothing"
    this.#wrong(entry, "level", `got "${file.level}" within ${above}`, expected)
  }

  #typeOf(file: EquipmentFile, entry: Entry): LoadedType | undefined {
    const type = file.type === undefined ? undefined : this.#input.types.get(file.type)
    if (type && type.file.level !== file.level)
      this.#wrong(entry, "level", `got "${file.level}"`, `"${type.file.level}" as its type says`)
    return type
  }

  #describe(here: Here): void {
    const tags = this.#addTags(here)
    this.#addRecords(here)
    this.#addState(here, tags)
    this.#addCycle(here)
    for (const link of here.links) this.#checkReached(here, link)
  }

  #checkReached({ path }: Here, { device, connector, place }: Link): void {
    if (!connector || !this.#input.connectors.has(connector)) return
    const reached =
      this.points.get(device)?.some(({ tag }) => isWithin(tag, path)) ||
      this.records.get(device)?.some(({ equipment }) => equipment === path)
    if (reached || !this.tags.some(({ equipment }) => equipment === path)) return
    const what = `device, got "${device}" (${connector}), expected tags with an address for ${connector}`
    this.#input.problems.add("config-invalid", place, what)
  }

  /** The tags of the type, each overlaid with what the equipment says, then the equipment's own. */
  #addTags(here: Here): ReadonlyMap<string, Tag> {
    const own = childOf(here.entry, "tags")
    const ofType = here.type && childOf(here.type.entry, "tags")
    const fields = fieldNames(here.type)
    const names = new Set([...namesOf(ofType), ...namesOf(own).filter((name) => !fields.has(name))])
    const tags = new Map<string, Tag>()
    for (const name of names) {
      const given = own && childOf(own, name)
      const entry = overlay(ofType && childOf(ofType, name), given)
      const place = own && given ? keyPlace(own, name) : entry.place
      if (name.includes("/")) {
        const what = `tags, got "${name}"${didYouMean(name, fields)}, expected a field of the type's records`
        this.#input.problems.add("config-invalid", place, what)
        continue
      }
      this.#claim(joinPath(here.path, name), place)
      tags.set(name, this.#addTag(here, { name, entry }))
    }
    return tags
  }

  #addTag(here: Here, { name, entry }: { name: string; entry: Entry }): Tag {
    const { problems } = this.#input
    const file = checkShape(tagFile, entry, { name, problems }) as TagFile
    const path = joinPath(here.path, name)
    const tag = tagOf({ path, equipment: here.path, file, entry }, problems)
    this.tags.push(tag)
    this.tagEntries.set(path, entry)
    this.#checkConnectors(childOf(entry, "address"))
    this.#checkSuppression(here, tag, entry)
    const found = addressAt(here.links, file.address, problems)
    const { place } = entryAt(entry, "address")
    if (found)
      this.#addPoint(here, found.link, { point: { tag: path, address: found.address }, place })
    return tag
  }

  #addPoint(
    { file, path }: Here,
    { device, place: linked }: Link,
    { point, place }: { point: PointConfig; place: Place },
  ): void {
    const key = `${device}\n${point.address}`
    const first = this.#addresses.get(key)
    if (first && !first.startsWith(`${path}/`)) {
      const at = file.type ? linked : place
      this.#input.problems.add(
        "config-duplicate",
        at,
        `device, got "${device}", whose addresses already belong to ${first}, expected a device of its own or other addresses`,
      )
    } else this.#addresses.set(key, point.tag)
    push(this.points, device, point)
  }

  #checkConnectors(address: Entry | undefined): void {
    if (address?.kind !== "map") return
    const { connectors, problems } = this.#input
    for (const [name, { key }] of address.members) {
      if (connectors.has(name)) continue
      const expected = `one of ${[...connectors].join(", ")}`
      const what = `address, got connector "${name}"${didYouMean(name, connectors)}, expected ${expected}`
      problems.add("config-invalid", key, what)
    }
  }

  #checkSuppression({ type }: Here, tag: Tag, entry: Entry): void {
    if (type?.file.state) return
    tag.limits.forEach((limit, i) => {
      if (limit.suppressedIn.length > 0)
        this.#wrong(
          entryAt(entry, "limits", i),
          "suppressed-in",
          "got states of an equipment without any",
          "`state` in its type",
        )
    })
  }

  #addRecords(here: Here): void {
    const { type, path } = here
    if (!type) return
    const own = childOf(here.entry, "tags")
    for (const [name, record] of Object.entries(type.file.records)) {
      const at = entryAt(type.entry, "records", name)
      this.#checkConnectors(childOf(at, "address"))
      const fields = Object.keys(record.fields).map((field) => {
        const changed = own && childOf(own, `${name}/${field}`)
        const entry = overlay(entryAt(at, "fields", field), changed)
        const { problems } = this.#input
        const checked = checkShape(fieldFile, entry, { name: field, problems }) as FieldFile
        const tag = joinPath(path, name, field)
        this.#claim(tag, entry.place)
        this.tags.push(tagOf({ path: tag, equipment: path, file: checked, entry }, problems))
        this.tagEntries.set(tag, entry)
        return { name: field, address: checked.address, tag }
      })
      const found = addressAt(here.links, record.address, this.#input.problems)
      if (found)
        push(this.records, found.link.device, {
          ...{ name, equipment: path, address: found.address, fields },
        })
    }
  }

  #addState({ type, path }: Here, tags: ReadonlyMap<string, Tag>): void {
    const state = type?.file.state
    if (!type || !state) return
    const tag = tags.get(state.tag)
    const entry = entryAt(type.entry, "state")
    if (!tag)
      this.#wrong(
        entry,
        "tag",
        `got "${state.tag}"${didYouMean(state.tag, tags.keys())}`,
        "a tag of the type",
      )
    else if (tag.kind === "number") {
      const bad = Object.keys(state.values).find(
        (value) => value === "" || Number.isNaN(Number(value)),
      )
      if (bad !== undefined)
        this.#wrong(entryAt(entry, "values"), bad, `got value "${bad}" of a number`, "a number")
    }
    this.states.push({ equipment: path, tag: joinPath(path, state.tag), values: state.values })
  }

  #addCycle({ type, path }: Here): void {
    const cycle = type?.file.cycle
    if (!type || !cycle) return
    const entry = entryAt(type.entry, "cycle")
    const record = type.file.records[cycle.records]
    if (!record) {
      const near = didYouMean(cycle.records, Object.keys(type.file.records))
      this.#wrong(entry, "records", `got "${cycle.records}"${near}`, "a name under records")
      return
    }
    const field = (at: Entry, key: string, name: string | undefined): void => {
      if (name === undefined || Object.hasOwn(record.fields, name)) return
      const near = didYouMean(name, Object.keys(record.fields))
      this.#wrong(at, key, `got "${name}"${near}`, `a field of ${cycle.records}`)
    }
    field(entry, "duration-field", cycle["duration-field"])
    field(entry, "tool-field", cycle["tool-field"])
    cycle.verdicts.forEach((rule, i) => {
      field(entryAt(entry, "verdicts", i), "field", rule.field)
    })
    const durationField = cycle["duration-field"]
    const toolField = cycle["tool-field"]
    this.cycles.push({
      equipment: path,
      ...(durationField && { durationField }),
      ...(toolField && { toolField }),
      verdicts: cycle.verdicts,
    })
  }

  #wrong(entry: Entry, key: string, got: string, expected: string): void {
    const { place } = entryAt(entry, key)
    this.#input.problems.add("config-invalid", place, `${key}, ${got}, expected ${expected}`)
  }
}

type FieldFile = Omit<TagFile, "address"> & { readonly address: string }

function namesOf(entry: Entry | undefined): string[] {
  return entry?.kind === "map" ? [...entry.members.keys()] : []
}

function fieldNames(type: LoadedType | undefined): ReadonlySet<string> {
  return new Set(
    Object.entries(type?.file.records ?? {}).flatMap(([record, { fields }]) =>
      Object.keys(fields).map((field) => `${record}/${field}`),
    ),
  )
}

/** Keys of the second replace those of the first; problems then point at the file that holds the key. */
function overlay(base: Entry | undefined, over: Entry | undefined): Entry {
  if (base?.kind === "map" && over?.kind === "map") {
    const members = new Map<string, Member>([...base.members, ...over.members])
    return { kind: "map", place: over.place, members }
  }
  const entry = over ?? base
  if (!entry) throw new Error("a tag stands in its type or at its equipment")
  return entry
}

function push<Item>(map: Map<string, Item[]>, key: string, item: Item): void {
  const list = map.get(key)
  if (list) list.push(item)
  else map.set(key, [item])
}
