import type { Instant } from "../../../model/instant.ts"
import { compilePattern, type Path, parsePath } from "../../../model/path.ts"
import { Problem } from "../../../model/problem.ts"
import type { Tag, TagId } from "../../../model/tag.ts"
import { tagAt as lookUp } from "../../../namespace/namespace.ts"
import type { ServeParts } from "../../serve.ts"

export interface Span {
  readonly from: Instant
  readonly to: Instant
}

const shiftMs = 8 * 3_600_000

/** Throws `request-invalid` where the span is empty or longer than `mostMs`. */
export function spanOf(
  query: { from?: number; to?: number },
  { clock, mostMs = Number.POSITIVE_INFINITY }: { clock: ServeParts["clock"]; mostMs?: number },
): Span {
  const to = query.to ?? clock.now()
  const from = query.from ?? to - shiftMs
  if (from >= to) throw invalid("address from", `got ${from}, expected a time before ${to}`)
  if (to - from > mostMs)
    throw invalid("address from", `got ${from}, expected at most ${mostMs} ms before ${to}`)
  return { from, to }
}

export function invalid(where: string, what: string): Problem {
  return new Problem("request-invalid", where, what)
}

/** Words of a comma-separated list in an address. */
export function wordsOf(list: string | undefined): readonly string[] {
  return (list ?? "").split(",").filter((word) => word !== "")
}

/** Throws `path-invalid` or `not-found`. */
export function tagAt(text: string, parts: Pick<ServeParts, "namespace">): Tag & { id: TagId } {
  const path = parsePath(text)
  const found = lookUp(parts.namespace, path)
  if (found) return { ...found.tag, id: found.id }
  throw new Problem("not-found", `tag ${path}`, "the plant has no such tag")
}

/** Tags of a list of paths and patterns, each once, in the list's order; of one pattern by path. Throws `not-found` for what no tag is called. */
export function tagsLike(
  list: string,
  parts: Pick<ServeParts, "namespace">,
): readonly (Tag & { id: TagId })[] {
  const found = new Map<Path, Tag & { id: TagId }>()
  for (const word of wordsOf(list)) {
    const matches = compilePattern(word)
    const some = parts.namespace
      .tags()
      .filter(({ path }) => matches(path))
      .sort((a, b) => (a.path < b.path ? -1 : 1))
    if (some.length === 0)
      throw new Problem("not-found", `tag ${word}`, "the plant has no such tag")
    for (const tag of some) found.set(tag.path, tag)
  }
  return [...found.values()]
}

/** Throws `path-invalid` or `not-found`. */
export function equipmentAt(text: string, parts: Pick<ServeParts, "plant">): Path {
  const path = parsePath(text)
  if (parts.plant().equipment.some((equipment) => equipment.path === path)) return path
  throw new Problem("not-found", `equipment ${path}`, "the plant has no such equipment")
}
