import type { TSchema } from "typebox"
import { type Schema, schemaOf } from "../../src/kernel/config/schema.ts"
import type { Kinds } from "../../src/kernel/config.ts"
import { equipmentTypeFile, plantFile, plantPartFile } from "../../src/kernel/plant-file.ts"

const draft = "http://json-schema.org/draft-07/schema#"
const reference = { type: "string", pattern: "\\$\\{(env|file):" }

type Json = Record<string, unknown>

/** JSON Schemas for editors, made of the same schemas that check the files, with each kind's options filled in. */
export function editorSchemas(kinds: Kinds): Record<string, Json> {
  return {
    plant: root(withKinds(plantFile, kinds)),
    "plant-part": root(withKinds(plantPartFile, kinds)),
    "equipment-type": root(schemaOf(equipmentTypeFile)),
  }
}

function root(schema: Schema): Json {
  const definitions: Json = {}
  return { $schema: draft, ...forEditor(schema, definitions), definitions }
}

/** An editor must not ask for what has a default, and must let references stand for any value. */
function forEditor(schema: Schema, definitions: Json): Json {
  const { $ref, $defs, required, secret, expected, aliases, refers, ...rest } = schema
  if ($ref !== undefined) {
    const own = $defs?.[$ref]
    if (own) {
      definitions[$ref] = {}
      const { $id: _, ...definition } = forEditor(own, definitions)
      definitions[$ref] = definition
    }
    return { $ref: `#/definitions/${$ref}` }
  }
  const json: Json = { ...rest }
  for (const key of ["properties", "patternProperties"] as const)
    if (schema[key]) json[key] = mapValues(schema[key], (inner) => forEditor(inner, definitions))
  if (Array.isArray(schema.items))
    json.items = schema.items.map((item) => forEditor(item, definitions))
  else if (schema.items) json.items = forEditor(schema.items as Schema, definitions)
  if (schema.anyOf) json.anyOf = schema.anyOf.map((branch) => forEditor(branch, definitions))
  const needed = required?.filter((key) => schema.properties?.[key]?.default === undefined) ?? []
  if (needed.length > 0) json.required = needed
  if (schema.type === "object" && schema.properties) json.additionalProperties ??= false
  return isLeaf(schema) ? orReference(json, secret === true) : json
}

function isLeaf(schema: Schema): boolean {
  if (schema.const !== undefined) return false
  if (schema.enum) return true
  return schema.type !== undefined && schema.type !== "object" && schema.type !== "array"
}

function orReference(json: Json, only: boolean): Json {
  const { description, default: fallback, ...leaf } = json
  const plainText = leaf.type === "string" && !leaf.pattern && !leaf.enum
  const about = {
    ...(description !== undefined && { description }),
    ...(fallback !== undefined && { default: fallback }),
  }
  if (only) return { ...about, ...reference }
  return plainText ? { ...about, ...leaf } : { ...about, anyOf: [leaf, reference] }
}

/** Names the known kinds in each section and ties the options to them. */
function withKinds(file: TSchema, kinds: Kinds): Schema {
  const schema = schemaOf(file)
  const sections = {
    devices: { key: "connector", known: kinds.connectors },
    analysers: { key: "kind", known: kinds.analysers },
    deciders: { key: "kind", known: kinds.deciders },
    machines: { key: "kind", known: kinds.machines },
  } as const
  const properties = { ...schema.properties }
  for (const [name, { key, known }] of Object.entries(sections)) {
    const section = properties[name]
    if (!section) continue
    properties[name] = {
      ...section,
      patternProperties: mapValues(section.patternProperties ?? {}, (member) =>
        tie(member, key, known),
      ),
    }
  }
  return { ...schema, properties }
}

function tie(member: Schema, key: string, known: ReadonlyMap<string, TSchema>): Schema {
  const chooser = { ...member.properties?.[key], enum: [...known.keys()] }
  const oneOf = [...known].map(([name, options]) => ({
    properties: { [key]: { const: name }, options: forEditor(schemaOf(options), {}) },
  }))
  return { ...member, properties: { ...member.properties, [key]: chooser }, oneOf } as Schema
}

function mapValues<In, Out>(
  map: Readonly<Record<string, In>>,
  change: (value: In) => Out,
): Record<string, Out> {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, change(value)]))
}
