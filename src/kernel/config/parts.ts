import type { TSchema } from "typebox"
import type { Equipment } from "../../model/equipment.ts"
import type { Path } from "../../model/path.ts"
import type { PartConfig, Plant } from "../../model/plant.ts"
import type { Tag } from "../../model/tag.ts"
import type { Kinds } from "../config.ts"
import type { PlantFile } from "../plant-file.ts"
import { didYouMean } from "../spelling.ts"
import { childOf, type Entry, entryAt, keyPlace, type Problems } from "./entry.ts"
import { checkRefers, namesAt } from "./refers.ts"
import { schemaOf } from "./schema.ts"
import { checkShape } from "./shape.ts"

export interface CheckedParts extends Pick<Plant, "analysers" | "deciders" | "machines"> {
  readonly devices: readonly {
    readonly name: string
    readonly connector: string
    readonly edge?: string
    readonly options: unknown
  }[]
}

export interface PartsInput {
  readonly file: PlantFile
  readonly root: Entry
  readonly kinds: Kinds
  readonly equipment: readonly Equipment[]
  readonly tags: readonly Tag[]
  readonly problems: Problems
}

/** Checks what names a kind: the kind is known, its options pass that kind's schema and name what is there. */
export function checkParts(input: PartsInput): CheckedParts {
  const { file, kinds } = input
  return {
    devices: Object.entries(file.devices).map(([name, { connector: kind, edge }]) => {
      const chosen = { section: "devices", name, key: "connector", kind } as const
      const options = checkOptions(input, chosen, kinds.connectors)
      return { name, connector: kind, options, ...(edge !== undefined && { edge }) }
    }),
    analysers: Object.entries(file.analysers).map(([name, part]) =>
      checkPart(input, { section: "analysers", name, ...part }),
    ),
    deciders: Object.entries(file.deciders).map(([name, { policy, ...part }]) => ({
      ...checkPart(input, { section: "deciders", name, ...part }),
      policy,
    })),
    machines: Object.entries(file.machines).map(([name, { kind, edge }]) => {
      const chosen = { section: "machines", name, key: "kind", kind } as const
      const options = checkOptions(input, chosen, kinds.machines)
      return { name, kind, options, ...(edge !== undefined && { edge }) }
    }),
  }
}

interface PartFile {
  readonly section: "analysers" | "deciders"
  readonly name: string
  readonly kind: string
  readonly equipment: string
}

function checkPart(input: PartsInput, { section, name, kind, equipment }: PartFile): PartConfig {
  const { root, tags, problems } = input
  const known = input.kinds[section]
  const options = checkOptions(input, { section, name, key: "kind", kind }, known)
  const entry = entryAt(root, section, name)
  const paths = input.equipment.map(({ path }) => path)
  const path = paths.find((p) => p === equipment)
  const schema = known.get(kind)
  const written = childOf(entry, "options")
  if (path === undefined) {
    const what = `equipment, got "${equipment}"${didYouMean(equipment, paths)}, expected the path of an equipment`
    problems.add("config-invalid", entryAt(entry, "equipment").place, what)
  } else if (schema && written)
    checkRefers(schemaOf(schema), written, { names: namesAt(path, tags), problems })
  return { name, kind, equipment: path ?? (equipment as Path), options }
}

interface Chosen {
  readonly section: "devices" | "analysers" | "deciders" | "machines"
  readonly name: string
  /** The key that names the kind. */
  readonly key: "kind" | "connector"
  readonly kind: string
}

function checkOptions(
  { root, problems }: PartsInput,
  { section, name, key, kind }: Chosen,
  known: ReadonlyMap<string, TSchema>,
): unknown {
  const part = entryAt(root, section, name)
  const schema = known.get(kind)
  if (!schema) {
    const names = [...known.keys()]
    const what = `${key}, got "${kind}"${didYouMean(kind, names)}, expected one of ${names.join(", ")}`
    problems.add("config-invalid", entryAt(part, key).place, what)
    return {}
  }
  const none: Entry = { kind: "map", place: keyPlace(part, key), members: new Map() }
  const given = childOf(part, "options") ?? none
  return checkShape(schema, given, { name: `options of ${kind}`, problems })
}
