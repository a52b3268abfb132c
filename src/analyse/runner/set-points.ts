import type { History } from "../../historian/historian.ts"
import type { Block } from "../../model/block.ts"
import type { Instant } from "../../model/instant.ts"
import { isWithin, type Path } from "../../model/path.ts"
import { isUsable } from "../../model/quality.ts"
import type { Tag, TagId } from "../../model/tag.ts"
import type { Namespace } from "../../namespace/namespace.ts"
import type { SetPoint } from "./desk.ts"

/** Writable tags of an equipment that have numbers or switches; a text is no set point that a process follows. */
export function setPointsOf(tags: readonly Tag[], equipment: Path): readonly Path[] {
  return tags
    .filter((tag) => tag.writable && tag.kind !== "text" && isWithin(tag.equipment, equipment))
    .map((tag) => tag.path)
}

/** Hands over every usable value of a set point until the signal aborts. */
export async function followSetPoint(
  tag: Path,
  namespace: Namespace,
  given: { signal: AbortSignal; take: (setPoints: readonly SetPoint[]) => void },
): Promise<void> {
  const { signal, take } = given
  const blocks = namespace.follow(tag, { limit: 1000, whenFull: "drop-oldest", signal })
  for await (const block of blocks) take(valuesIn(block, () => tag))
}

/** The values that stand in history between two times, for what was missed while Moru was down. */
export async function readSetPoints(
  tags: readonly Path[],
  from: { history: History; namespace: Namespace; since: Instant; signal: AbortSignal },
): Promise<readonly SetPoint[]> {
  const { history, namespace, since, signal } = from
  const paths = new Map<TagId, Path>()
  for (const tag of tags) {
    const id = namespace.idOf(tag)
    if (id !== undefined) paths.set(id, tag)
  }
  const range = { tags: [...paths.keys()], from: since, to: Number.MAX_SAFE_INTEGER }
  const found: SetPoint[] = []
  if (paths.size === 0) return found
  for await (const block of history.read(range, signal))
    found.push(...valuesIn(block, (id) => paths.get(id)))
  return found
}

function valuesIn(block: Block, pathOf: (id: TagId) => Path | undefined): readonly SetPoint[] {
  const found: SetPoint[] = []
  for (let row = 0; row < block.length; row++) {
    const tag = pathOf(block.tag[row] ?? -1)
    const value = block.value[row] ?? Number.NaN
    if (tag === undefined || !isUsable(block.quality[row] ?? 128) || Number.isNaN(value)) continue
    found.push({ tag, at: block.at[row] ?? 0, value })
  }
  return found
}
