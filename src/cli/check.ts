import type { Command } from "commander"
import { loadPlant } from "../kernel/config/load.ts"
import type { LoadedPlant } from "../kernel/config.ts"
import { nodeFiles } from "../kernel/files/node.ts"
import { loadKinds, typeFolder } from "../moru/kinds.ts"

export interface CheckOptions {
  readonly json: boolean
  readonly env: Readonly<Record<string, string | undefined>>
  readonly print: (line: string) => void
}

/** Validates the files of a plant and says all that is wrong; gives the exit code, 1 where there are problems. */
export async function checkCommand(folder: string, options: CheckOptions): Promise<0 | 1> {
  const { env, print } = options
  const kinds = await loadKinds()
  const loaded = await loadPlant({ folder, typeFolder, files: nodeFiles, env, kinds })
  if (options.json) print(JSON.stringify(asJson(loaded)))
  else for (const line of asLines(folder, loaded)) print(line)
  return loaded.plant ? 0 : 1
}

export function registerCheck(program: Command): void {
  program
    .command("check")
    .description("validate the files of a plant: every problem with its line, column and remedy")
    .argument("<folder>", "folder with plant.yaml")
    .option("--json", "print one line of JSON", false)
    .action(async (folder: string, { json }: { json: boolean }) => {
      const print = (line: string) => process.stdout.write(`${line}\n`)
      process.exitCode = await checkCommand(folder, { json, env: process.env, print })
    })
}

function asJson({ plant, problems, sources }: LoadedPlant) {
  return {
    ok: plant !== undefined,
    files: sources.map(({ file }) => file),
    problems: problems.map(({ code, where, what, hint }) => ({ code, where, what, hint })),
    ...(plant && { counts: countsOf(plant) }),
  }
}

function* asLines(folder: string, { plant, problems, sources }: LoadedPlant): Iterable<string> {
  if (plant) {
    const counts = Object.entries(countsOf(plant)).map(([name, n]) => `${name} ${n}`)
    yield `${folder} is in order: ${counts.join(", ")} in ${sources.length} files`
    return
  }
  for (const { where, what, hint } of problems) {
    yield `${where}: ${what}`
    yield `  ${hint}`
  }
  yield `${folder}: ${problems.length} problem${problems.length === 1 ? "" : "s"}`
}

function countsOf(plant: NonNullable<LoadedPlant["plant"]>) {
  return {
    equipment: plant.equipment.length,
    tags: plant.tags.length,
    devices: plant.devices.length,
    analysers: plant.analysers.length,
    deciders: plant.deciders.length,
  }
}
