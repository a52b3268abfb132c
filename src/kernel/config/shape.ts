import type { TSchema } from "typebox"
import { Value } from "typebox/value"
import { didYouMean, nearest } from "../spelling.ts"
import {
  type Entry,
  entryAt,
  type ListEntry,
  type MapEntry,
  Problems,
  quote,
  type Scalar,
  type ScalarEntry,
} from "./entry.ts"
import { choicesOf, describe, placeholder, type Schema, schemaOf } from "./schema.ts"

/**
 * Checks an entry against a schema and gives it as a plain value with the defaults filled in. Everything wrong goes to
 * `problems` with its place; the value then holds stand-ins there, so that it always has the schema's shape.
 */
export function checkShape(
  schema: TSchema,
  entry: Entry,
  context: { readonly name: string; readonly problems: Problems },
): unknown {
  const before = context.problems.list.length
  const shape = new Shape(context.problems)
  const value = shape.check(schemaOf(schema), entry, context.name)
  if (context.problems.list.length === before)
    for (const error of Value.Errors(schema, value)) {
      const keys = error.instancePath.split("/").slice(1)
      const at = entryAt(entry, ...keys)
      context.problems.add("config-invalid", at.place, `${keys.at(-1) ?? ""}, ${error.message}`)
    }
  return value
}

/** The entry as a plain value, unchecked. */
export function plain(entry: Entry): unknown {
  if (entry.kind === "scalar") return entry.value
  if (entry.kind === "list") return entry.items.map(plain)
  return Object.fromEntries([...entry.members].map(([key, member]) => [key, plain(member.entry)]))
}

class Shape {
  readonly #problems: Problems
  #defs: Readonly<Record<string, Schema>> = {}

  constructor(problems: Problems) {
    this.#problems = problems
  }

  check(given: Schema, entry: Entry, name: string): unknown {
    const schema = this.#resolve(given)
    if (schema.secret) this.#checkSecret(entry, name)
    if (choicesOf(schema)) return this.#choice(schema, entry, name)
    if (schema.anyOf) return this.#union(schema, entry, name)
    if (schema.type === undefined) return plain(entry)
    if (schema.type === "object" && entry.kind === "map") return this.#object(schema, entry, name)
    if (schema.type === "array" && entry.kind === "list") return this.#list(schema, entry, name)
    if (entry.kind === "scalar") return this.#scalar(schema, entry, name)
    return this.#wrong(schema, entry, name)
  }

  #resolve(schema: Schema): Schema {
    if (schema.$defs) this.#defs = { ...this.#defs, ...schema.$defs }
    return schema.$ref === undefined ? schema : (this.#defs[schema.$ref] ?? {})
  }

  #wrong(schema: Schema, entry: Entry, name: string): unknown {
    const got = schema.secret ? "got another kind of value" : quote(entry)
    const also = schema.secret ? "" : this.#also(schema, entry)
    this.#problems.add(
      "config-invalid",
      entry.place,
      `${name}, ${got}${also}, expected ${describe(schema)}`,
    )
    return placeholder(schema)
  }

  #also(schema: Schema, entry: Entry): string {
    if (entry.kind !== "scalar" || entry.template !== undefined) return ""
    const { value } = entry
    const choices = choicesOf(schema)
    if (choices && typeof value === "string") return meant(value, schema, choices.map(String))
    const wantsText = wants(schema, "string") || (choices?.includes(String(value)) ?? false)
    if (wantsText && typeof value === "number") return " (a number; put it in quotes)"
    if (wantsText && typeof value === "boolean") return " (true or false; put it in quotes)"
    if (!wantsText && typeof value === "string" && value !== "" && !Number.isNaN(Number(value)))
      return " (a text; take the quotes away)"
    return ""
  }

  #checkSecret(entry: Entry, name: string): void {
    const template = entry.kind === "scalar" ? entry.template : undefined
    if (template !== undefined && /^\$\{(env|file):(?![^}]*:-)[^}]+\}$/.test(template)) return
    this.#problems.add(
      "config-invalid",
      entry.place,
      `${name}, got a secret in plain text, expected \${env:NAME} or \${file:path}`,
    )
  }

  #choice(schema: Schema, entry: Entry, name: string): unknown {
    const choices = choicesOf(schema) ?? []
    if (entry.kind !== "scalar") return this.#wrong(schema, entry, name)
    const found = choices.find(
      (c) => c === entry.value || (entry.template !== undefined && String(c) === entry.value),
    )
    return found ?? this.#wrong(schema, entry, name)
  }

  /** The only branch that fits the kind of entry, or the one with the fewest problems. */
  #union(schema: Schema, entry: Entry, name: string): unknown {
    const fitting = (schema.anyOf ?? []).filter((branch) => fits(this.#resolve(branch), entry))
    const [only] = fitting
    if (only === undefined) return this.#wrong(schema, entry, name)
    let best: { branch: Schema; count: number } = { branch: only, count: Number.POSITIVE_INFINITY }
    if (fitting.length > 1)
      for (const branch of fitting) {
        const trial = new Problems()
        const shape = new Shape(trial)
        shape.#defs = this.#defs
        shape.check(branch, entry, name)
        if (trial.list.length < best.count) best = { branch, count: trial.list.length }
      }
    return this.check(best.branch, entry, name)
  }

  #object(schema: Schema, entry: MapEntry, name: string): unknown {
    const value: Record<string, unknown> = {}
    const misspelt = new Set<string>()
    for (const [key, member] of entry.members) {
      const inner = this.#memberSchema(schema, key)
      if (inner) value[key] = this.check(inner, member.entry, key)
      else this.#unknownKey(schema, { key, entry, name }, misspelt)
    }
    const missing = (schema.required ?? []).filter(
      (key) => !entry.members.has(key) && schema.properties?.[key]?.default === undefined,
    )
    const said = missing.filter((key) => !misspelt.has(key))
    if (said.length > 0) {
      const each = said.map(
        (key) => `no "${key}", expected ${describe(this.#property(schema, key))}`,
      )
      this.#problems.add("config-invalid", entry.place, `${name}, got ${each.join("; ")}`)
    }
    for (const key of missing) value[key] = placeholder(this.#property(schema, key))
    for (const [key, inner] of Object.entries(schema.properties ?? {}))
      if (!entry.members.has(key) && inner.default !== undefined) value[key] = filledDefault(inner)
    return value
  }

  #property(schema: Schema, key: string): Schema {
    return this.#resolve(schema.properties?.[key] ?? {})
  }

  #memberSchema(schema: Schema, key: string): Schema | undefined {
    if (schema.properties && Object.hasOwn(schema.properties, key)) return schema.properties[key]
    for (const [pattern, inner] of Object.entries(schema.patternProperties ?? {}))
      if (new RegExp(pattern, "u").test(key)) return inner
    if (schema.additionalProperties === true) return {}
    return typeof schema.additionalProperties === "object" ? schema.additionalProperties : undefined
  }

  #unknownKey(
    schema: Schema,
    at: { key: string; entry: MapEntry; name: string },
    misspelt: Set<string>,
  ): void {
    const { key, entry, name } = at
    const place = entry.members.get(key)?.key ?? entry.place
    if (schema.patternProperties) {
      const what = `${name}, got name ${JSON.stringify(key)}, expected a name of a-z, 0-9, - and _`
      this.#problems.add("path-invalid", place, what)
      return
    }
    const known = Object.keys(schema.properties ?? {})
    const near = nearest(
      key,
      known.filter((k) => !entry.members.has(k)),
    )
    if (near !== undefined) misspelt.add(near)
    const what = near === undefined ? "" : ` (did you mean "${near}"?)`
    const expected = `one of ${known.join(", ")}`
    this.#problems.add(
      "config-unknown-key",
      place,
      `${name}, got unknown key "${key}"${what}, expected ${expected}`,
    )
  }

  #list(schema: Schema, entry: ListEntry, name: string): unknown {
    const { items } = schema
    if (!Array.isArray(items))
      return this.#bounded(
        schema,
        entry,
        entry.items.map((item) => this.check((items as Schema | undefined) ?? {}, item, name)),
        name,
      )
    if (entry.items.length !== items.length) return this.#wrong(schema, entry, name)
    return items.map((item, i) => this.check(item, entryAt(entry, i), name))
  }

  #bounded(schema: Schema, entry: ListEntry, value: unknown[], name: string): unknown {
    const { minItems = 0, maxItems = Number.POSITIVE_INFINITY } = schema
    const n = value.length
    if (n < minItems || n > maxItems) {
      const bound = n < minItems ? `at least ${minItems}` : `at most ${maxItems}`
      const what = `${name}, got a list of ${n}, expected ${bound}`
      this.#problems.add("config-invalid", entry.place, what)
    }
    return value
  }

  #scalar(schema: Schema, entry: ScalarEntry, name: string): unknown {
    const value = entry.template === undefined ? entry.value : convert(entry.value, schema)
    return Value.Check(schema as TSchema, value) ? value : this.#wrong(schema, entry, name)
  }
}

function meant(word: string, schema: Schema, choices: readonly string[]): string {
  const alias = schema.aliases?.[word]
  return alias === undefined ? didYouMean(word, choices) : ` (did you mean "${alias}"?)`
}

function wants(schema: Schema, type: Schema["type"]): boolean {
  return schema.type === type || (schema.anyOf?.some((branch) => branch.type === type) ?? false)
}

function filledDefault(schema: Schema): unknown {
  return Value.Default(schema as TSchema, structuredClone(schema.default))
}

/** What was filled in is a text; where the schema wants a number or a truth it becomes one. */
function convert(value: Scalar, schema: Schema): Scalar {
  if (typeof value !== "string") return value
  if ((schema.type === "number" || schema.type === "integer") && /^-?\d+(\.\d+)?$/.test(value))
    return Number(value)
  if (schema.type === "boolean" && /^(true|false)$/.test(value)) return value === "true"
  return value
}

function fits(schema: Schema, entry: Entry): boolean {
  if (entry.kind === "map") return schema.type === "object"
  if (entry.kind === "list") return schema.type === "array"
  const choices = choicesOf(schema)
  if (choices) return choices.includes(entry.value)
  if (schema.type === undefined) return true
  if (schema.type === "null") return entry.value === null
  const wanted = schema.type === "integer" ? "number" : schema.type
  return (
    typeof entry.value === wanted ||
    (entry.template !== undefined && wanted !== "object" && wanted !== "array")
  )
}
