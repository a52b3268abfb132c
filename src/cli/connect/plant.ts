import { basename, join, resolve } from "node:path"
import { type TablePlant, tablePlantOf } from "../../connect/tag-table.ts"
import { equipmentFiles, planPlant, saveEdit } from "../../kernel/config/edit.ts"
import { loadPlant } from "../../kernel/config/load.ts"
import type { LoadRequest, PlannedEdit, SourceFile } from "../../kernel/config.ts"
import { nodeFiles } from "../../kernel/files/node.ts"
import type { Plant } from "../../model/plant.ts"
import { Problem } from "../../model/problem.ts"
import { loadKinds, typeFolder } from "../../moru/kinds.ts"
import { complain, print } from "../print.ts"

export type Env = Readonly<Record<string, string | undefined>>

/** What the editing of a plant's files needs, for a folder. */
export async function plantRequest(folder: string, env: Env): Promise<LoadRequest> {
  return { folder: resolve(folder), typeFolder, files: nodeFiles, env, kinds: await loadKinds() }
}

/** The plant as its files are. Complains of all that is wrong and throws the last of it. */
export async function openPlant(
  request: LoadRequest,
): Promise<{ readonly plant: Plant; readonly table: TablePlant }> {
  const { plant, problems, sources } = await loadPlant(request)
  if (!plant) throw told(problems, request.folder)
  return { plant, table: tableOf(plant, sources) }
}

export function tableOf(plant: Plant, sources: readonly SourceFile[]): TablePlant {
  return tablePlantOf(plant, equipmentFiles(sources))
}

/** Complains of all problems but the last, which is for the caller to throw. */
function told(problems: readonly Problem[], folder: string): Problem {
  for (const { message, hint } of problems.slice(0, -1)) complain(`${message}\n  ${hint}`)
  return problems.at(-1) ?? new Problem("config-invalid", folder, "could not be read")
}

/** Saves what is planned unless it is a dry run. Throws where the plan has problems, after it complained of all. */
export async function carryOut(
  request: LoadRequest,
  planned: PlannedEdit,
  options: { readonly dryRun: boolean; readonly showsDiff: boolean },
): Promise<void> {
  if (planned.problems.length > 0) throw told(planned.problems, request.folder)
  if (options.showsDiff && planned.diff !== "") print(planned.diff.trimEnd())
  if (!options.dryRun) await saveEdit(request, planned)
}

export interface NewPlant {
  readonly name?: string
  readonly timezone?: string
}

/** The text of a plant that has nothing yet. */
function emptyPlant(folder: string, { name, timezone }: NewPlant): string {
  const title = JSON.stringify(name ?? basename(resolve(folder)))
  const zone = timezone ?? new Intl.DateTimeFormat().resolvedOptions().timeZone
  return `# The plant: what there is, and how Moru reaches it. Check it with \`moru check\`; all keys stand in docs/reference/plant.md.
moru: plant
name: ${title}
timezone: ${JSON.stringify(zone)}

# Connections to machines, by name. \`moru connect add\` writes them; passwords stand in the environment: "\${env:NAME}".
devices: {}

# The hierarchy from the top (site, area, line, cell, unit): equipment with its tags.
equipment: {}
`
}

/** Makes a plant. Throws `config-duplicate` where the folder holds one. */
export async function makePlant(request: LoadRequest, given: NewPlant): Promise<void> {
  const planned = await planPlant(request, emptyPlant(request.folder, given))
  if (planned.problems.length > 0) throw told(planned.problems, request.folder)
  await saveEdit(request, planned)
}

export async function hasPlant({ folder, files }: LoadRequest): Promise<boolean> {
  return (await files.read(join(folder, "plant.yaml"))) !== undefined
}
