import { analysers } from "../../src/analyse/registry.ts"
import { connectors } from "../../src/connect/registry.ts"
import { deciders } from "../../src/decide/registry.ts"
import { loadPlant } from "../../src/kernel/config/load.ts"
import { nodeFiles } from "../../src/kernel/files/node.ts"
import type { Plant } from "../../src/model/plant.ts"
import { dieCastingOptions } from "../../src/twin/options.ts"

/** The plant of `examples/one-machine`, read from its files as `moru run` reads it. */
export async function examplePlant(): Promise<Plant> {
  const { plant, problems } = await loadPlant({
    folder: "examples/one-machine",
    typeFolder: "equipment",
    files: nodeFiles,
    env: {},
    kinds: {
      connectors: await schemasOf(connectors),
      analysers: await schemasOf(analysers),
      deciders: await schemasOf(deciders),
      machines: new Map([["die-casting", dieCastingOptions]]),
    },
  })
  if (plant) return plant
  throw new Error(problems.map((problem) => problem.message).join("\n"))
}

async function schemasOf<Schema>(
  kinds: Readonly<Record<string, () => Promise<{ readonly options: Schema }>>>,
): Promise<ReadonlyMap<string, Schema>> {
  const entries = Object.entries(kinds).map(
    async ([name, load]) => [name, (await load()).options] as const,
  )
  return new Map(await Promise.all(entries))
}
