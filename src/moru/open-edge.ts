import { join } from "node:path"
import { loadPlant } from "../kernel/config/load.ts"
import { nodeFiles } from "../kernel/files/node.ts"
import type { Log } from "../kernel/log.ts"
import type { EdgeConfig, Plant } from "../model/plant.ts"
import { Problem } from "../model/problem.ts"
import type { Listen } from "../serve/serve.ts"
import { openDataFolder } from "./data-folder.ts"
import { type RunningEdge, runEdge } from "./edge.ts"
import { loadKinds, typeFolder } from "./kinds.ts"
import { version } from "./version.ts"

export interface OpenEdgeOptions {
  readonly plantFolder: string
  readonly dataFolder: string
  readonly listen: Listen
  /** By its name in the plant's files; may be left out where they name one. */
  readonly edge?: string
  readonly seed?: number
  readonly log: Log
  readonly env: Readonly<Record<string, string | undefined>>
  readonly announce: (line: string) => void
}

/** In the data folder, readable by its user alone; `MORU_EDGE_KEY` goes before it. */
const keyFile = "edge.key"

/**
 * `moru run --parts connect`: reads the plant's files and runs the devices of one edge. Throws a Problem where the files are
 * wrong, name no such edge, or its key is missing.
 */
export async function openEdge(
  options: OpenEdgeOptions,
  signal: AbortSignal,
): Promise<RunningEdge> {
  const { plantFolder, dataFolder, listen, log, env, announce } = options
  const kinds = await loadKinds()
  const { plant, problems } = await loadPlant({
    ...{ folder: plantFolder, typeFolder, files: nodeFiles, env, kinds },
  })
  if (!plant) {
    for (const { message, hint } of problems.slice(0, -1)) announce(`${message}\n  ${hint}`)
    throw problems.at(-1) ?? new Problem("config-invalid", "plant", "could not be read")
  }
  const edge = edgeIn(plant, options.edge)
  await openDataFolder(dataFolder, nodeFiles)
  const key = await keyOf(options)
  const seed = options.seed ?? crypto.getRandomValues(new Uint32Array(1))[0] ?? 0
  const running = await runEdge(
    { plant, edge, key, plantFolder, dataFolder, listen, seed, log },
    signal,
  )
  announce(`Moru ${version}: edge ${edge.name} of ${plant.name.en} is running.`)
  announce(`  Status    ${running.url}`)
  announce(`  Centre    ${edge.to}`)
  announce(`  Data      ${dataFolder}`)
  announce("Ctrl-C stops it.")
  return running
}

function edgeIn({ edges = [] }: Plant, name: string | undefined): EdgeConfig {
  const names = edges.map((edge) => edge.name)
  const [only] = edges
  const found = name === undefined && edges.length === 1 ? only : edges.find((e) => e.name === name)
  if (found) return found
  const got = name === undefined ? "none" : `"${name}"`
  const expected = names.length > 0 ? `one of ${names.join(", ")}` : "`edges` in the plant's files"
  throw new Problem("option-invalid", "--edge", `got ${got}, expected ${expected}`)
}

async function keyOf({ dataFolder, env }: OpenEdgeOptions): Promise<string> {
  const bytes = await nodeFiles.read(join(dataFolder, keyFile))
  const key = env.MORU_EDGE_KEY || (bytes && new TextDecoder().decode(bytes).trim())
  if (key) return key
  const what = `got none, expected it in MORU_EDGE_KEY or in the file ${keyFile} of the data folder`
  throw new Problem("config-missing-secret", "key of the edge", what)
}
