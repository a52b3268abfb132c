import { Type } from "typebox"
import { durationText } from "../kernel/tag-file.ts"
import { Problem } from "../model/problem.ts"

/** Kinds of options that several connectors have. */

export const duration = (description: string, byDefault: string) =>
  durationText({ description, default: byDefault })

export const oneOf = <Name extends string>(
  names: readonly Name[],
  byDefault: NoInfer<Name>,
  description: string,
) =>
  Type.Union(
    names.map((name) => Type.Literal(name)),
    { default: byDefault, description, expected: names.join(", ") },
  )

export const whole = (
  [minimum, maximum]: readonly [number, number],
  byDefault: number,
  description: string,
) =>
  Type.Integer({
    minimum,
    maximum,
    default: byDefault,
    description,
    expected: `a whole number from ${minimum} to ${maximum}`,
  })

/** Throws `option-invalid` for an address without a host. */
export function checkHost({ hostname, href }: URL): void {
  if (hostname === "")
    throw new Problem("option-invalid", href, "got no host, expected one behind //")
}

/** Options `host` and `port` of an address such as `s7://192.168.0.30?rack=0`, and each of its query. */
export function hostOptions(address: URL): Readonly<Record<string, unknown>> {
  checkHost(address)
  const { hostname, port, searchParams } = address
  const host = hostname.replace(/^\[(.*)\]$/, "$1")
  return { ...Object.fromEntries(searchParams), host, ...(port !== "" && { port: Number(port) }) }
}

/** How JSON documents hold several samples: see `document-parts.ts`. */
export const partProperties = {
  each: Type.Optional(
    Type.String({
      minLength: 1,
      description:
        "Place of a list in JSON whose entries are read one by one, each with its own `time`, such as `samples`; `$` where the whole is the list.",
      expected: "a place such as samples, or $",
    }),
  ),
  name: Type.Optional(
    Type.String({
      minLength: 1,
      description:
        "Place in an entry of `each` of the text that names its value, such as `id`: the entry is then read as if it were `{<name>: <value>}`.",
      expected: "a place such as id",
    }),
  ),
  value: Type.String({
    minLength: 1,
    default: "value",
    description: "Place in an entry of the value that `name` names.",
    expected: "a place such as value or v",
  }),
}
