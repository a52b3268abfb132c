import type { Instant } from "../model/instant.ts"

/**
 * Faults that a simulated machine can be given; each kind of machine says which of them it can have. The truth goes to
 * a log that the rest of Moru never reads.
 */
export const faults = [
  "cooling-clog",
  "hydraulic-leak",
  "biscuit-drift",
  "frozen-sensor",
  "thermocouple-drift",
  "sensor-drift",
  "furnace-zone-failure",
  "tool-wear",
  "tool-breakage",
  "connection-lost",
  "counter-reset",
  "clock-wrong",
  "duplicate-sender",
] as const

export type FaultName = (typeof faults)[number]

/** Sent by `moru fault` to a machine's control port on 127.0.0.1, one JSON line each way. */
export interface FaultOrder {
  readonly fault: FaultName
  readonly state: "on" | "off"
  /** 0 to 1 of what the fault can do; 1 where absent. */
  readonly severity?: number
}

/** One line of the log of truth. */
export interface Truth {
  readonly at: Instant
  readonly machine: string
  readonly says: string
  readonly facts: Readonly<Record<string, unknown>>
}

/** What a machine process prints as its first line on standard output, so that its parent knows where it is. */
export interface MachineReady {
  readonly machine: string
  readonly endpoint: string
  readonly control?: string
  readonly seed?: number
}
