import { DatabaseSync, type StatementSync } from "node:sqlite"
import {
  decodeRollup,
  decodeSpans,
  encodeRollup,
  encodeSpans,
  type Rollup,
  type Spans,
} from "../../../codec/rollup.ts"
import type { TagId } from "../../../model/tag.ts"
import { guarded, inTransaction } from "../catalog/database.ts"

/** A stretch of one tag's time whose samples are gone, or are about to go; summaries stand in for them. */
export interface Retired {
  readonly tag: TagId
  readonly from: number
  readonly to: number
  /** The value in force at its end; NaN where none was. */
  readonly carry: number
  /** Samples are still there, to be taken away: they say nothing any more. */
  readonly isClearing: boolean
}

const kinds = { rollup: 0, spans: 1 } as const

const tables = `
  CREATE TABLE IF NOT EXISTS retired (
    tag INTEGER NOT NULL, from_at REAL NOT NULL, to_at REAL NOT NULL, carry REAL, clearing INTEGER NOT NULL,
    PRIMARY KEY (tag, from_at)) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS rollup (
    tag INTEGER NOT NULL, step_ms INTEGER NOT NULL, kind INTEGER NOT NULL, id INTEGER NOT NULL,
    bytes BLOB NOT NULL, PRIMARY KEY (tag, step_ms, kind, id)) STRICT;
  PRAGMA user_version = 1;`

/**
 * The summaries of one partition, beside it in a file of their own: so samples and summaries each go by deleting a file.
 * Its calls throw as a partition's do.
 */
export class RollupFile {
  readonly path: string
  readonly #database: DatabaseSync
  readonly #retired: StatementSync
  readonly #rollups: StatementSync

  private constructor(path: string, database: DatabaseSync) {
    this.path = path
    this.#database = database
    this.#retired = database.prepare(
      `SELECT tag, from_at AS "from", to_at AS "to", carry, clearing FROM retired
       WHERE tag = ? AND from_at < ? AND to_at > ? ORDER BY from_at`,
    )
    this.#rollups = database.prepare(
      "SELECT bytes FROM rollup WHERE tag = ? AND step_ms = ? AND kind = ? ORDER BY id",
    )
  }

  /** Made where it is missing. */
  static forWriting(path: string): RollupFile {
    return guarded(path, () => {
      const database = new DatabaseSync(path, { timeout: 5000 })
      database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; ${tables}`)
      return new RollupFile(path, database)
    })
  }

  static forReading(path: string): RollupFile {
    return guarded(
      path,
      () => new RollupFile(path, new DatabaseSync(path, { readOnly: true, timeout: 5000 })),
    )
  }

  /** All or nothing. */
  transaction(work: () => void): void {
    inTransaction(this.path, this.#database, work)
  }

  /** True once all that was committed is safe against a power cut; false where a reader stood in the way. */
  checkpoint(): boolean {
    return guarded(
      this.path,
      () => this.#database.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get()?.busy === 0,
    )
  }

  putRetired({ tag, from, to, carry, isClearing }: Retired): void {
    this.#run(
      "INSERT OR REPLACE INTO retired VALUES (?, ?, ?, ?, ?)",
      tag,
      from,
      to,
      carry,
      isClearing ? 1 : 0,
    )
  }

  /** Of a tag within `from` (in) to `to` (out), ascending. */
  retired(tag: TagId, from: number, to: number): readonly Retired[] {
    return guarded(this.path, () => this.#retired.all(tag, to, from).map(retiredOf))
  }

  clearing(): readonly Retired[] {
    const query = `SELECT tag, from_at AS "from", to_at AS "to", carry, clearing FROM retired WHERE clearing = 1`
    return guarded(this.path, () => this.#database.prepare(query).all().map(retiredOf))
  }

  /** The samples of these tags are gone. */
  cleared(): void {
    this.#run("UPDATE retired SET clearing = 0")
  }

  /** In place of those of the same tag and tier. */
  putRollups(tag: TagId, stepMs: number, rollups: Iterable<Rollup>): void {
    this.#put({ tag, stepMs, kind: kinds.rollup }, [...rollups].map(encodeRollup))
  }

  putSpans(tag: TagId, stepMs: number, spans: Iterable<Spans>): void {
    this.#put({ tag, stepMs, kind: kinds.spans }, [...spans].map(encodeSpans))
  }

  rollups(tag: TagId, stepMs: number): readonly Rollup[] {
    return this.#bytesOf(tag, stepMs, kinds.rollup).map(decodeRollup)
  }

  spans(tag: TagId, stepMs: number): readonly Spans[] {
    return this.#bytesOf(tag, stepMs, kinds.spans).map(decodeSpans)
  }

  /** Takes the summaries of a tier away. */
  removeRollups(tag: TagId, stepMs: number): void {
    this.#run("DELETE FROM rollup WHERE tag = ? AND step_ms = ?", tag, stepMs)
  }

  removeRetired(tag: TagId): void {
    this.#run("DELETE FROM retired WHERE tag = ?", tag)
  }

  /** Tags with retired stretches. */
  get retiredTags(): readonly TagId[] {
    const query = "SELECT DISTINCT tag FROM retired"
    return guarded(this.path, () =>
      this.#database
        .prepare(query)
        .all()
        .map(({ tag }) => tag as TagId),
    )
  }

  /** Tags with summaries of a tier. */
  tags(stepMs: number): readonly TagId[] {
    const query = "SELECT DISTINCT tag FROM rollup WHERE step_ms = ?"
    return guarded(this.path, () =>
      this.#database
        .prepare(query)
        .all(stepMs)
        .map(({ tag }) => tag as TagId),
    )
  }

  bytes(stepMs: number): number {
    const query = "SELECT coalesce(sum(length(bytes)), 0) AS n FROM rollup WHERE step_ms = ?"
    return guarded(this.path, () => Number(this.#database.prepare(query).get(stepMs)?.n))
  }

  /** Where the first stretch begins whose samples are gone. */
  get oldest(): number | undefined {
    const query = "SELECT min(from_at) AS at FROM retired"
    const at = guarded(this.path, () => this.#database.prepare(query).get()?.at)
    return typeof at === "number" ? at : undefined
  }

  get isEmpty(): boolean {
    const query = "SELECT EXISTS (SELECT 1 FROM rollup) OR EXISTS (SELECT 1 FROM retired) AS n"
    return guarded(this.path, () => this.#database.prepare(query).get()?.n === 0)
  }

  close(): void {
    if (this.#database.isOpen) this.#database.close()
  }

  #put(
    { tag, stepMs, kind }: { tag: TagId; stepMs: number; kind: number },
    all: readonly Uint8Array[],
  ): void {
    this.#run("DELETE FROM rollup WHERE tag = ? AND step_ms = ? AND kind = ?", tag, stepMs, kind)
    all.forEach((bytes, id) => {
      this.#run("INSERT INTO rollup VALUES (?, ?, ?, ?, ?)", tag, stepMs, kind, id, bytes)
    })
  }

  #run(statement: string, ...values: (number | Uint8Array)[]): void {
    guarded(this.path, () => this.#database.prepare(statement).run(...values.map(orNull)))
  }

  #bytesOf(tag: TagId, stepMs: number, kind: number): readonly Uint8Array[] {
    return guarded(this.path, () =>
      this.#rollups.all(tag, stepMs, kind).map(({ bytes }) => bytes as Uint8Array),
    )
  }
}

function retiredOf(row: Record<string, unknown>): Retired {
  const { tag, from, to, carry, clearing } = row
  return {
    tag: tag as TagId,
    from: from as number,
    to: to as number,
    carry: carry === null ? Number.NaN : (carry as number),
    isClearing: clearing === 1,
  }
}

function orNull(value: number | Uint8Array): number | Uint8Array | null {
  return typeof value === "number" && Number.isNaN(value) ? null : value
}

const ending = ".rollup.db"

/** The file of a partition's summaries, such as `2026-01-01.rollup.db`, by the partition's own. */
export function rollupFileOf(partition: string): string {
  return partition.replace(/\.db$/, ending)
}

/** The partition's file by that of its summaries; undefined where it is none. */
export function partitionOfRollup(name: string): string | undefined {
  return name.endsWith(ending) ? name.replace(ending, ".db") : undefined
}
