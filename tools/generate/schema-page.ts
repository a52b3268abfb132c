import { describe, type Schema } from "../../src/kernel/config/schema.ts"

export function row(cells: readonly string[]): string {
  return `| ${cells.map(cellOf).join(" | ")} |\n`
}

/** Outside of code, < would begin a tag. */
function cellOf(text: string): string {
  const parts = text.replaceAll("|", "\\|").replaceAll("\n", " ").split("`")
  return parts.map((part, i) => (i % 2 === 0 ? part.replaceAll("<", "&lt;") : part)).join("`")
}

export function tableOf(heads: readonly string[], rows: readonly string[]): string {
  return `${row(heads)}${row(heads.map(() => "---"))}${rows.join("")}`
}

/** One table for all options, those within others written `user.password`. */
export function optionTable(schema: Schema): string {
  const rows = optionRows(schema, "")
  return rows.length === 0
    ? "No options.\n"
    : tableOf(["option", "what", "expected", "default"], rows)
}

function optionRows(schema: Schema, within: string): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, option]) => {
    const name = `${within}${key}`
    const inner = option.properties ? optionRows(option, `${name}.`) : []
    return [memberRow(name, option, schema), ...inner]
  })
}

/** A section for each map of keys, from the outside in; `links` says what stands for those that are told elsewhere. */
export function schemaSections(schema: Schema, links: Readonly<Record<string, string>>): string {
  return [...sections(schema, "", links)].join("\n")
}

function* sections(
  schema: Schema,
  path: string,
  links: Readonly<Record<string, string>>,
): Iterable<string> {
  const members = Object.entries(schema.properties ?? {})
  const rows = members.map(([key, member]) => memberRow(key, member, schema))
  if (path !== "") yield `## \`${path}\`\n${schema.description ? `\n${schema.description}\n` : ""}`
  yield tableOf(["key", "what", "expected", "default"], rows)
  for (const [key, member] of members) {
    const { inner, name } = within(member, path === "" ? key : `${path}.${key}`)
    const told = links[name]
    if (told !== undefined) yield `## \`${name}\`\n\n${told}\n`
    else if (inner) yield* sections(inner, name, links)
  }
}

/** The map of keys that a member leads to, with its path: itself, each of its names or each of its entries. */
function within(member: Schema, path: string): { inner?: Schema; name: string } {
  if (member.properties) return { inner: member, name: path }
  const [named] = Object.values(member.patternProperties ?? {})
  if (named) return innerOf(resolve(named), `${path}.<name>`, path)
  if (member.items && !Array.isArray(member.items))
    return innerOf(member.items as Schema, `${path}[]`, path)
  return { name: path }
}

function innerOf(inner: Schema, name: string, path: string): { inner?: Schema; name: string } {
  return inner.properties ? { inner, name } : { name: path }
}

function resolve(schema: Schema): Schema {
  return (schema.$ref && schema.$defs?.[schema.$ref]) || schema
}

function memberRow(key: string, member: Schema, parent: Schema): string {
  const expected = member.secret
    ? `a secret, by \`\${env:NAME}\` or \`\${file:path}\``
    : describe(resolve(member))
  return row([`\`${key}\``, member.description ?? "", expected, defaultOf(key, member, parent)])
}

function defaultOf(key: string, member: Schema, parent: Schema): string {
  if (member.default !== undefined) {
    const text =
      typeof member.default === "string" ? member.default : JSON.stringify(member.default)
    return text === "{}" || text === "[]" ? "none" : `\`${text}\``
  }
  const name = key.slice(key.lastIndexOf(".") + 1)
  return parent.required?.includes(name) ? "**needed**" : "none"
}
