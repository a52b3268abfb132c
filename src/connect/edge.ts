import type { Lane } from "../codec/delivery.ts"
import type { Instant } from "../model/instant.ts"
import type { Path } from "../model/path.ts"
import type { DeviceHealth } from "./connector.ts"

/** What an edge says of itself with each message. */
export interface EdgeStatus {
  /** Of its log, on its disk. */
  readonly bytes: number
  readonly budgetBytes: number
  /** Time of the oldest sample that the centre has not confirmed; absent where nothing waits. */
  readonly oldestAt?: Instant
  /** For how many days of a cut line the budget lasts at the present rate; absent before it is known. */
  readonly lastsDays?: number
  /** Samples of which only one-minute summaries, or nothing, are left since the edge's start. */
  readonly lost: number
  readonly devices: readonly DeviceHealth[]
}

/** The edge's way to the centre. */
export interface CentralLine {
  /** One message and its answer, which comes when all of it is durable at the centre. Throws a Problem. */
  send(message: Uint8Array, lane: Lane, signal: AbortSignal): Promise<EdgeAnswer>
  close(): void
}

export interface EdgeAnswer {
  /** False where the centre does not know a tag of the message: it is sent again with all its tags. */
  readonly accepted: boolean
  /** Of the centre; a new one has been told nothing. */
  readonly session: string
  /** Rows that are not the edge's to send, or in another unit than the plant's; they are counted, not stored. */
  readonly refused: number
}

/** An edge that the plant's files name, and what it may tell. */
export interface KnownEdge {
  readonly name: string
  readonly devices: readonly EdgeDevice[]
}

export interface EdgeDevice {
  readonly name: string
  readonly connector: string
  /** Whose tags it gives; everything beneath is its edge's to tell. */
  readonly equipment: readonly Path[]
}

/** How an edge does, seen from the centre or from itself. */
export interface EdgeHealth {
  readonly edge: string
  /** `unheard`: never since this start. */
  readonly state: "connected" | "lost" | "unheard"
  /** When the line was heard last; absent where it never was. */
  readonly heardAt?: Instant
  /** Age of the oldest sample that the centre has not got; 0 where it has all. */
  readonly lagMs: number
  readonly bytes: number
  readonly budgetBytes: number
  readonly lastsDays?: number
  readonly lost: number
  /** Rows that were not the edge's to send. */
  readonly refused: number
  /** How far the edge's clock goes before the centre's. */
  readonly clockAheadMs: number
  /** False where no credential was made for it yet. */
  readonly hasKey: boolean
  readonly problem?: { readonly code: string; readonly message: string; readonly hint: string }
}
