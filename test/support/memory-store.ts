import type { Path } from "../../src/model/path.ts"
import type { TagId, TagKind } from "../../src/model/tag.ts"
import type { LedgerRecord } from "../../src/store/ledger.ts"
import type { Change, Collection, Registry, Store } from "../../src/store/store.ts"

/** Documents and records in memory, for simulations. */
export class MemoryStore {
  readonly records: LedgerRecord[] = []
  readonly #documents = new Map<string, string>()

  /** The store as one run of a program has it: a change is durable, or throws, once `done` resolved or rejected. */
  of(done: () => Promise<void>): Pick<Store, "commit" | "get" | "list"> {
    return {
      commit: async (change) => {
        await done()
        return this.#commit(change)
      },
      get: async <Document>(collection: Collection, id: string) => {
        const text = this.#documents.get(`${collection} ${id}`)
        return text === undefined ? undefined : (JSON.parse(text) as Document)
      },
      list: async <Document>(collection: Collection) =>
        [...this.#documents]
          .filter(([key]) => key.startsWith(`${collection} `))
          .map(([, text]) => JSON.parse(text) as Document),
    }
  }

  #commit({ records = [], puts = [] }: Change): readonly LedgerRecord[] {
    const added = records.map((draft, i): LedgerRecord => {
      const number = this.records.length + 1 + i
      return { ...draft, id: `plant:${number}`, number, at: draft.at ?? 0, hash: "" }
    })
    this.records.push(...added)
    for (const { collection, id, document, record } of puts) {
      const key = `${collection} ${id}`
      const carried = record === undefined ? {} : { record: added[record]?.id }
      if (document === undefined) this.#documents.delete(key)
      else this.#documents.set(key, JSON.stringify({ ...(document as object), ...carried }))
    }
    return added
  }
}

export class MemoryRegistry implements Registry {
  readonly #tags: { readonly path: Path; readonly kind: TagKind; readonly texts: string[] }[] = []

  get ids(): readonly TagId[] {
    return this.#tags.map((_, i) => i + 1)
  }

  tagId(path: Path, kind: TagKind): TagId {
    const known = this.#tags.findIndex((tag) => tag.path === path && tag.kind === kind)
    return known >= 0 ? known + 1 : this.#tags.push({ path, kind, texts: [] })
  }

  pathOf(id: TagId): Path | undefined {
    return this.#tags[id - 1]?.path
  }

  kindOf(id: TagId): TagKind | undefined {
    return this.#tags[id - 1]?.kind
  }

  textId(tag: TagId, text: string): number {
    const texts = this.#tags[tag - 1]?.texts ?? []
    const known = texts.indexOf(text)
    return known >= 0 ? known + 1 : texts.push(text)
  }

  textOf(tag: TagId, id: number): string | undefined {
    return this.#tags[tag - 1]?.texts[id - 1]
  }

  async flush(): Promise<void> {}
}
