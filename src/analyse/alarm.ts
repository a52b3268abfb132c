import type { Instant } from "../model/instant.ts"
import type { Path } from "../model/path.ts"
import type { LimitSide, Priority } from "../model/tag.ts"
import type { Text } from "../model/text.ts"
import type { LedgerId } from "../store/ledger.ts"

/** Life of an alarm (ISA-18.2-2016, figure 2). */
export type AlarmState =
  | "unacknowledged"
  | "acknowledged"
  | "returned"
  | "shelved"
  | "suppressed"
  | "out-of-service"
  | "normal"

/** One alarm: a limit of a tag that asks for a person. Its id is `tag:side`, so it is the same alarm each time. */
export interface Alarm {
  readonly id: string
  readonly tag: Path
  readonly equipment: Path
  readonly side: LimitSide
  readonly limit: number
  readonly priority: Priority
  readonly state: AlarmState
  readonly text: Text
  /** Value and source time at which it was raised. */
  readonly raisedAt?: Instant
  readonly value?: number
  readonly acknowledgedBy?: string
  readonly acknowledgedAt?: Instant
  readonly returnedAt?: Instant
  readonly shelvedUntil?: Instant
  readonly reason?: string
  /** The ledger record of its last raising. */
  readonly record?: LedgerId
}

/** What people do to alarms. Each throws `not-found` for an unknown id. */
export interface Alarms {
  list(): readonly Alarm[]
  acknowledge(id: string, by: string): Promise<Alarm>
  shelve(
    id: string,
    by: string,
    options: { readonly until: Instant; readonly reason: string },
  ): Promise<Alarm>
  unshelve(id: string, by: string): Promise<Alarm>
  takeOutOfService(id: string, by: string, reason: string): Promise<Alarm>
  returnToService(id: string, by: string): Promise<Alarm>
}
