import type { TSchema } from "typebox"

/** The part of JSON Schema that our schemas are made of, as the checker and the docs read it. */
export interface Schema {
  readonly type?: "object" | "array" | "string" | "number" | "integer" | "boolean" | "null"
  readonly description?: string
  readonly default?: unknown
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly anyOf?: readonly Schema[]
  readonly items?: Schema | readonly Schema[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly patternProperties?: Readonly<Record<string, Schema>>
  readonly additionalProperties?: boolean | Schema
  readonly required?: readonly string[]
  readonly minimum?: number
  readonly maximum?: number
  readonly exclusiveMinimum?: number
  readonly exclusiveMaximum?: number
  readonly minLength?: number
  readonly pattern?: string
  readonly minItems?: number
  readonly maxItems?: number
  readonly $ref?: string
  readonly $defs?: Readonly<Record<string, Schema>>
  /** Ours: what a problem says is expected. */
  readonly expected?: string
  /** Ours: what people write instead, and what they mean. */
  readonly aliases?: Readonly<Record<string, string>>
  /** Ours: the text names a tag, a writable tag or a cycle field of the equipment. */
  readonly refers?: "tag" | "set-point" | "field"
  /** Ours: only by `${env:}` or `${file:}`, and never shown. */
  readonly secret?: boolean
}

export function schemaOf(schema: TSchema): Schema {
  return schema as Schema
}

/** The values that a schema chooses from, where it is a choice. */
export function choicesOf(schema: Schema): readonly unknown[] | undefined {
  if (schema.enum) return schema.enum
  if (schema.const !== undefined) return [schema.const]
  const choices = schema.anyOf?.map((branch) => branch.const)
  return choices?.every((choice) => choice !== undefined) ? choices : undefined
}

/** What the schema wants, as the end of "expected ...". */
export function describe(schema: Schema): string {
  if (schema.expected) return schema.expected
  const choices = choicesOf(schema)
  if (choices) {
    const shown = choices.slice(0, 12).map(String)
    if (shown.length === 1) return `${shown[0]}`
    return `one of ${shown.join(", ")}${choices.length > 12 ? ", ..." : ""}`
  }
  if (schema.anyOf) return schema.anyOf.map(describe).join(" or ")
  switch (schema.type) {
    case "object":
      return "keys and values"
    case "array":
      return describeList(schema)
    case "string":
      return describeText(schema)
    case "number":
    case "integer":
      return describeNumber(schema)
    case "boolean":
      return "true or false"
    case "null":
      return "nothing"
    default:
      return "any value"
  }
}

function describeList({ items }: Schema): string {
  if (isTuple(items)) return `a list of ${items.length}`
  const isPlain = items && !items.properties && items.type !== "array"
  return isPlain ? `a list, each ${describe(items)}` : "a list"
}

function isTuple(items: Schema["items"]): items is readonly Schema[] {
  return Array.isArray(items)
}

function describeText(schema: Schema): string {
  if (schema.pattern) return `a text that matches ${schema.pattern}`
  return (schema.minLength ?? 0) > 0 ? "a text that is not empty" : "a text"
}

function describeNumber(schema: Schema): string {
  const kind = `a ${schema.type === "integer" ? "whole " : ""}number`
  if (schema.minimum !== undefined && schema.maximum !== undefined)
    return `${kind} from ${schema.minimum} to ${schema.maximum}`
  const bounds = [
    schema.minimum === undefined ? "" : ` of at least ${schema.minimum}`,
    schema.exclusiveMinimum === undefined ? "" : ` above ${schema.exclusiveMinimum}`,
    schema.maximum === undefined ? "" : ` of at most ${schema.maximum}`,
    schema.exclusiveMaximum === undefined ? "" : ` below ${schema.exclusiveMaximum}`,
  ].filter((bound) => bound !== "")
  return `${kind}${bounds.join(" and")}`
}

/** A value of the schema's shape that stands in for a wrong one, so that the rest can be checked in the same run. */
export function placeholder(schema: Schema): unknown {
  if (schema.default !== undefined) return structuredClone(schema.default)
  const choices = choicesOf(schema)
  if (choices) return choices[0]
  if (schema.anyOf?.[0]) return placeholder(schema.anyOf[0])
  switch (schema.type) {
    case "object":
      return Object.fromEntries(
        (schema.required ?? []).map((key) => [key, placeholder(schema.properties?.[key] ?? {})]),
      )
    case "array":
      return Array.isArray(schema.items) ? schema.items.map(placeholder) : []
    case "string":
      return ""
    case "number":
    case "integer":
      return schema.minimum ?? 0
    case "boolean":
      return false
    default:
      return null
  }
}
