import type { TSchema } from "typebox"
import { Value } from "typebox/value"
import { didYouMean } from "../kernel/spelling.ts"
import { Problem } from "../model/problem.ts"
import type { Connector } from "./connector.ts"

/**
 * Checks a device's options against its connector's schema and fills in the defaults. Throws one `option-invalid`
 * that names every wrong option.
 */
export function parseOptions<Options>(
  connector: Connector<Options>,
  given: unknown,
  where: string,
): Options {
  const schema = connector.options
  const options = Value.Default(schema, Value.Convert(schema, Value.Clone(given ?? {})))
  if (Value.Check(schema, options)) return options as Options
  throw new Problem("option-invalid", where, wrongOptions(schema, options).join("; "))
}

interface OptionSchema {
  readonly properties?: Readonly<Record<string, TSchema & OptionSchema>>
  readonly required?: readonly string[]
  /** What a person should write, in words. */
  readonly expected?: string
  readonly secret?: boolean
}

/** One sentence for each option that is unknown, missing or wrong. */
function wrongOptions(schema: OptionSchema, options: unknown): string[] {
  if (typeof options !== "object" || options === null)
    return [`got ${JSON.stringify(options)}, expected options, each with its value`]
  const given = options as Readonly<Record<string, unknown>>
  const known = schema.properties ?? {}
  const unknown = Object.keys(given)
    .filter((name) => !(name in known))
    .map((name) => `unknown option "${name}"${didYouMean(name, Object.keys(known))}`)
  const wrong = Object.entries(known).flatMap(([name, option]) => {
    const value = given[name]
    if (value === undefined) {
      const isMissing = schema.required?.includes(name)
      return isMissing
        ? [`option "${name}" is missing, expected ${expectation(option, value)}`]
        : []
    }
    if (Value.Check(option, value)) return []
    const got = option.secret ? "a secret" : JSON.stringify(value)
    return [`option "${name}": got ${got}, expected ${expectation(option, value)}`]
  })
  return [...unknown, ...wrong]
}

function expectation(option: TSchema & OptionSchema, value: unknown): string {
  if (option.expected) return option.expected
  const [error] = Value.Errors(option, value)
  return `what ${error?.message ?? "fits"}`
}
