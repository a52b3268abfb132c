import type { TextEntry } from "../../codec/delivery.ts"
import type { Block } from "../../model/block.ts"
import type { TagId } from "../../model/tag.ts"
import type { Registry } from "../../store/store.ts"

/** The texts that rows use, each once. */
export function textsOf(blocks: readonly Block[], registry: Registry): readonly TextEntry[] {
  const used = new Map<TagId, Set<number>>()
  const isText = new Map<TagId, boolean>()
  for (const { length, tag, value } of blocks)
    for (let i = 0; i < length; i++) {
      const id = tag[i] as TagId
      let texts = isText.get(id)
      if (texts === undefined) {
        texts = registry.kindOf(id) === "text"
        isText.set(id, texts)
      }
      if (!texts) continue
      const ids = used.get(id)
      if (ids) ids.add(value[i] as number)
      else used.set(id, new Set([value[i] as number]))
    }
  return [...used].flatMap(([tag, ids]) =>
    [...ids].flatMap((id): TextEntry[] => {
      const text = registry.textOf(tag, id)
      return text === undefined ? [] : [[tag, id, text]]
    }),
  )
}

/** The tags of rows that are not in `told`. */
export function untold(blocks: readonly Block[], told: ReadonlySet<TagId>): ReadonlySet<TagId> {
  const found = new Set<TagId>()
  for (const { length, tag } of blocks)
    for (let i = 0; i < length; i++) if (!told.has(tag[i] as TagId)) found.add(tag[i] as TagId)
  return found
}

export function untoldOf(tags: Iterable<TagId>, told: ReadonlySet<TagId>): ReadonlySet<TagId> {
  return new Set([...tags].filter((tag) => !told.has(tag)))
}
