import type { Block, SourceId } from "../model/block.ts"
import type { Instant } from "../model/instant.ts"
import type { Path } from "../model/path.ts"
import type { Sample, Tag, TagId } from "../model/tag.ts"

export interface FollowOptions {
  /** Blocks that may wait for a slow reader. */
  readonly limit: number
  readonly whenFull: "wait" | "drop-oldest"
  readonly signal: AbortSignal
}

/** Rows that came after younger ones of their tags were there. */
export interface Late {
  readonly source: SourceId
  readonly tags: readonly TagId[]
  /** Source times of the first row and just after the last. */
  readonly from: Instant
  readonly to: Instant
  readonly rows: number
}

/** Every value gets its place and unit: the one corridor between the parts. */
export interface Namespace {
  /** Registers tags (again, with a new definition, after a change of the plant) and gives their ids in the same order. */
  define(tags: readonly Tag[]): Promise<readonly TagId[]>
  tag(id: TagId): Tag | undefined
  idOf(path: Path): TagId | undefined
  tags(): readonly (Tag & { readonly id: TagId })[]
  /** Resolves once every follower that waits has room again. Rows of unknown tags are counted and left out. */
  publish(block: Block): Promise<void>
  /** By source time: an older sample that comes late does not replace a newer one. */
  latest(tag: TagId): Sample | undefined
  /** Blocks in the order of publishing, with only the rows whose path matches (`*` one name, `**` any). */
  follow(pattern: string, options: FollowOptions): AsyncIterable<Block>
  /** The values of one moment; they do not change while a decider looks at them. */
  snapshot(): Values
}

/** The values of one moment, by path. */
export interface Values {
  readonly at: Instant
  get(path: Path): Sample | undefined
  /** Milliseconds of plant time since the sample's source time; undefined where there is none. */
  ageMs(path: Path): number | undefined
}

/** The tag that stands at a path, with its id; undefined where there is none. */
export function tagAt(
  namespace: Pick<Namespace, "idOf" | "tag">,
  path: Path,
): { readonly id: TagId; readonly tag: Tag } | undefined {
  const id = namespace.idOf(path)
  const tag = id === undefined ? undefined : namespace.tag(id)
  return id === undefined || tag === undefined ? undefined : { id, tag }
}

/** A value is stale when it is older than its tag allows. Freshness uses plant time. */
export function isStale(tag: Tag, ageMs: number | undefined): boolean {
  return ageMs === undefined || ageMs > tag.staleAfterMs
}

/** How long all of these tags together may be silent: as long as the most frequent of them. */
export function leastSilentMs(tags: readonly TagId[], namespace: Pick<Namespace, "tag">): number {
  const all = tags.flatMap((id) => namespace.tag(id)?.staleAfterMs ?? [])
  return all.reduce((least, ms) => Math.min(least, ms), Number.POSITIVE_INFINITY)
}
