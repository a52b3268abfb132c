import type { TSchema } from "typebox"
import type { Clock } from "../kernel/clock.ts"
import type { Files } from "../kernel/files.ts"
import type { Log } from "../kernel/log.ts"
import type { FaultName, FaultOrder, Truth } from "./twin.ts"

/** What a kind of simulated machine has to give so that it can be started as a process of its own. */
export interface MachineKind {
  /** As it stands under `machines` in a plant's files, such as `die-casting`. */
  readonly kind: string
  readonly summary: string
  /** TypeBox; validates, documents and makes the form. */
  readonly options: TSchema
  /** What can befall it; another fault is refused before the machine hears of it. */
  readonly faults: readonly FaultName[]
  /** Resolves once clients can connect. Throws `port-taken`. `options` passed the schema. */
  start(options: unknown, context: MachineContext): Promise<Machine>
}

/** What its process lends to a machine. */
export interface MachineContext {
  readonly name: string
  readonly seed: number
  readonly clock: Clock
  readonly files: Files
  readonly log: Log
  /** The machine's own: certificates and what it must remember when the power comes back. */
  readonly folder: string
  /** Appends to the log of truth. */
  tell(says: Truth["says"], facts: Truth["facts"], at?: Truth["at"]): void
}

export interface Machine {
  readonly endpoint: string
  /** Carries a fault of its kind's `faults` out or ends it. Throws a Problem where it cannot. */
  order(order: FaultOrder): Promise<void>
  /** Never throws. */
  stop(): Promise<void>
}
