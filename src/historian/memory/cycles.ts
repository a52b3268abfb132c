import type { SourceId } from "../../model/block.ts"
import type { Cycle } from "../../model/cycle.ts"
import type { CycleRange, Cycles } from "../historian.ts"

export class MemoryCycles implements Cycles {
  readonly #originOf: (source: SourceId) => number
  readonly #lastRowOf: (source: SourceId) => number
  readonly #byId = new Map<string, Cycle>()
  readonly #lastSequences = new Map<SourceId, number>()
  #sorted: Cycle[] | undefined = []

  constructor(options: {
    originOf: (source: SourceId) => number
    lastRowOf: (source: SourceId) => number
  }) {
    this.#originOf = options.originOf
    this.#lastRowOf = options.lastRowOf
  }

  put(cycle: Cycle): void {
    const { source, sequence } = cycle
    this.#byId.set(cycle.id, structuredClone(cycle))
    this.#lastSequences.set(source, Math.max(sequence, this.#lastSequences.get(source) ?? 0))
    this.#sorted = undefined
  }

  async read(range: CycleRange): Promise<readonly Cycle[]> {
    const found = this.#within(range)
    if (range.newestFirst) found.reverse()
    return structuredClone(found.slice(0, range.limit))
  }

  async count(range: CycleRange): Promise<number> {
    return this.#within(range).slice(0, range.limit).length
  }

  async lastSequence(source: SourceId): Promise<number> {
    return this.#lastSequences.get(source) ?? 0
  }

  async lastRow(source: SourceId): Promise<number> {
    return this.#lastRowOf(source)
  }

  #within({ equipment, from, to }: CycleRange): Cycle[] {
    this.#sorted ??= [...this.#byId.values()].sort(
      (a, b) =>
        a.end - b.end ||
        this.#originOf(a.source) - this.#originOf(b.source) ||
        a.sequence - b.sequence,
    )
    return this.#sorted.filter(
      (c) => c.end >= from && c.end < to && (equipment === undefined || c.equipment === equipment),
    )
  }
}
