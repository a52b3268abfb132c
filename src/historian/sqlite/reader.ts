import type { DatabaseSync, StatementSync } from "node:sqlite"
import { nextTurn } from "../../kernel/turn.ts"
import type { SourceId } from "../../model/block.ts"
import type { ReadTag } from "../buckets.ts"
import type { StoredBlock } from "../historian.ts"
import { guarded } from "./database.ts"

const mostRows = 4096

/** at, source, number, value, quality */
type Row = readonly [number, number, number, number | null, number]

/**
 * Reads page by page, each a query of its own: a slow or forgotten reader holds nothing open. What is appended behind
 * the reader's place meanwhile is not seen.
 */
export class SampleReader {
  readonly #path: string
  readonly #page: StatementSync
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
    this.#allSources = database.prepare("SELECT name FROM source ORDER BY id")
  }

  async *read(
    { tag, from, to }: Parameters<ReadTag>[0],
    signal: AbortSignal,
  ): AsyncGenerator<StoredBlock> {
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
