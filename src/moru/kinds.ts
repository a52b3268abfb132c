import { join } from "node:path"
import type { TSchema } from "typebox"
import { analysers } from "../analyse/registry.ts"
import { connectors } from "../connect/registry.ts"
import { deciders } from "../decide/registry.ts"
import type { Kinds } from "../kernel/config.ts"
import { machines } from "../twin/registry.ts"

/** Equipment types that come with Moru. */
export const typeFolder = join(import.meta.dirname, "..", "..", "equipment")

/** The option schemas of everything that a plant file can name. */
export async function loadKinds(): Promise<Kinds> {
  return {
    connectors: await optionsOf(connectors),
    analysers: await optionsOf(analysers),
    deciders: await optionsOf(deciders),
    machines: await optionsOf(machines),
  }
}

async function optionsOf(
  registry: Readonly<Record<string, () => Promise<{ readonly options: TSchema }>>>,
): Promise<ReadonlyMap<string, TSchema>> {
  const entries = Object.entries(registry).map(
    async ([name, load]) => [name, (await load()).options] as const,
  )
  return new Map(await Promise.all(entries))
}
