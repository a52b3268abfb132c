import type { FaultName, FaultOrder } from "../twin.ts"

const hourMs = 3_600_000

/** The faults that a machine has at the moment; physics and sensors ask how bad each is. */
export class FaultSet {
  readonly #severities = new Map<FaultName, number>()

  take({ fault, state, severity = 1 }: FaultOrder): void {
    if (state === "on") this.#severities.set(fault, severity)
    else this.#severities.delete(fault)
  }

  /** 0 (absent) to 1. */
  severity(fault: FaultName): number {
    return this.#severities.get(fault) ?? 0
  }

  /** By how much the machine's own clock is fast: an hour with `clock-wrong` at full severity. */
  get clockFastMs(): number {
    return hourMs * this.severity("clock-wrong")
  }
}
