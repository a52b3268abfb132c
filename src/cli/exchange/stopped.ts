import { join } from "node:path"
import type { ExportFormat, ExportRequest, ExportTag } from "../../exchange/export.ts"
import { exporters } from "../../exchange/registry.ts"
import { openChunkHistory } from "../../historian/chunks/history.ts"
import { SystemClock } from "../../kernel/clock/system.ts"
import { nodeFiles } from "../../kernel/files/node.ts"
import { silentLog } from "../../kernel/log.ts"
import { compilePattern, type Path } from "../../model/path.ts"
import type { Plant } from "../../model/plant.ts"
import { Problem } from "../../model/problem.ts"
import { databaseFile, openStore } from "../../store/sqlite/store.ts"
import type { Registry } from "../../store/store.ts"

export interface StoppedRequest extends Omit<ExportRequest, "tags"> {
  readonly data: string
  readonly patterns: string
  readonly format: ExportFormat
  /** Its files name the units, which the data folder does not keep. */
  readonly plant: Plant | undefined
}

/**
 * A file of what the data folder of a stopped Moru holds. Throws `not-found` where there is none or no such tag, `data-locked` where
 * Moru runs.
 */
export async function* writeStopped(
  request: StoppedRequest,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const { data: folder, patterns, format, plant } = request
  if (!(await nodeFiles.look(join(folder, databaseFile))))
    throw new Problem("not-found", folder, `no ${databaseFile}: no Moru has run with this folder`)
  const log = silentLog
  const store = await openStore({
    ...{ folder, node: "plant", clock: new SystemClock(), files: nodeFiles, log },
  })
  try {
    const history = await openChunkHistory({ folder, log })
    try {
      const tags = tagsIn(store.registry, patterns, plant)
      const source = {
        history,
        textOf: (tag: number, id: number) => store.registry.textOf(tag, id),
      }
      yield* (await exporters[format]())({ ...request, tags }, source, signal)
    } finally {
      await history.close()
    }
  } finally {
    await store.close()
  }
}

/** By path; a tag that had another kind before stands there twice. */
function tagsIn(registry: Registry, patterns: string, plant: Plant | undefined): ExportTag[] {
  const known = new Map(plant?.tags.map((tag) => [tag.path, tag]))
  const tags: ExportTag[] = []
  for (let id = 1; ; id++) {
    const path = registry.pathOf(id)
    if (path === undefined) break
    const kind = registry.kindOf(id) ?? "number"
    tags.push({ id, path, kind, unit: known.get(path)?.unit ?? "" })
  }
  const found = new Set<ExportTag>()
  for (const word of patterns.split(",")) {
    const matches: (path: Path) => boolean = compilePattern(word)
    const some = tags.filter(({ path }) => matches(path))
    if (some.length === 0) throw new Problem("not-found", `tag ${word}`, "there is no such tag")
    for (const tag of some) found.add(tag)
  }
  return [...found].sort((a, b) => (a.path < b.path ? -1 : 1))
}
