import { type Clock, every } from "../../kernel/clock.ts"
import type { Component, Health } from "../../kernel/component.ts"
import type { Log } from "../../kernel/log.ts"
import type { SourceId } from "../../model/block.ts"
import type { Path } from "../../model/path.ts"
import { problemOf } from "../../model/problem.ts"
import type { TagId } from "../../model/tag.ts"
import type { Late, Namespace } from "../../namespace/namespace.ts"
import type { Store } from "../../store/store.ts"
import type { LateNews, Recompute } from "../late.ts"

export interface LateDataParts {
  readonly namespace: Pick<Namespace, "tag">
  readonly store: Pick<Store, "commit">
  readonly clock: Clock
  readonly log: Log
  /** In this order, each after the one before. */
  readonly again: readonly Recompute[]
}

interface Gathered {
  readonly tags: Set<TagId>
  from: number
  to: number
  rows: number
}

/** What comes late within this is one piece of news: a buffer that is emptied sends many blocks. */
const gatherMs = 2000
/** Paths that a record names; more of them are counted. */
const mostNamed = 50

/** Hears of rows that came late, records that they did, and has everything computed from their time computed again. */
export class LateData implements Component {
  readonly name = "late data"
  readonly #parts: LateDataParts
  readonly #log: Log
  readonly #stopping = new AbortController()
  #gathered = new Map<SourceId, Gathered>()
  #loop: Promise<void> = Promise.resolve()
  #work: Promise<void> = Promise.resolve()
  #health: Health = { state: "stopped" }

  constructor(parts: LateDataParts) {
    this.#parts = parts
    this.#log = parts.log.of("late")
  }

  async start(): Promise<void> {
    const { clock } = this.#parts
    const { signal } = this.#stopping
    const failed = (thrown: unknown) => this.#failed(thrown)
    this.#health = { state: "running" }
    const ms = gatherMs * (clock.speed ?? 1)
    this.#loop = every(ms, () => this.settled(), { clock, signal, failed })
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#loop
    await this.settled().catch((thrown) => this.#failed(thrown))
    this.#health = { state: "stopped" }
  }

  health(): Health {
    return this.#health
  }

  /** Takes note; the rows are durable. */
  note({ source, tags, from, to, rows }: Late): void {
    const known = this.#gathered.get(source)
    const all = known ?? { tags: new Set(), from, to, rows: 0 }
    if (!known) this.#gathered.set(source, all)
    for (const tag of tags) all.tags.add(tag)
    all.from = Math.min(all.from, from)
    all.to = Math.max(all.to, to)
    all.rows += rows
  }

  /** Resolves when all that was noted is recorded and computed again. What fails is tried again with the next round. */
  settled(): Promise<void> {
    this.#work = this.#work.catch(() => {}).then(() => this.#round())
    return this.#work
  }

  async #round(): Promise<void> {
    // What is noted meanwhile waits for the next round, so that each ends.
    for (const [source, late] of [...this.#gathered]) {
      this.#gathered.delete(source)
      const news = await this.#record(source, late).catch((thrown) => {
        this.note({ source, ...late, tags: [...late.tags] })
        throw thrown
      })
      for (const again of this.#parts.again)
        await again(news).catch((thrown) => this.#failed(thrown))
    }
  }

  async #record(source: SourceId, late: Gathered): Promise<LateNews> {
    const { namespace, store } = this.#parts
    const { from, to, rows } = late
    const known = [...late.tags].flatMap((id) => namespace.tag(id) ?? [])
    const paths = new Set<Path>(known.map(({ path }) => path))
    const equipment = new Set<Path>(known.map((tag) => tag.equipment))
    const body = {
      ...{ source, from, to, rows, tags: paths.size },
      ...{ paths: [...paths].slice(0, mostNamed), equipment: [...equipment].slice(0, mostNamed) },
    }
    const [first = "plant"] = equipment.size === 1 ? equipment : []
    const [record] = await store.commit({
      records: [{ kind: "late.arrived", subject: first, by: "part:analyse", causes: [], body }],
    })
    const tags = [...late.tags]
    return { record: record?.id ?? "", tags, paths, equipment, from, to, rows }
  }

  #failed(thrown: unknown): void {
    const { message, hint } = problemOf(thrown, "late data")
    this.#health = { state: "degraded", because: message, hint }
    this.#log.error("late data could not be worked in", { problem: message })
  }
}
