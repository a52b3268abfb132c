import type { DatabaseSync, StatementSync } from "node:sqlite"
import { nextTurn } from "../../kernel/turn.ts"
import type { SourceId } from "../../model/block.ts"
import type { Instant } from "../../model/instant.ts"
import type { TagId } from "../../model/tag.ts"
import type { LastSample, StoredBlock } from "../historian.ts"
import type { TagRange, TagSamples } from "../tag-samples.ts"
import { guarded } from "./database.ts"

const mostRows = 4096

/** at, source, number, value, quality */
type Row = readonly [number, number, number, number | null, number]

/**
 * Reads page by page, each a query of its own: a slow or forgotten reader holds nothing open. What is appended behind
 * the reader's place meanwhile is not seen.
 */
export class SampleReader implements TagSamples {
  readonly #path: string
  readonly #page: StatementSync
  readonly #before: StatementSync
  readonly #allSources: StatementSync
  #sources: readonly SourceId[] = []

  constructor(path: string, database: DatabaseSync) {
    this.#path = path
    this.#page = database.prepare(
      `SELECT at, source, number, value, quality FROM sample
       WHERE tag = ? AND at >= ? AND at < ? AND (at, source, number) > (?, ?, ?)
       ORDER BY at, source, number LIMIT ${mostRows}`,
    )
    this.#page.setReturnArrays(true)
    this.#before = database.prepare(
      `SELECT at, value, quality FROM sample WHERE tag = ? AND at < ?
       ORDER BY at DESC, source DESC, number DESC LIMIT 1`,
    )
    this.#allSources = database.prepare("SELECT name FROM source ORDER BY id")
  }

  async *read({ tag, from, to }: TagRange, signal: AbortSignal): AsyncGenerator<StoredBlock> {
    let after: readonly [at: number, source: number, number: number] = [from, -1, -1]
    for (;;) {
      signal.throwIfAborted()
      const rows = guarded(this.#path, () => this.#page.all(tag, after[0], to, ...after))
      const block = this.#blockOf(tag, rows as unknown as readonly Row[])
      if (block) yield block
      if (rows.length < mostRows) return
      const [at, source, number] = rows.at(-1) as unknown as Row
      after = [at, source, number]
      await nextTurn()
    }
  }

  async before(tag: TagId, then: Instant): Promise<LastSample | undefined> {
    const row = guarded(this.#path, () => this.#before.get(tag, then))
    if (row === undefined) return undefined
    const value = row.value === null ? Number.NaN : Number(row.value)
    return { at: Number(row.at), value, quality: Number(row.quality) }
  }

  #blockOf(tag: number, rows: readonly Row[]): StoredBlock | undefined {
    const { length } = rows
    const [first] = rows
    if (!first) return undefined
    const at = new Float64Array(length)
    const value = new Float64Array(length)
    const quality = new Uint8Array(length)
    const origin = new Uint32Array(length)
    const number = new Float64Array(length)
    let lastSource = 0
    for (let i = 0; i < length; i++) {
      const row = rows[i] as Row
      at[i] = row[0]
      origin[i] = row[1] - 1
      number[i] = row[2]
      value[i] = row[3] ?? Number.NaN
      quality[i] = row[4]
      if (row[1] > lastSource) lastSource = row[1]
    }
    const sources = this.#sourcesTo(lastSource)
    return {
      source: sources[first[1] - 1] as SourceId,
      sequence: first[2],
      received: Number.NaN,
      length,
      tag: new Uint32Array(length).fill(tag),
      at,
      value,
      quality,
      sources,
      origin,
      number,
    }
  }

  #sourcesTo(count: number): readonly SourceId[] {
    if (this.#sources.length < count)
      this.#sources = this.#allSources.all().map((row) => row.name as SourceId)
    return this.#sources
  }
}
