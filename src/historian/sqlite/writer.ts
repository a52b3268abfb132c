import type { DatabaseSync, StatementSync } from "node:sqlite"
import { nextTurn } from "../../kernel/turn.ts"
import type { Block, SourceId } from "../../model/block.ts"
import type { Cycle } from "../../model/cycle.ts"
import { Problem } from "../../model/problem.ts"
import { formatBody } from "./cycle-json.ts"
import { historyProblem } from "./database.ts"

interface Append {
  readonly block: Block
  readonly cycles: readonly Cycle[]
  readonly done: () => void
  readonly failed: (problem: Problem) => void
}

/** Rows inserted in one turn of the event loop: some milliseconds. */
const rowsInOneTurn = 2000
/** Rows after which a transaction takes no further block. */
const rowsInOneGroup = 8000

/** The only hand that changes the file. Appends that wait at the same moment share a transaction and its fsync. */
export class HistoryWriter {
  readonly #path: string
  readonly #database: DatabaseSync
  readonly #putSample: StatementSync
  readonly #putCycle: StatementSync
  readonly #putSource: StatementSync
  readonly #ids = new Map<SourceId, number>()
  readonly #waiting: Append[] = []
  #tail: Promise<unknown> = Promise.resolve()
  #scheduled = false
  #closed = false

  constructor(path: string, database: DatabaseSync) {
    this.#path = path
    this.#database = database
    this.#putSample = database.prepare(
      `INSERT INTO sample (tag, at, source, number, value, quality) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET value = excluded.value, quality = excluded.quality`,
    )
    this.#putCycle = database.prepare(
      `INSERT OR REPLACE INTO cycle (source, sequence, equipment, start_at, end_at, body)
       VALUES (?, ?, ?, ?, ?, ?)`,
    )
    this.#putSource = database.prepare(
      `INSERT INTO source (id, name, last_row) VALUES (?, ?, ?)
       ON CONFLICT DO UPDATE SET last_row = max(last_row, excluded.last_row)`,
    )
    for (const row of database.prepare("SELECT id, name FROM source").all())
      this.#ids.set(row.name as SourceId, Number(row.id))
  }

  append(block: Block, cycles: readonly Cycle[]): Promise<void> {
    if (this.#closed) return Promise.reject(closed(this.#path))
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.#waiting.push({ block, cycles, done: resolve, failed: reject })
    this.#schedule()
    return promise
  }

  /** Does the work while no transaction of appends is open. */
  async between<Result>(work: (database: DatabaseSync) => Result): Promise<Result> {
    if (this.#closed) throw closed(this.#path)
    return this.#inTurn(async () => work(this.#database))
  }

  /** Resolves when what waits is written; nothing is taken any more. */
  async close(): Promise<void> {
    this.#closed = true
    while (this.#scheduled) await this.#tail
    await this.#tail
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const run = this.#tail.then(work)
    this.#tail = run.catch(() => {})
    return run
  }

  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    void this.#inTurn(async () => {
      // Whoever appends in this turn of the event loop joins the group.
      await nextTurn()
      this.#scheduled = false
      const group = this.#takeGroup()
      if (this.#waiting.length > 0) this.#schedule()
      await this.#writeGroup(group)
    })
  }

  #takeGroup(): Append[] {
    let rows = 0
    const next = this.#waiting.findIndex(({ block }, index) => {
      if (index > 0 && rows + block.length > rowsInOneGroup) return true
      rows += block.length
      return false
    })
    return this.#waiting.splice(0, next < 0 ? this.#waiting.length : next)
  }

  async #writeGroup(group: readonly Append[]): Promise<void> {
    try {
      this.#database.exec("BEGIN IMMEDIATE")
      for (const { block } of group) await this.#insertBlock(block)
      for (const { cycles } of group) this.#insertCycles(cycles)
      this.#database.exec("COMMIT")
    } catch (thrown) {
      this.#rollBack()
      const problem = historyProblem(this.#path, thrown)
      for (const { failed } of group) failed(problem)
      return
    }
    for (const { done } of group) done()
  }

  async #insertBlock(block: Block): Promise<void> {
    const { source, sequence, length } = block
    if (length === 0) return
    const id = this.#idOf(source)
    this.#putSource.run(id, source, sequence + length - 1)
    for (let from = 0; from < length; from += rowsInOneTurn) {
      if (from > 0) await nextTurn()
      this.#insertRows(block, id, from)
    }
  }

  #insertRows(
    { sequence, length, tag, at, value, quality }: Block,
    id: number,
    from: number,
  ): void {
    const to = Math.min(from + rowsInOneTurn, length)
    for (let row = from; row < to; row++)
      this.#putSample.run(
        tag[row] ?? 0,
        at[row] ?? 0,
        id,
        sequence + row,
        value[row] ?? null,
        quality[row] ?? 0,
      )
  }

  #insertCycles(cycles: readonly Cycle[]): void {
    for (const cycle of cycles) {
      const { source, sequence, equipment, start, end } = cycle
      const id = this.#idOf(source)
      this.#putSource.run(id, source, -1)
      this.#putCycle.run(id, sequence, equipment, start, end, formatBody(cycle))
    }
  }

  #idOf(source: SourceId): number {
    const known = this.#ids.get(source)
    if (known !== undefined) return known
    const id = this.#ids.size + 1
    this.#ids.set(source, id)
    return id
  }

  /** After some errors, such as a full disk, SQLite has rolled back by itself. */
  #rollBack(): void {
    if (this.#database.isTransaction) this.#database.exec("ROLLBACK")
  }
}

function closed(path: string): Problem {
  return new Problem("store-failed", path, "the history is closed")
}
