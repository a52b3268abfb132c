import type { Path } from "../../model/path.ts"
import type { TagId, TagKind } from "../../model/tag.ts"
import type { Registry } from "../store.ts"
import type { Database } from "./database.ts"
import type { Tables } from "./tables.ts"
import { failure, inParts } from "./writer.ts"

interface Entry {
  readonly path: Path
  readonly kind: TagKind
  readonly texts: string[]
  readonly idOfText: Map<string, number>
}

/** Ids live in memory; the database only learns the new ones. A tag whose kind changes is a new tag at the same path. */
export class SqliteRegistry implements Registry {
  readonly #database: Database
  readonly #entries: Entry[] = []
  readonly #ids = new Map<string, TagId>()
  #newTags: Tables["tag"][] = []
  #newTexts: Tables["text"][] = []
  #flushed: Promise<void> = Promise.resolve()

  constructor(database: Database) {
    this.#database = database
  }

  async load(): Promise<void> {
    const tags = await this.#database.selectFrom("tag").selectAll().orderBy("id").execute()
    for (const tag of tags) this.#add(tag.path as Path, tag.kind as TagKind)
    const texts = await this.#database
      .selectFrom("text")
      .selectAll()
      .orderBy("tag")
      .orderBy("id")
      .execute()
    for (const { tag, text } of texts) addText(this.#entry(tag), text)
  }

  tagId(path: Path, kind: TagKind): TagId {
    const known = this.#ids.get(keyOf(path, kind))
    if (known !== undefined) return known
    const id = this.#add(path, kind)
    this.#newTags.push({ id, path, kind })
    return id
  }

  pathOf(id: TagId): Path | undefined {
    return this.#entries[id - 1]?.path
  }

  kindOf(id: TagId): TagKind | undefined {
    return this.#entries[id - 1]?.kind
  }

  textId(tag: TagId, text: string): number {
    const entry = this.#entry(tag)
    const known = entry.idOfText.get(text)
    if (known !== undefined) return known
    const id = addText(entry, text)
    this.#newTexts.push({ tag, id, text })
    return id
  }

  textOf(tag: TagId, id: number): string | undefined {
    return this.#entries[tag - 1]?.texts[id - 1]
  }

  flush(): Promise<void> {
    const run = this.#flushed.then(() => this.#write())
    this.#flushed = run.catch(() => {})
    return run
  }

  async #write(): Promise<void> {
    if (this.#newTags.length === 0 && this.#newTexts.length === 0) return
    const [tags, texts] = [this.#newTags, this.#newTexts]
    this.#newTags = []
    this.#newTexts = []
    try {
      await this.#database.transaction().execute(async (transaction) => {
        for (const some of inParts(tags)) await transaction.insertInto("tag").values(some).execute()
        for (const some of inParts(texts))
          await transaction.insertInto("text").values(some).execute()
      })
    } catch (thrown) {
      this.#newTags.unshift(...tags)
      this.#newTexts.unshift(...texts)
      throw failure(thrown)
    }
  }

  #add(path: Path, kind: TagKind): TagId {
    const id = this.#entries.push({ path, kind, texts: [], idOfText: new Map() })
    this.#ids.set(keyOf(path, kind), id)
    return id
  }

  #entry(id: TagId): Entry {
    const entry = this.#entries[id - 1]
    if (!entry) throw new Error(`no tag has the id ${id}`)
    return entry
  }
}

function keyOf(path: Path, kind: TagKind): string {
  return `${path}:${kind}`
}

function addText(entry: Entry, text: string): number {
  const id = entry.texts.push(text)
  entry.idOfText.set(text, id)
  return id
}
