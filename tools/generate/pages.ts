import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { analysers } from "../../src/analyse/registry.ts"
import { connectors } from "../../src/connect/registry.ts"
import { deciders } from "../../src/decide/registry.ts"
import { schemaOf } from "../../src/kernel/config/schema.ts"
import { equipmentTypeFile, plantFile } from "../../src/kernel/plant-file.ts"
import { commandLine } from "../../src/main.ts"
import { problems } from "../../src/model/problem.ts"
import { units } from "../../src/model/unit.ts"
import { loadKinds } from "../../src/moru/kinds.ts"
import { version } from "../../src/moru/version.ts"
import { openApiDocument } from "../../src/serve/http/document.ts"
import { machines } from "../../src/twin/registry.ts"
import { apiPage } from "./api-page.ts"
import { commandPage } from "./command-page.ts"
import { editorSchemas } from "./editor-schema.ts"
import { optionTable, row, schemaSections, tableOf } from "./schema-page.ts"

const generated = "<!-- Made by `npm run generate`; edit the source instead. -->\n"

/** Every generated file, by its path from the root. */
export async function generatePages(root: string): Promise<ReadonlyMap<string, string>> {
  const pages = new Map<string, string>()
  const reference = (name: string, text: string) => pages.set(`docs/reference/${name}`, text)
  const kinds = await loadKinds()
  reference("plant.md", plantPage())
  reference("equipment-type.md", equipmentTypePage())
  reference("problems.md", problemsPage())
  reference("command-line.md", `${generated}${commandPage(commandLine())}`)
  reference("analysers.md", await kindsPage("Analysers", "analysers", analysers))
  reference("deciders.md", await kindsPage("Deciders", "deciders", deciders))
  reference("machines.md", await kindsPage("Simulated machines", "machines", machines))
  reference("http-api.md", `${generated}${apiPage(await openApiDocument(version))}`)
  for (const [type, load] of Object.entries(connectors)) {
    const file = `docs/reference/connectors/${type}.md`
    const present = existsSync(join(root, file)) ? readFileSync(join(root, file), "utf8") : ""
    pages.set(file, connectorPage(present, await load()))
  }
  for (const [name, schema] of Object.entries(editorSchemas(kinds)))
    reference(`${name}.schema.json`, `${JSON.stringify(schema, null, 2)}\n`)
  return pages
}

function plantPage(): string {
  const sections = schemaSections(schemaOf(plantFile), {
    "equipment.<name>.contains": "As `equipment`.",
    "equipment.<name>.tags.<name>":
      "The keys of a tag, as on the page of [equipment types](equipment-type.md#tagsname). Over a type's tag each is optional.",
    "devices.<name>.options": "See the connector's page in [connectors](connectors).",
    "analysers.<name>.options": "See [analysers](analysers.md).",
    "deciders.<name>.options": "See [deciders](deciders.md).",
    "machines.<name>.options": "See [machines](machines.md).",
  })
  return `${generated}# plant.yaml

A plant is a folder with \`plant.yaml\` and the files that it includes. \`moru check FOLDER\` reads it and says everything that is wrong.
How to write one: [describe a plant](../how-to/describe-a-plant.md).

Texts may hold \`\${env:NAME}\`, \`\${env:NAME:-default}\` and \`\${file:path}\` (relative to the folder). Secrets must: they never stand in a file.
Lengths of time are texts such as \`500ms\`, \`10s\`, \`5min\`, \`1h\`, \`2d\`. Texts for people are plain or \`{ en: ..., ko: ... }\`.
Names are of \`a-z\`, \`0-9\`, \`-\` and \`_\`; joined by \`/\` they make the path of an equipment or tag.

${sections}`
}

function equipmentTypePage(): string {
  const symbols = Object.entries(units).map(([code, symbol]) =>
    row([`\`${code}\``, symbol === "" ? "(none)" : symbol]),
  )
  return `${generated}# Equipment types

A machine type is data: \`equipment/<maker>/<model>.yaml\`, beside Moru or within the plant's folder, which goes first. Equipment that names
it as its \`type\` has all its tags, records and states.

${schemaSections(schemaOf(equipmentTypeFile), {})}
## Units

${tableOf(["code", "shown as"], symbols)}`
}

function problemsPage(): string {
  const rows = Object.entries(problems).map(([code, { hint, retry }]) =>
    row([`\`${code}\``, hint, retry ? "yes" : "no"]),
  )
  return `${generated}# Problems

Every failure that Moru expects has a code. A message says where, what was got and what was expected; the hint says what to do.
"Again" says whether the same call may succeed later without a change.

${tableOf(["code", "what to do", "again"], rows)}`
}

async function kindsPage(
  title: string,
  key: string,
  registry: Readonly<Record<string, () => Promise<{ summary: string; options: object }>>>,
): Promise<string> {
  const sections: string[] = []
  for (const [kind, load] of Object.entries(registry)) {
    const { summary, options } = await load()
    sections.push(`## ${kind}\n\n${summary}\n\n${optionTable(schemaOf(options))}`)
  }
  return `${generated}# ${title}\n\nKinds for \`${key}\` in [plant.yaml](plant.md).\n\n${sections.join("\n")}`
}

/** Only what stands between the markers is generated; the rest of a connector's page is written by hand. */
function connectorPage(
  present: string,
  { type, summary, options }: { type: string; summary: string; options: object },
): string {
  const table = `<!-- options -->\n\n${optionTable(schemaOf(options))}\n<!-- /options -->`
  const marked = /<!-- options -->(?:[\s\S]*<!-- \/?options -->)?/
  if (marked.test(present)) return present.replace(marked, () => table)
  const head = present === "" ? `# ${type}\n\n${summary}\n` : present
  return `${head.trimEnd()}\n\n## Options\n\n${table}\n`
}
