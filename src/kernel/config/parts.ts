import type { TSchema } from "typebox"
import type { Path } from "../../model/path.ts"
import type { DeciderConfig, MachineConfig, PartConfig, Plant } from "../../model/plant.ts"
import type { Kinds } from "../config.ts"
import type { PlantFile } from "../plant-file.ts"
import { didYouMean } from "../spelling.ts"
import { childOf, type Entry, entryAt, keyPlace, type Problems } from "./entry.ts"
import { checkShape } from "./shape.ts"

export interface CheckedParts extends Pick<Plant, "analysers" | "deciders" | "machines"> {
  readonly devices: readonly {
    readonly name: string
    readonly connector: string
    readonly options: unknown
  }[]
}

/** Checks what names a kind: the kind is known and its options pass that kind's schema. */
export function checkParts(
  file: PlantFile,
  root: Entry,
  context: {
    readonly kinds: Kinds
    readonly equipment: ReadonlySet<string>
    readonly problems: Problems
  },
): CheckedParts {
  const { kinds, problems } = context
  const check = (section: string, name: string, chosen: Chosen): unknown =>
    checkOptions(entryAt(root, section, name), chosen, problems)
  const part = (section: string, [name, given]: [string, PartFile]): PartConfig => {
    checkEquipment(entryAt(root, section, name, "equipment"), given.equipment, context)
    const known = section === "analysers" ? kinds.analysers : kinds.deciders
    const options = check(section, name, { key: "kind", kind: given.kind, known })
    return { name, kind: given.kind, equipment: given.equipment as Path, options }
  }
  return {
    devices: Object.entries(file.devices).map(([name, { connector }]) => ({
      name,
      connector,
      options: check("devices", name, {
        key: "connector",
        kind: connector,
        known: kinds.connectors,
      }),
    })),
    analysers: Object.entries(file.analysers).map((entry) => part("analysers", entry)),
    deciders: Object.entries(file.deciders).map(
      (entry): DeciderConfig => ({ ...part("deciders", entry), policy: entry[1].policy }),
    ),
    machines: Object.entries(file.machines).map(
      ([name, { kind }]): MachineConfig => ({
        name,
        kind,
        options: check("machines", name, { key: "kind", kind, known: kinds.machines }),
      }),
    ),
  }
}

interface PartFile {
  readonly kind: string
  readonly equipment: string
}

interface Chosen {
  /** The key that names the kind. */
  readonly key: "kind" | "connector"
  readonly kind: string
  readonly known: ReadonlyMap<string, TSchema>
}

function checkOptions(part: Entry, { key, kind, known }: Chosen, problems: Problems): unknown {
  const schema = known.get(kind)
  if (!schema) {
    const names = [...known.keys()]
    const what = `${key}, got "${kind}"${didYouMean(kind, names)}, expected one of ${names.join(", ")}`
    problems.add("config-invalid", entryAt(part, key).place, what)
    return {}
  }
  const none: Entry = { kind: "map", place: keyPlace(part, key), members: new Map() }
  const given = childOf(part, "options")
  return checkShape(schema, given ?? none, { name: `options of ${kind}`, problems })
}

function checkEquipment(
  entry: Entry,
  path: string,
  { equipment, problems }: { readonly equipment: ReadonlySet<string>; readonly problems: Problems },
): void {
  if (equipment.has(path)) return
  const what = `equipment, got "${path}"${didYouMean(path, equipment)}, expected the path of an equipment`
  problems.add("config-invalid", entry.place, what)
}
