import type { DatabaseSync, StatementSync } from "node:sqlite"
import type { SourceId } from "../../../model/block.ts"
import type { Cycle } from "../../../model/cycle.ts"
import { formatBody } from "./cycle-json.ts"
import { guarded, inTransaction, openCatalog } from "./database.ts"

/** A source with its number in this history and the last row of its count. */
export interface SourceRow {
  readonly id: number
  readonly name: SourceId
  /** -1 where it has none. */
  readonly lastRow: number
}

/** A cycle as it is kept: its source by number, what is neither key nor index as JSON. */
export interface CycleRow {
  readonly source: number
  readonly sequence: number
  readonly equipment: string
  readonly start: number
  readonly end: number
  readonly body: string
}

export function cycleRow(cycle: Cycle, source: number): CycleRow {
  const { sequence, equipment, start, end } = cycle
  return { source, sequence, equipment, start, end, body: formatBody(cycle) }
}

/** What a history knows beside its samples: its sources and cycles. The one hand that writes has it open. */
export class Catalog {
  readonly #path: string
  readonly #database: DatabaseSync
  readonly #putSource: StatementSync
  readonly #putCycle: StatementSync

  constructor(path: string) {
    this.#path = path
    this.#database = openCatalog(path)
    this.#putSource = this.#database.prepare(
      `INSERT INTO source (id, name, last_row) VALUES (?, ?, ?)
       ON CONFLICT DO UPDATE SET last_row = max(last_row, excluded.last_row)`,
    )
    this.#putCycle = this.#database.prepare(
      `INSERT OR REPLACE INTO cycle (source, sequence, equipment, start_at, end_at, body)
       VALUES (?, ?, ?, ?, ?, ?)`,
    )
  }

  sources(): readonly SourceRow[] {
    return guarded(this.#path, () =>
      this.#database
        .prepare("SELECT id, name, last_row AS lastRow FROM source ORDER BY id")
        .all()
        .map((row) => ({ ...row }) as unknown as SourceRow),
    )
  }

  /** Both or neither; there after a crash of the process, and after one of the machine once `checkpoint` was. */
  put(sources: readonly SourceRow[], cycles: readonly CycleRow[]): void {
    if (sources.length + cycles.length === 0) return
    inTransaction(this.#path, this.#database, () => {
      for (const { id, name, lastRow } of sources) this.#putSource.run(id, name, lastRow)
      for (const { source, sequence, equipment, start, end, body } of cycles)
        this.#putCycle.run(source, sequence, equipment, start, end, body)
    })
  }

  /** Makes all that was put safe against a power cut. */
  checkpoint(): void {
    guarded(this.#path, () => {
      const found = this.#database.prepare("PRAGMA wal_checkpoint(FULL)").get()
      if (found?.busy !== 0) throw new Error("a reader held up the checkpoint")
    })
  }

  close(): void {
    if (this.#database.isOpen) this.#database.close()
  }
}
