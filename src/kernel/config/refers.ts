import type { Tag } from "../../model/tag.ts"
import { didYouMean } from "../spelling.ts"
import { childOf, type Entry, type Problems } from "./entry.ts"
import type { Schema } from "./schema.ts"

/** What options of analysers and deciders may name at their equipment, by the schema's word `refers`. */
export interface Names {
  readonly tag: ReadonlySet<string>
  readonly "set-point": ReadonlySet<string>
  readonly field: ReadonlySet<string>
}

const words = { tag: "a tag", "set-point": "a writable tag", field: "a cycle field" } as const

/** The names at one equipment, without its path; a field's tag stands beneath its record. */
export function namesAt(equipment: string, tags: readonly Tag[]): Names {
  const names = { tag: new Set<string>(), "set-point": new Set<string>(), field: new Set<string>() }
  for (const { path, writable, ...tag } of tags) {
    if (tag.equipment !== equipment) continue
    const [name = "", field] = path.slice(equipment.length + 1).split("/")
    if (field !== undefined) names.field.add(field)
    else names.tag.add(name)
    if (writable) names["set-point"].add(name)
  }
  return names
}

/** An option that names a tag or field of the equipment names one that is there. */
export function checkRefers(
  schema: Schema,
  entry: Entry,
  { names, problems }: { readonly names: Names; readonly problems: Problems },
): void {
  if (schema.refers && entry.kind === "scalar") {
    const known = names[schema.refers]
    const name = String(entry.value)
    if (known.has(name)) return
    const what = `got "${entry.written}"${didYouMean(name, known)}, expected ${words[schema.refers]} of the equipment`
    problems.add("config-invalid", entry.place, what)
  } else if (entry.kind === "list" && schema.items && !Array.isArray(schema.items))
    for (const item of entry.items) checkRefers(schema.items as Schema, item, { names, problems })
  else
    for (const [key, inner] of Object.entries(schema.properties ?? {})) {
      const child = childOf(entry, key)
      if (child) checkRefers(inner, child, { names, problems })
    }
}
