import type { DeviceConfig, Plant } from "../../model/plant.ts"
import type { Tag } from "../../model/tag.ts"
import { isZone } from "../../model/zone.ts"
import type { LoadedPlant, LoadRequest } from "../config.ts"
import {
  type EquipmentFile,
  type EquipmentTypeFile,
  equipmentTypeFile,
  type PlantFile,
  plantFile,
} from "../plant-file.ts"
import { didYouMean } from "../spelling.ts"
import { brokerOf, checkRanges } from "./broker.ts"
import { edgesOf } from "./edges.ts"
import { type Entry, entryAt, type MapEntry, Problems } from "./entry.ts"
import { EquipmentBuilder, type LoadedType } from "./equipment.ts"
import { Gatherer } from "./gather.ts"
import { checkParts } from "./parts.ts"
import { checkShape } from "./shape.ts"
import { storageOf } from "./storage.ts"
import { textOf } from "./tag-check.ts"

/** Reads and checks the files of a plant. Never throws for what stands in them: everything wrong is a problem. */
export async function loadPlant(request: LoadRequest): Promise<LoadedPlant> {
  const problems = new Problems()
  const gatherer = new Gatherer(request, problems)
  const root = await gatherer.plant()
  if (!root) return { problems: sorted(problems), sources: gatherer.sources }
  const file = checkShape(plantFile, root, { name: "plant", problems }) as PlantFile
  const types = await loadTypes(file, root, { gatherer, problems })
  // What is missing as a whole would be missed wherever it is named: those problems would only hide the cause.
  const whole =
    gatherer.whole &&
    knowsAll(root, plantFile) &&
    [...types.values()].every((type) => type && knowsAll(type.entry, equipmentTypeFile))
  const plant = whole ? build({ file, root, types }, request, problems) : undefined
  const { sources } = gatherer
  if (!plant || problems.list.length > 0) return { problems: sorted(problems), sources }
  return { plant, problems: [], sources }
}

function knowsAll(entry: Entry, { properties }: { readonly properties: object }): boolean {
  return entry.kind === "map" && [...entry.members.keys()].every((key) => key in properties)
}

interface Gathered {
  readonly file: PlantFile
  readonly root: MapEntry
  readonly types: ReadonlyMap<string, LoadedType | undefined>
}

function build({ file, root, types }: Gathered, request: LoadRequest, problems: Problems): Plant {
  checkTimezone(file, root, problems)
  const builder = new EquipmentBuilder({
    types,
    problems,
    devices: new Map(Object.entries(file.devices).map(([name, d]) => [name, d.connector])),
    connectors: new Set(request.kinds.connectors.keys()),
  })
  builder.add(file.equipment, entryAt(root, "equipment"))
  checkInterlocks(builder, problems)
  const { equipment, tags } = builder
  checkRanges(file, root, problems)
  const broker = brokerOf(file.broker, root, { folder: request.folder, problems })
  const edges = edgesOf(file, root, { folder: request.folder, problems })
  const storage = storageOf(file.storage, root, problems)
  const parts = checkParts({ file, root, kinds: request.kinds, equipment, tags, problems })
  return {
    ...parts,
    name: textOf(file.name),
    timezone: file.timezone,
    equipment,
    tags,
    devices: parts.devices.map(
      (device): DeviceConfig => ({
        ...device,
        points: builder.points.get(device.name) ?? [],
        records: builder.records.get(device.name) ?? [],
      }),
    ),
    cycles: builder.cycles,
    states: builder.states,
    network: file.network,
    storage,
    ...(broker && { broker }),
    ...(edges.length > 0 && { edges }),
  }
}

async function loadTypes(
  file: PlantFile,
  root: MapEntry,
  { gatherer, problems }: { gatherer: Gatherer; problems: Problems },
): Promise<Map<string, LoadedType | undefined>> {
  const types = new Map<string, LoadedType | undefined>()
  for (const { name, entry } of mentionedTypes(file.equipment, entryAt(root, "equipment"))) {
    if (types.has(name)) continue
    const type = await gatherer.type(name, entry.place)
    types.set(name, type && checkType(name, type, problems))
  }
  return types
}

function* mentionedTypes(
  equipment: Readonly<Record<string, EquipmentFile>>,
  entry: Entry,
): Iterable<{ name: string; entry: Entry }> {
  for (const [key, file] of Object.entries(equipment)) {
    if (file.type) yield { name: file.type, entry: entryAt(entry, key, "type") }
    yield* mentionedTypes(file.contains, entryAt(entry, key, "contains"))
  }
}

function checkType(name: string, entry: Entry, problems: Problems): LoadedType {
  const file = checkShape(equipmentTypeFile, entry, { name, problems }) as EquipmentTypeFile
  for (const [i, key] of (["maker", "model"] as const).entries()) {
    const expected = name.split("/")[i] ?? ""
    if (file[key] !== expected)
      problems.add(
        "config-invalid",
        entryAt(entry, key).place,
        `${key}, got "${file[key]}", expected "${expected}" as the file's place says`,
      )
  }
  return { file, entry }
}

function checkTimezone(file: PlantFile, root: MapEntry, problems: Problems): void {
  if (isZone(file.timezone)) return
  const near = didYouMean(file.timezone, Intl.supportedValuesOf("timeZone"))
  problems.add(
    "config-invalid",
    entryAt(root, "timezone").place,
    `timezone, got "${file.timezone}"${near}, expected an IANA time zone such as Asia/Seoul`,
  )
}

/** An interlock's tag exists and its value can be compared as asked. */
function checkInterlocks(builder: EquipmentBuilder, problems: Problems): void {
  const tags = new Map(builder.tags.map((tag) => [tag.path, tag]))
  for (const tag of builder.tags)
    tag.writable?.interlocks.forEach((interlock, i) => {
      const entry = builder.tagEntries.get(tag.path)
      if (!entry) return
      const at = entryAt(entry, "writable", "interlocks", i)
      const looked = tags.get(interlock.tag)
      const relative = (t: Tag) => t.path.slice(t.equipment.length + 1)
      if (!looked) {
        const mine = builder.tags.filter((t) => t.equipment === tag.equipment).map(relative)
        const name = interlock.tag.slice(tag.equipment.length + 1)
        const what = `tag, got "${name}"${didYouMean(name, mine)}, expected a tag of the equipment`
        problems.add("config-invalid", entryAt(at, "tag").place, what)
      } else if (typeof interlock.value !== valueType[looked.kind])
        problems.add(
          "config-invalid",
          entryAt(at, "value").place,
          `value, got ${JSON.stringify(interlock.value)} for a ${looked.kind}, expected a ${valueType[looked.kind]}`,
        )
      else if (looked.kind !== "number" && !["=", "!="].includes(interlock.is))
        problems.add(
          "config-invalid",
          entryAt(at, "is").place,
          `is, got "${interlock.is}" for a ${looked.kind}, expected = or !=`,
        )
    })
}

const valueType = { number: "number", boolean: "boolean", text: "string" } as const

function sorted(problems: Problems) {
  const key = (where: string) => {
    const [, file = where, line = "0", column = "0"] = /^(.*):(\d+):(\d+)$/.exec(where) ?? []
    return { file, line: Number(line), column: Number(column) }
  }
  return problems.list.toSorted((a, b) => {
    const [x, y] = [key(a.where), key(b.where)]
    return x.file.localeCompare(y.file) || x.line - y.line || x.column - y.column
  })
}
