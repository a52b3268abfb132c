import type { Instant } from "../model/instant.ts"
import type { Path } from "../model/path.ts"
import type { Text } from "../model/text.ts"

/** `node:number`, such as `plant:4711`: one chain a node, one writer. */
export type LedgerId = string

/** What may stand in the ledger; the name is `thing.happened`. */
export type LedgerKind =
  | "config.changed"
  | "config.refused"
  | "config.waiting"
  | "config.confirmed"
  | "gap.opened"
  | "gap.closed"
  | "gap.shrunk"
  | "gap.filled"
  | "late.arrived"
  | "state.superseded"
  | "finding.superseded"
  | "finding.annotated"
  | "alarm.annotated"
  | "decision.annotated"
  | "report.issued"
  | "report.annotated"
  | "entry.made"
  | "alarm.raised"
  | "alarm.acknowledged"
  | "alarm.returned"
  | "alarm.shelved"
  | "alarm.unshelved"
  | "alarm.suppressed"
  | "alarm.unsuppressed"
  | "alarm.out-of-service"
  | "alarm.in-service"
  | "finding.raised"
  | "finding.closed"
  | "decision.proposed"
  | "decision.approved"
  | "decision.rejected"
  | "decision.expired"
  | "decision.done"
  | "decision.failed"
  | "decision.rolled-back"
  | "command.issued"
  | "command.done"
  | "command.refused"
  | "command.expired"
  | "command.failed"
  | "command.unknown"
  | "command.partial"
  | "effect.measured"
  | "effect.not-measurable"
  | "automatic.stopped"
  | "automatic.allowed"
  | "writes.forbidden"
  | "writes.allowed"
  | "storage.full"
  | "storage.recovered"
  | "samples.retired"
  | "backup.made"
  | "backup.restored"
  | "person.added"
  | "person.changed"
  | "person.signed-in"
  | "person.signed-out"
  | "edge.key-made"
  | "edge.key-ended"
  | "certificate.seen"
  | "certificate.trusted"
  | "certificate.refused"

/** Interval of samples that a record stands on; retention spares it. */
export interface Evidence {
  readonly tag: Path
  readonly from: Instant
  readonly to: Instant
  /** SHA-256 over the samples' columns as they were read, hex; absent where cycles are the evidence. */
  readonly digest?: string
  /** Share of this value in the statement, 0 to 1; the shares of one statement add up to 1. */
  readonly share?: number
  /** What it shows, such as `+4.1 sigma against the last 50 shots`. */
  readonly says?: Text
}

export interface LedgerRecord {
  readonly id: LedgerId
  /** Counts from 1 without holes. */
  readonly number: number
  readonly at: Instant
  readonly kind: LedgerKind
  /** What it is about: equipment, tag, device, or `plant`. */
  readonly subject: string
  /** Person id or `part:name`; people's names are kept apart and can be erased. */
  readonly by: string
  /** Ids of the records that led to this one. */
  readonly causes: readonly LedgerId[]
  /** JSON; each kind's shape is the interface of the part that writes it. */
  readonly body: Readonly<Record<string, unknown>>
  /** SHA-256, hex, over the previous hash and this record's canonical JSON. */
  readonly hash: string
}

export type LedgerDraft = Omit<LedgerRecord, "id" | "number" | "at" | "hash"> & {
  readonly at?: Instant
}

export interface LedgerFilter {
  readonly kinds?: readonly LedgerKind[]
  /** This subject and all beneath it. */
  readonly subject?: string
  readonly by?: string
  readonly from?: Instant
  readonly to?: Instant
  /** Only records with a smaller number: the next page of a listing, which goes from new to old. */
  readonly before?: number
  readonly limit: number
}

/** A record with all that led to it and all that followed from it, causes before effects. */
export interface LedgerChain {
  readonly id: LedgerId
  readonly records: readonly LedgerRecord[]
}

export interface LedgerReader {
  get(id: LedgerId): Promise<LedgerRecord | undefined>
  list(filter: LedgerFilter): Promise<readonly LedgerRecord[]>
  /** Walks causes and effects transitively, at most `limit` records. */
  chain(id: LedgerId, limit?: number): Promise<LedgerChain | undefined>
  /** Reads the whole chain and gives one problem (`ledger-broken`) for each break, none if it is whole. */
  verify(signal: AbortSignal): Promise<readonly LedgerBreak[]>
}

export interface LedgerBreak {
  readonly number: number
  readonly kind: "tampered" | "missing" | "cut-tail" | "rewritten"
  readonly says: string
}
