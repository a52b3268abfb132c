import { join } from "node:path"
import type { Plant } from "../../model/plant.ts"
import type { LoadRequest, SourceFile } from "../config.ts"
import { loadPlant } from "./load.ts"

/** Readable as a text and as a number. */
const standIn = "0"

/**
 * The plant that remembered files describe. A secret that is gone meanwhile is no reason to forget what was confirmed,
 * so a stand-in takes its place. Undefined where this version of Moru cannot read the files any more.
 */
export async function loadRemembered(
  request: LoadRequest,
  remembered: readonly SourceFile[],
): Promise<Plant | undefined> {
  const { folder, files, env } = request
  const texts = new Map(remembered.map(({ file, text }) => [join(folder, file), text]))
  const encoder = new TextEncoder()
  const names = remembered.flatMap(({ text }) =>
    [...text.matchAll(/\$\{env:([^}:]+)\}/g)].map(([, name = ""]) => name),
  )
  const { plant } = await loadPlant({
    ...request,
    env: { ...Object.fromEntries(names.map((name) => [name, standIn])), ...env },
    files: {
      ...files,
      read: async (path) => {
        const text = texts.get(path)
        if (text !== undefined) return encoder.encode(text)
        if (/\.ya?ml$/.test(path)) return undefined
        return (await files.read(path)) ?? encoder.encode(standIn)
      },
    },
  })
  return plant
}

/** The plant with nothing that bears on safety: what is compared with where nothing is remembered to be confirmed. */
export function withoutWriting(plant: Plant): Plant {
  return {
    ...plant,
    tags: plant.tags.map(({ writable: _, ...tag }) => tag),
    deciders: plant.deciders.map((decider) => ({ ...decider, policy: "advise" })),
  }
}
