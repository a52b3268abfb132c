import type { Clock } from "../../kernel/clock.ts"
import { sourceId } from "../../model/block.ts"
import type { Instant } from "../../model/instant.ts"
import type { Store } from "../../store/store.ts"
import type { KnownEdge } from "../edge.ts"
import type { KnownGap } from "../gap.ts"
import { GapBook } from "../supervisor/gaps.ts"

/**
 * While an edge is silent nobody here knows its machines: that is a gap of each of its devices, until what the edge kept has
 * come late and fills it.
 */
export class EdgeSilence {
  readonly #store: Pick<Store, "commit" | "get" | "list">
  readonly #book: GapBook
  readonly #open = new Map<string, readonly KnownGap[]>()

  constructor(store: Pick<Store, "commit" | "get" | "list">) {
    this.#store = store
    this.#book = new GapBook(store)
  }

  /** Finds again what an earlier run left open. */
  async load(edges: readonly KnownEdge[]): Promise<void> {
    const open = (await this.#book.list()).filter(({ to }) => to === undefined)
    for (const edge of edges) {
      const own = open.filter(({ source }) =>
        edge.devices.some((device) => source === sourceOf(edge.name, device.name)),
      )
      if (own.length > 0) this.#open.set(edge.name, own)
    }
  }

  has(edge: string): boolean {
    return this.#open.has(edge)
  }

  /** Nothing was heard since then. */
  async begin(edge: KnownEdge, from: Instant): Promise<void> {
    if (this.#open.has(edge.name)) return
    const gaps: KnownGap[] = []
    this.#open.set(edge.name, gaps)
    for (const { name: device, equipment } of edge.devices) {
      const source = sourceOf(edge.name, device)
      gaps.push(
        await this.#book.open({ device, source, because: "connection-lost", from, equipment }),
      )
    }
  }

  async end(edge: string, clock: Clock): Promise<void> {
    const gaps = this.#open.get(edge) ?? []
    this.#open.delete(edge)
    for (const gap of gaps) {
      // Late data may have made it smaller meanwhile.
      const now = await this.#store.get<KnownGap>("gap", gap.id)
      await this.#book.close(now ?? gap, clock.now())
    }
  }
}

function sourceOf(edge: string, device: string) {
  return sourceId({ name: `${device}/edge`, epoch: edge })
}
