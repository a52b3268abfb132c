import type { DatabaseSync, SQLInputValue } from "node:sqlite"
import { nextTurn } from "../../../kernel/turn.ts"
import type { SourceId } from "../../../model/block.ts"
import { type Cycle, cycleId } from "../../../model/cycle.ts"
import type { Path } from "../../../model/path.ts"
import type { CycleRange, Cycles } from "../../historian.ts"
import { parseBody } from "./cycle-json.ts"
import { guarded } from "./database.ts"

const mostRows = 1000

interface Row {
  readonly origin: number
  readonly source: SourceId
  readonly sequence: number
  readonly equipment: Path
  readonly start: number
  readonly end: number
  readonly body: string
}

/** Cycles as they stand in the catalog, page by page: no reader holds anything open. */
export class CatalogCycles implements Cycles {
  readonly #path: string
  readonly #database: DatabaseSync
  readonly #lastRowOf: (source: SourceId) => number

  /** `database` reads the catalog; `lastRowOf` knows the sources' counts up to the last durable row. */
  constructor(options: {
    readonly path: string
    readonly database: DatabaseSync
    readonly lastRowOf: (source: SourceId) => number
  }) {
    this.#path = options.path
    this.#database = options.database
    this.#lastRowOf = options.lastRowOf
  }

  async read(range: CycleRange): Promise<readonly Cycle[]> {
    const cycles: Cycle[] = []
    const limit = range.limit ?? Number.POSITIVE_INFINITY
    let after: Row | undefined
    while (cycles.length < limit) {
      const size = Math.min(mostRows, limit - cycles.length)
      const rows = this.#page(range, after, size)
      for (const row of rows) cycles.push(cycleOf(row))
      if (rows.length < size) break
      after = rows.at(-1)
      await nextTurn()
    }
    return cycles
  }

  async count(range: CycleRange): Promise<number> {
    const { where, values } = conditions(range)
    const count = this.#number(`SELECT count(*) AS n FROM cycle WHERE ${where}`, values) ?? 0
    return Math.min(count, range.limit ?? count)
  }

  async lastSequence(source: SourceId): Promise<number> {
    const found = this.#number(
      "SELECT max(sequence) AS n FROM cycle WHERE source = (SELECT id FROM source WHERE name = ?)",
      [source],
    )
    return found ?? 0
  }

  async lastRow(source: SourceId): Promise<number> {
    return this.#lastRowOf(source)
  }

  #page(range: CycleRange, after: Row | undefined, size: number): readonly Row[] {
    const { where, values } = conditions(range)
    const [direction, beyond] = range.newestFirst ? ["DESC", "<"] : ["ASC", ">"]
    const place = after ? `AND (end_at, source, sequence) ${beyond} (?, ?, ?)` : ""
    const placeValues = after ? [after.end, after.origin, after.sequence] : []
    const query = `
      SELECT source AS origin, (SELECT name FROM source WHERE id = cycle.source) AS source, sequence,
        equipment, start_at AS start, end_at AS "end", body
      FROM cycle WHERE ${where} ${place}
      ORDER BY end_at ${direction}, source ${direction}, sequence ${direction} LIMIT ?`
    return guarded(
      this.#path,
      () => this.#database.prepare(query).all(...values, ...placeValues, size) as unknown as Row[],
    )
  }

  #number(query: string, values: readonly SQLInputValue[]): number | undefined {
    const found = guarded(this.#path, () => this.#database.prepare(query).get(...values)?.n)
    return typeof found === "number" ? found : undefined
  }
}

function conditions({ equipment, from, to }: CycleRange): {
  readonly where: string
  readonly values: readonly SQLInputValue[]
} {
  const time = "end_at >= ? AND end_at < ?"
  if (equipment === undefined) return { where: time, values: [from, to] }
  return { where: `equipment = ? AND ${time}`, values: [equipment, from, to] }
}

function cycleOf({ source, sequence, equipment, start, end, body }: Row): Cycle {
  return {
    id: cycleId(source, sequence),
    equipment,
    source,
    sequence,
    start,
    end,
    ...parseBody(body),
  }
}
