import type { Path } from "../model/path.ts"
import type { TagId, TagKind } from "../model/tag.ts"
import type { LedgerDraft, LedgerReader, LedgerRecord } from "./ledger.ts"

/** The present state of business things beside the ledger: JSON documents by collection and id. */
export type Collection =
  | "alarm"
  | "finding"
  | "decision"
  | "command"
  | "person"
  | "session"
  | "certificate"
  | "setting"
  | "memory"
  | "pending"
  | "gap"
  | "report"

export interface Put {
  readonly collection: Collection
  readonly id: string
  /** Undefined removes. */
  readonly document: unknown
  /** Place in the change's `records` of the record whose id the document carries as its `record`. */
  readonly record?: number
}

/** One change: what is written to the ledger and what the documents become by it, all or nothing. */
export interface Change {
  readonly records?: readonly LedgerDraft[]
  readonly puts?: readonly Put[]
}

/** Business records and the ledger. One writer: one Moru a data folder. */
export interface Store {
  readonly ledger: LedgerReader
  readonly registry: Registry
  /** Durable (fsynced) when it resolves; gives the records as they stand in the chain. Throws `store-failed`. */
  commit(change: Change): Promise<readonly LedgerRecord[]>
  get<Document>(collection: Collection, id: string): Promise<Document | undefined>
  list<Document>(collection: Collection): Promise<readonly Document[]>
}

/** Permanent ids of tags and texts. In memory for the hot path; `flush` makes new ones durable. */
export interface Registry {
  /** The permanent id of a tag: the same for the same path at each start. */
  tagId(path: Path, kind: TagKind): TagId
  pathOf(id: TagId): Path | undefined
  kindOf(id: TagId): TagKind | undefined
  /** Id of a text in the tag's dictionary, counted from 1. */
  textId(tag: TagId, text: string): number
  textOf(tag: TagId, id: number): string | undefined
  /** Resolves when every id given so far is durable; called before samples that use them are stored. */
  flush(): Promise<void>
}
