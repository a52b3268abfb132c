import type { Inlet, Outlet, Part } from "../../flow.ts"

/** A buffer between two machines of one process, for whole lines in simulated time. */
export class PartBuffer implements Inlet, Outlet {
  /** What went to the scrap bin. */
  readonly scrap: Part[] = []
  readonly #parts: Part[] = []
  readonly #capacity: number

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  get waiting(): number {
    return this.#parts.length
  }

  take(): Part | undefined {
    return this.#parts.shift()
  }

  offer(part: Part): boolean {
    if (part.rejected) this.scrap.push(part)
    else if (this.#parts.length >= this.#capacity) return false
    else this.#parts.push(part)
    return true
  }
}
