import type { Instant } from "../../../model/instant.ts"
import { endOfLine, type Inlet, noParts, type Outlet } from "../../flow.ts"
import type { FaultOrder } from "../../twin.ts"
import { type CentreMemory, MachiningCentre } from "./centre.ts"

/** Sparkplug names of the two machines. */
export const centreNames = ["MC1", "MC2"] as const

export type CellMemory = Readonly<Partial<Record<string, CentreMemory>>>

/** Two machining centres that take their parts from one buffer. Pure and seeded. */
export class MachiningCell {
  readonly centres: readonly MachiningCentre[]
  inlet: Inlet = noParts
  outlet: Outlet = endOfLine
  at: Instant
  #restMs = 0

  constructor({ seed, at, memory = {} }: { seed: number; at: Instant; memory?: CellMemory }) {
    this.at = at
    this.centres = centreNames.map((name) => {
      const known = memory[name]
      return new MachiningCentre({ name, seed, ...(known && { memory: known }) })
    })
  }

  /** Runs so much plant time, second by second; what is left of a second waits for the next call. */
  step(ms: number): void {
    this.#restMs += ms
    const flow = {
      take: () => this.inlet.take(),
      offer: (part: Parameters<Outlet["offer"]>[0]) => this.outlet.offer(part),
    }
    while (this.#restMs >= 1000) {
      this.#restMs -= 1000
      this.at += 1000
      for (const centre of this.centres) centre.step(this.at, flow)
    }
  }

  /** What befalls a machine befalls the first. */
  order(order: FaultOrder): void {
    this.centres[0]?.order(order)
  }

  memory(): CellMemory {
    return Object.fromEntries(this.centres.map((centre) => [centre.name, centre.memory()]))
  }
}
