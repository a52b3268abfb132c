import type { SourceId } from "../../../model/block.ts"
import type { SourceRow } from "../catalog/catalog.ts"

class Source {
  readonly id: number
  readonly name: SourceId
  lastRow = -1
  /** Whether the catalog has its number. */
  isTold = false
  /** The last row that the catalog has. */
  toldRow = -1

  constructor(id: number, name: SourceId) {
    this.id = id
    this.name = name
  }
}

/** The sources that a history has met, by the numbers under which its rows name them. */
export class Sources {
  readonly #byName = new Map<SourceId, Source>()
  readonly #names: SourceId[] = []

  constructor(known: readonly SourceRow[]) {
    for (const { id, name, lastRow } of known) {
      const source = this.#meet(name, id)
      source.lastRow = lastRow
      source.toldRow = lastRow
      source.isTold = true
    }
  }

  /** By their numbers. */
  get names(): readonly SourceId[] {
    return this.#names
  }

  /** The source's number; `wanted` is the one it had when it was written down, if it was. */
  idOf(name: SourceId, wanted?: number): number {
    return this.#meet(name, wanted).id
  }

  lastRow(name: SourceId): number {
    return this.#byName.get(name)?.lastRow ?? -1
  }

  /** Rows up to there are durable. */
  sawRow(name: SourceId, row: number): void {
    const source = this.#meet(name)
    source.lastRow = Math.max(source.lastRow, row)
  }

  /** Of these, what the catalog does not know yet. */
  untold(names: Iterable<SourceId>): SourceRow[] {
    const rows: SourceRow[] = []
    for (const name of names) {
      const { id, isTold } = this.#meet(name)
      if (!isTold) rows.push({ id, name, lastRow: -1 })
    }
    return rows
  }

  /** What has a last row that the catalog does not know. */
  moved(): SourceRow[] {
    return [...this.#byName.values()]
      .filter(({ lastRow, toldRow }) => lastRow > toldRow)
      .map(({ id, name, lastRow }) => ({ id, name, lastRow }))
  }

  /** The catalog knows these now. */
  told(rows: readonly SourceRow[]): void {
    for (const { name, lastRow } of rows) {
      const source = this.#meet(name)
      source.isTold = true
      source.toldRow = Math.max(source.toldRow, lastRow)
    }
  }

  #meet(name: SourceId, wanted?: number): Source {
    const known = this.#byName.get(name)
    if (known) return known
    const isFree = wanted !== undefined && this.#names[wanted] === undefined
    const source = new Source(isFree ? wanted : this.#names.length, name)
    this.#byName.set(name, source)
    this.#names[source.id] = name
    return source
  }
}
