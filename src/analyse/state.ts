import type { Instant } from "../model/instant.ts"
import type { Path } from "../model/path.ts"
import type { EquipmentState } from "../model/plant.ts"

/** `unknown` where no fresh, usable value says what the equipment does. */
export type KnownState = EquipmentState | "unknown"

export interface StateSpan {
  readonly from: Instant
  /** Out. */
  readonly to: Instant
  readonly state: KnownState
}

/** What the equipment does and did, as its configuration reads it from a tag. */
export interface EquipmentStates {
  /** The state of now and since when; undefined where none is configured. */
  now(equipment: Path): { readonly state: KnownState; readonly since: Instant } | undefined
  /** Without holes from `from` to `to` or to now, whichever is earlier; empty where no state is configured. */
  spans(
    equipment: Path,
    range: { readonly from: Instant; readonly to: Instant },
    signal: AbortSignal,
  ): Promise<readonly StateSpan[]>
}
