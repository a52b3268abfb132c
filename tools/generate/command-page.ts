import type { Command } from "commander"
import { row, tableOf } from "./schema-page.ts"

export function commandPage(program: Command): string {
  const intro = `# Command line

\`npm run moru -- COMMAND\`, or \`node src/main.ts COMMAND\`. Every command has \`--help\`. Exit codes: 0 done, 1 a problem that is
told with its remedy, 70 a defect of Moru, 130 stopped by a second Ctrl-C.
`
  return [intro, ...program.commands.flatMap((command) => sections(command, "moru"))].join("\n")
}

/** A command, or the commands within it. */
function sections(command: Command, within: string): string[] {
  const name = `${within} ${command.name()}`
  if (command.commands.length === 0) return [section(command, name)]
  return command.commands.flatMap((inner) => sections(inner, name))
}

function section(command: Command, name: string): string {
  const args = command.registeredArguments.map((a) =>
    a.required ? `<${a.name()}>` : `[${a.name()}]`,
  )
  const rows = [
    ...command.registeredArguments.map((a) =>
      row([`\`${a.name()}\``, a.description, defaultOf(a.defaultValue, a.required)]),
    ),
    ...command.options.map((o) =>
      row([`\`${o.flags}\``, o.description, defaultOf(o.defaultValue, o.mandatory)]),
    ),
  ]
  const table =
    rows.length === 0 ? "" : `\n${tableOf(["argument or option", "what", "default"], rows)}`
  return `## \`${[name, ...args].join(" ")}\`\n\n${command.description()}\n${table}`
}

function defaultOf(value: unknown, needed: boolean): string {
  if (value === undefined) return needed ? "**needed**" : "none"
  return `\`${typeof value === "string" ? value : JSON.stringify(value)}\``
}
