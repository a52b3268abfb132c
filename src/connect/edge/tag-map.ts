import { DamagedChunk, type TagEntry, type TextEntry } from "../../codec/delivery.ts"
import { type Block, BlockWriter } from "../../model/block.ts"
import { type Path, parsePath } from "../../model/path.ts"
import type { Tag, TagId } from "../../model/tag.ts"
import type { Registry } from "../../store/store.ts"

export interface TagMapOptions {
  readonly registry: Registry
  readonly tagOf: (path: Path) => Tag | undefined
  /** Whether the edge may tell it. */
  readonly isOwn: (path: Path) => boolean
}

/** No tag of the centre: rows of it are refused. */
const refusedTag = 0

/** What the ids of one edge's log stand for here. */
export class TagMap {
  readonly #options: TagMapOptions
  /** By the edge's id; undefined where it was not told. */
  readonly #ids: (TagId | undefined)[] = []
  readonly #texts = new Map<TagId, Map<number, number>>()

  constructor(options: TagMapOptions) {
    this.#options = options
  }

  learn(tags: readonly TagEntry[], texts: readonly TextEntry[]): void {
    const { registry } = this.#options
    for (const entry of tags) this.#ids[entry[0]] = this.#idOf(entry)
    for (const [tag, id, text] of texts) {
      const own = this.#ids[tag]
      if (own === undefined || own === refusedTag) continue
      const known = this.#texts.get(tag) ?? new Map<number, number>()
      known.set(id, registry.textId(own, text))
      this.#texts.set(tag, known)
    }
  }

  knows(tags: Iterable<TagId>): boolean {
    for (const tag of tags) if (this.#ids[tag] === undefined) return false
    return true
  }

  /** The block in ids of this house, in pieces where rows between are refused. */
  own(block: Block): { readonly blocks: readonly Block[]; readonly refused: number } {
    const { length } = block
    const tag = new Uint32Array(length)
    const value = block.value.slice()
    let refused = 0
    for (let i = 0; i < length; i++) {
      const told = block.tag[i] as TagId
      const own = this.#ids[told]
      if (own === undefined) throw new DamagedChunk(`got tag ${told}, which was not told`)
      tag[i] = own
      if (own === refusedTag) refused++
      const texts = this.#texts.get(told)
      if (texts) value[i] = texts.get(value[i] as number) ?? Number.NaN
    }
    const whole = { ...block, tag, value }
    return { blocks: refused === 0 ? [whole] : piecesOf(whole), refused }
  }

  /** Whether the edge may tell of this equipment or tag. */
  isOwn(path: Path): boolean {
    return this.#options.isOwn(path)
  }

  #idOf([, path, kind, unit]: TagEntry): TagId {
    const { registry, tagOf, isOwn } = this.#options
    let parsed: Path
    try {
      parsed = parsePath(path)
    } catch {
      return refusedTag
    }
    if (!isOwn(parsed) || !["number", "boolean", "text"].includes(kind)) return refusedTag
    const tag = tagOf(parsed)
    if (tag?.kind === kind && tag.unit !== unit) return refusedTag
    return registry.tagId(parsed, kind)
  }
}

function piecesOf(block: Block): readonly Block[] {
  const pieces: Block[] = []
  const rows = new BlockWriter()
  for (let i = 0; i <= block.length; i++) {
    const tag = block.tag[i]
    if (tag !== undefined && tag !== refusedTag) {
      rows.add(tag, block.at[i] as number, block.value[i] as number, block.quality[i] as number)
    } else if (rows.length > 0) {
      const sequence = block.sequence + i - rows.length
      pieces.push(rows.take({ source: block.source, sequence, received: block.received }))
    }
  }
  return pieces
}
