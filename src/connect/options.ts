import type { TSchema } from "typebox"
import { Value } from "typebox/value"
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
    .map((name) => {
      const near = closest(name, Object.keys(known))
      return `unknown option "${name}"${near ? `, did you mean "${near}"?` : ""}`
    })
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

function closest(word: string, candidates: readonly string[]): string | undefined {
  const near = candidates
    .map((candidate) => ({ candidate, distance: distanceOf(word, candidate) }))
    .sort((a, b) => a.distance - b.distance)[0]
  return near && near.distance <= Math.max(1, word.length / 3) ? near.candidate : undefined
}

/** Levenshtein distance. */
function distanceOf(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = (above[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      row.push(Math.min(replaced, (above[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1))
    }
    above = row
  }
  return above[b.length] ?? 0
}

const units: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}

export const durationPattern = "^\\d+(\\.\\d+)?(ms|s|min|h|d)$"

/** Milliseconds of a length such as `250ms`, `10s` or `1h` that passed `durationPattern`. */
export function durationMs(text: string): number {
  const unit = text.replace(/^[\d.]+/, "")
  return Number.parseFloat(text) * (units[unit] ?? Number.NaN)
}
