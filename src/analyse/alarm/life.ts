import type { Instant } from "../../model/instant.ts"
import type { LedgerKind } from "../../store/ledger.ts"
import type { AlarmState } from "../alarm.ts"

/** Where one alarm stands. JSON. */
export interface Life {
  readonly state: AlarmState
  /** Whether the value is beyond the limit, delays considered; goes on while nobody is told. */
  readonly active: boolean
  /** Whether the equipment's state suppresses it by design; shelving and out of service cover this. */
  readonly byDesign: boolean
  readonly raisedAt?: Instant
  readonly value?: number
  readonly acknowledgedBy?: string
  readonly acknowledgedAt?: Instant
  readonly returnedAt?: Instant
  readonly shelvedUntil?: Instant
  readonly reason?: string
}

export type LifeEvent =
  | { readonly kind: "beyond"; readonly at: Instant; readonly value: number }
  | { readonly kind: "within"; readonly at: Instant }
  | { readonly kind: "acknowledge"; readonly at: Instant; readonly by: string }
  | { readonly kind: "shelve"; readonly until: Instant; readonly reason: string }
  | { readonly kind: "unshelve"; readonly at: Instant }
  | { readonly kind: "suppress" }
  | { readonly kind: "unsuppress"; readonly at: Instant }
  | { readonly kind: "take-out"; readonly reason: string }
  | { readonly kind: "put-back"; readonly at: Instant }

/** What an event made of an alarm, and what the ledger is told of it, in order; nothing if nobody has to know. */
export interface LifeStep {
  readonly life: Life
  readonly records: readonly LedgerKind[]
}

export const normalLife: Life = { state: "normal", active: false, byDesign: false }

/** The life of an alarm (ISA-18.2-2016, figure 2; IEC 62682, figure 3). Pure; what does not apply in a state changes nothing. */
export function stepLife(life: Life, event: LifeEvent): LifeStep {
  switch (event.kind) {
    case "beyond":
      return beyond(life, event)
    case "within":
      return within(life, event.at)
    case "acknowledge":
      return acknowledge(life, event)
    case "shelve": {
      if (life.state === "out-of-service") return still(life)
      const { until, reason } = event
      return told({ ...life, state: "shelved", shelvedUntil: until, reason }, "alarm.shelved")
    }
    case "unshelve":
      return life.state === "shelved" ? returned(life, event.at, "alarm.unshelved") : still(life)
    case "suppress": {
      const next = { ...life, byDesign: true }
      if (life.byDesign || isHidden(life)) return still(next)
      return told({ ...next, state: "suppressed" }, "alarm.suppressed")
    }
    case "unsuppress": {
      const next = { ...life, byDesign: false }
      if (life.state !== "suppressed") return still(next)
      return returned(next, event.at, "alarm.unsuppressed")
    }
    case "take-out": {
      if (life.state === "out-of-service") return still(life)
      const { shelvedUntil: _, ...rest } = life
      const next: Life = { ...rest, state: "out-of-service", reason: event.reason }
      return told(next, "alarm.out-of-service")
    }
    case "put-back":
      return life.state === "out-of-service"
        ? returned(life, event.at, "alarm.in-service")
        : still(life)
  }
}

/** In these states nobody is told of the alarm. */
function isHidden({ state }: Life): boolean {
  return state === "shelved" || state === "suppressed" || state === "out-of-service"
}

function beyond(life: Life, event: { at: Instant; value: number }): LifeStep {
  const { at, value } = event
  if (life.active) return still(life)
  if (isHidden(life)) return still({ ...life, active: true, raisedAt: at, value })
  return raised(life, { at, value })
}

function raised(life: Life, now: { at: Instant; value: number }): LifeStep {
  const { byDesign } = life
  const next: Life = {
    state: "unacknowledged",
    active: true,
    byDesign,
    raisedAt: now.at,
    value: now.value,
  }
  return told(next, "alarm.raised")
}

function within(life: Life, at: Instant): LifeStep {
  if (!life.active) return still(life)
  const next = { ...life, active: false, returnedAt: at }
  if (life.state === "unacknowledged") return told({ ...next, state: "returned" }, "alarm.returned")
  if (life.state === "acknowledged") return told({ ...next, state: "normal" }, "alarm.returned")
  return still(next)
}

function acknowledge(life: Life, event: { at: Instant; by: string }): LifeStep {
  if (life.state !== "unacknowledged" && life.state !== "returned") return still(life)
  const state = life.state === "returned" ? "normal" : "acknowledged"
  const { at: acknowledgedAt, by: acknowledgedBy } = event
  return told({ ...life, state, acknowledgedAt, acknowledgedBy }, "alarm.acknowledged")
}

/** Comes back from shelf, suppression or out of service: where the value stands beyond its limit, it is raised anew. */
function returned(life: Life, at: Instant, kind: LedgerKind): LifeStep {
  const { shelvedUntil: _shelved, reason: _reason, ...rest } = life
  if (life.byDesign) return told({ ...rest, state: "suppressed" }, kind)
  if (!life.active) return told({ ...rest, state: "normal" }, kind)
  const again = raised(rest, { at, value: life.value ?? Number.NaN })
  return { life: again.life, records: [kind, ...again.records] }
}

function told(life: Life, kind: LedgerKind): LifeStep {
  return { life, records: [kind] }
}

function still(life: Life): LifeStep {
  return { life, records: [] }
}
