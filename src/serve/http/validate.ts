import type { FastifySchemaCompiler } from "fastify"
import type { TSchema } from "typebox"
import { Compile } from "typebox/compile"
import { Value } from "typebox/value"
import { didYouMean } from "../../kernel/spelling.ts"
import { Problem } from "../../model/problem.ts"

/**
 * Checks requests by their schemas. Addresses carry text, so their numbers and switches are converted first; a body says
 * its own kinds and is never converted: `"5"` is no set point of 5.
 */
export const validatorCompiler: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  const check = Compile(schema)
  const place = httpPart === "body" ? "body" : "address"
  return (given: unknown) => {
    const value = httpPart === "body" ? given : Value.Convert(schema, given)
    if (check.Check(value)) return { value }
    return { error: problemOf([...check.Errors(value)], { schema, value, place }) }
  }
}

type SchemaError = ReturnType<ReturnType<typeof Compile>["Errors"]>[number]

interface Checked {
  readonly schema: TSchema
  readonly value: unknown
  readonly place: string
}

function problemOf(errors: readonly SchemaError[], checked: Checked): Problem {
  const unknown = errors.find((error) => error.keyword === "additionalProperties")
  if (unknown) return unknownKey(unknown, checked)
  const missing = errors.find((error) => error.keyword === "required")
  if (missing) {
    const [key = ""] = (missing.params as { requiredProperties: string[] }).requiredProperties
    return refusal(checked, `${missing.instancePath}/${key}`, "got nothing, expected a value")
  }
  const first = errors[0]
  const path = first?.instancePath ?? ""
  const expected = errors.filter((error) => error.instancePath === path).flatMap(expectation)
  return refusal(checked, path, `got ${shown(checked.value, path)}, expected ${list(expected)}`)
}

function unknownKey(error: SchemaError, checked: Checked): Problem {
  const [key = ""] = (error.params as { additionalProperties: string[] }).additionalProperties
  const known = Object.keys((checked.schema as { properties?: object }).properties ?? {})
  const what = `got a key that nobody knows, expected ${list(known)}${didYouMean(key, known)}`
  return refusal(checked, `${error.instancePath}/${key}`, what)
}

function refusal({ place }: Checked, path: string, what: string): Problem {
  const field = path.slice(1).replaceAll("/", ".")
  return new Problem("request-invalid", field === "" ? place : `${place} ${field}`, what)
}

function expectation(error: SchemaError): string[] {
  const params = error.params as Readonly<Record<string, unknown>>
  switch (error.keyword) {
    case "anyOf":
      return []
    case "type":
      return [`${params.type}`]
    case "const":
      return [JSON.stringify(params.allowedValue)]
    default:
      return [error.message.replace(/^must /, "it to ")]
  }
}

/** What was got, without giving secrets away. */
function shown(value: unknown, path: string): string {
  if (/password|token|next/.test(path)) return "another"
  const found = Value.Pointer.Get(value as object, path)
  const text = JSON.stringify(found) ?? "nothing"
  return text.length > 60 ? `${text.slice(0, 60)}...` : text
}

function list(words: readonly string[]): string {
  if (words.length < 2) return words[0] ?? "something else"
  return `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`
}
