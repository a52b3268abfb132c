import type { StoredBlock } from "../historian/historian.ts"
import { nextTurn } from "../kernel/turn.ts"
import { qualityName } from "../model/quality.ts"
import type { ExportRequest, ExportSource, ExportTag } from "./export.ts"

/** The name of each quality's code. */
export const qualityNames: readonly string[] = Array.from({ length: 256 }, (_, q) => qualityName(q))

/** Blocks of the samples asked for, each with its tag; tells the progress, and gives the house its turn between them. */
export async function* blocksOf(
  { tags, from, to, onProgress }: ExportRequest,
  { history }: Pick<ExportSource, "history">,
  signal: AbortSignal,
): AsyncGenerator<{ readonly tag: ExportTag; readonly block: StoredBlock }> {
  let rows = 0
  let place = 0
  const tell = (inTag: number) => onProgress?.({ rows, share: (place + inTag) / tags.length })
  for (const tag of tags) {
    for await (const block of history.read({ tags: [tag.id], from, to }, signal)) {
      yield { tag, block }
      rows += block.length
      tell(((block.at[block.length - 1] ?? to) - from) / (to - from))
      await nextTurn()
      signal.throwIfAborted()
    }
    place++
    tell(0)
  }
}
