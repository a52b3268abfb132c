import type { Cycles } from "../../historian/historian.ts"
import type { Cycle } from "../../model/cycle.ts"
import type { Instant } from "../../model/instant.ts"
import type { Path } from "../../model/path.ts"

/** What a snapshot shows of an equipment's past. */
const mostCycles = 200

/** The last cycles of each equipment, at hand so that a snapshot asks no store. */
export class RecentCycles {
  readonly #cycles = new Map<Path, readonly Cycle[]>()

  async load(equipment: Path, from: Cycles): Promise<void> {
    const range = { equipment, from: 0, to: Number.MAX_SAFE_INTEGER, limit: mostCycles }
    const last = await from.read({ ...range, newestFirst: true })
    this.#cycles.set(equipment, [])
    this.add(last.toReversed())
  }

  /** As of an instant, read from the store: oldest first. */
  async asOf(equipment: Path, at: Instant, from: Cycles): Promise<readonly Cycle[]> {
    const range = { equipment, from: 0, to: at + 1, limit: mostCycles }
    return (await from.read({ ...range, newestFirst: true })).toReversed()
  }

  /** Takes cycles of equipment that was loaded; the others belong to no decider. */
  add(cycles: readonly Cycle[]): void {
    for (const [equipment, own] of Map.groupBy(cycles, (cycle) => cycle.equipment)) {
      const before = this.#cycles.get(equipment)
      if (!before) continue
      const known = new Set(before.map((cycle) => cycle.id))
      const all = [...before, ...own.filter((cycle) => !known.has(cycle.id))]
      this.#cycles.set(equipment, all.toSorted((a, b) => a.end - b.end).slice(-mostCycles))
    }
  }

  /** When the last known cycle ended; undefined where there is none. */
  lastEnd(equipment: Path): Instant | undefined {
    return this.#cycles.get(equipment)?.at(-1)?.end
  }

  /** Oldest first. */
  of(equipment: Path): readonly Cycle[] {
    return this.#cycles.get(equipment) ?? []
  }
}
