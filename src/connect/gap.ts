import type { SourceId } from "../model/block.ts"
import type { Instant } from "../model/instant.ts"
import type { Path } from "../model/path.ts"
import type { LedgerId } from "../store/ledger.ts"

/** Why something is missing. */
export type GapCause =
  /** Nobody knew the machine for a while: its line was cut, or it was off. */
  | "connection-lost"
  /** A queue was full, at the machine or on the way. */
  | "overflow"
  /** The machine's own numbered buffer went on over records that nobody had read. */
  | "buffer-overrun"
  /** A number was skipped in what the sender numbers. */
  | "message-lost"
  /** Moru itself, or the sender, was off. */
  | "restart"
  /** The computer's clock was set: the hour between was not lived through, or was twice. */
  | "clock-jump"
  /** Values came that could not be taken over: not of the tag's kind, or no message of the protocol. */
  | "refused"
  /** The disk had no room, and the sender keeps nothing. */
  | "storage-full"

/** A stretch of time that lacks something; `to` is out. */
export interface Span {
  readonly from: Instant
  readonly to: Instant
}

/** A gap as a document: open while `to` is absent. What was recorded first stays; late data adds `left`. */
export interface KnownGap {
  readonly id: LedgerId
  /** `clock` where it is the computer's clock that was set. */
  readonly device: string
  readonly source: SourceId
  readonly because: GapCause
  readonly from: Instant
  readonly to?: Instant
  /** Samples or records that are missing, where known. */
  readonly size?: number
  /** Nobody has them any more: nothing that comes late is what is missing. */
  readonly gone?: true
  /** Whose values it takes: the equipment of the device's points. */
  readonly equipment?: readonly Path[]
  /** By how much the clock was set, negative back; the gap is the time between. */
  readonly setByMs?: number
  /** What late data left missing; nothing where all has come. Absent while nothing came. */
  readonly left?: readonly Span[]
  /** Usable rows that stood in the gap when it was looked at last. */
  readonly filled?: { readonly rows: number; readonly at: Instant }
}

/** What of a gap is missing still; an open one reaches until `now`. */
export function missingOf(gap: KnownGap, now: Instant): readonly Span[] {
  const whole = { from: gap.from, to: gap.to ?? Math.max(now, gap.from) }
  return gap.left ?? [whole]
}

/**
 * Types of connectors whose live rows carry the machine's own numbers, which it gives to values that nobody wanted, too:
 * there a number without a row is no loss, and what its buffer lost they report as a gap.
 */
export const sparseConnectors: ReadonlySet<string> = new Set(["mtconnect"])
