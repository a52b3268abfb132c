import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { MemoryHistory } from "../../src/historian/memory/history.ts"
import { SimulatedClock } from "../../src/kernel/clock/simulated.ts"
import { nodeFiles } from "../../src/kernel/files/node.ts"
import { type Ids, timedIds } from "../../src/kernel/ids.ts"
import { silentLog } from "../../src/kernel/log.ts"
import { seededRandom } from "../../src/kernel/random.ts"
import { BlockWriter, type SourceId, sourceId } from "../../src/model/block.ts"
import type { Cycle } from "../../src/model/cycle.ts"
import type { Instant } from "../../src/model/instant.ts"
import type { Path } from "../../src/model/path.ts"
import { type Quality, quality } from "../../src/model/quality.ts"
import type { Tag, Value } from "../../src/model/tag.ts"
import { MemoryNamespace } from "../../src/namespace/memory/namespace.ts"
import { openStore, type SqliteStore } from "../../src/store/sqlite/store.ts"

/** Each house gives other ids, also in the same instant. */
let opened = 1

/** A real store in a folder of its own, with namespace, history and simulated time: what most parts stand on. */
export class House {
  readonly clock: SimulatedClock
  readonly store: SqliteStore
  readonly namespace: MemoryNamespace
  readonly history: MemoryHistory
  readonly ids: Ids
  readonly folder: string
  readonly #rows = new Map<SourceId, number>()

  private constructor(given: {
    clock: SimulatedClock
    store: SqliteStore
    history: MemoryHistory
    folder: string
  }) {
    this.clock = given.clock
    this.store = given.store
    this.history = given.history
    this.folder = given.folder
    this.namespace = new MemoryNamespace({ registry: given.store.registry, clock: given.clock })
    this.ids = timedIds(given.clock, seededRandom(opened++))
  }

  static async open(
    tags: readonly Tag[],
    given: { at?: Instant; folder?: string; history?: MemoryHistory } = {},
  ): Promise<House> {
    const folder = given.folder ?? mkdtempSync(join(tmpdir(), "moru-house-"))
    const clock = new SimulatedClock(given.at ?? 1_000_000)
    const store = await openStore({
      folder,
      node: "plant",
      clock,
      files: nodeFiles,
      log: silentLog,
    })
    const house = new House({ clock, store, folder, history: given.history ?? new MemoryHistory() })
    await house.namespace.define(tags)
    return house
  }

  /** Opens it again as after a restart: what is durable is there, the rest is gone. History is kept. */
  async reopen(tags: readonly Tag[]): Promise<House> {
    await this.store.close()
    const { folder, history } = this
    return House.open(tags, { at: this.clock.now(), folder, history })
  }

  /** One sample of a tag, stored and published. */
  async sample(
    path: Path,
    value: Value,
    at: { at?: Instant; quality?: Quality } = {},
  ): Promise<void> {
    await this.deliver("machine", [{ path, value, ...at }], [])
  }

  /** Samples of one source with the cycles that they complete. */
  async deliver(
    source: string,
    samples: readonly { path: Path; value: Value; at?: Instant; quality?: Quality }[],
    cycles: readonly Cycle[],
  ): Promise<void> {
    const { registry } = this.store
    const rows = new BlockWriter(Math.max(1, samples.length))
    for (const { path, value, at = this.clock.now(), quality: q = quality.good } of samples) {
      const id = this.namespace.idOf(path)
      if (id === undefined) throw new Error(`no tag ${path}`)
      rows.add(id, at, typeof value === "string" ? registry.textId(id, value) : Number(value), q)
    }
    const from = sourceId({ name: source, epoch: "1" })
    const sequence = this.#rows.get(from) ?? 0
    const block = rows.take({ source: from, sequence, received: this.clock.now() })
    this.#rows.set(from, sequence + block.length)
    await this.history.append(block, cycles)
    await this.namespace.publish(block)
  }

  async close(): Promise<void> {
    await this.store.close()
    rmSync(this.folder, { recursive: true, force: true })
  }
}
