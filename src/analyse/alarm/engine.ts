import type { Clock } from "../../kernel/clock.ts"
import { every } from "../../kernel/clock.ts"
import type { Component, Health } from "../../kernel/component.ts"
import type { Log } from "../../kernel/log.ts"
import type { Block } from "../../model/block.ts"
import type { Instant } from "../../model/instant.ts"
import { Problem, problemOf } from "../../model/problem.ts"
import type { Tag } from "../../model/tag.ts"
import type { Namespace } from "../../namespace/namespace.ts"
import type { Store } from "../../store/store.ts"
import type { Alarm, Alarms } from "../alarm.ts"
import type { EquipmentStates } from "../state.ts"
import { onSample, onTime } from "./condition.ts"
import { alarmOf, type Entry, entriesOf, type Kept, keptOf } from "./entry.ts"
import { Journal } from "./journal.ts"
import { type LifeEvent, stepLife } from "./life.ts"

export interface AlarmEngineOptions {
  readonly tags: readonly Tag[]
  readonly namespace: Namespace
  readonly states: EquipmentStates
  readonly store: Store
  readonly clock: Clock
  readonly log: Log
}

const own = "analyse:alarm"
const longestShelfMs = 7 * 24 * 3_600_000
const tickMs = 1000
/** Ticks a real second at most, however fast plant time runs. */
const ticksASecond = 10

/** Watches every limit of every tag and leads its alarm through the life of ISA-18.2. */
export class AlarmEngine implements Component, Alarms {
  readonly name = "alarms"
  readonly #options: AlarmEngineOptions
  readonly #log: Log
  readonly #journal: Journal
  readonly #stopping = new AbortController()
  #entries = new Map<string, Entry>()
  #byTag = new Map<number, readonly Entry[]>()
  #loops: Promise<void>[] = []
  #health: Health = { state: "stopped" }

  constructor(options: AlarmEngineOptions) {
    this.#options = options
    this.#log = options.log.of("alarms")
    this.#journal = new Journal(options.store, options.clock, this.#log)
  }

  async start(signal: AbortSignal): Promise<void> {
    const { namespace, store, clock, tags } = this.#options
    const kept = await store.list<Kept>("alarm")
    this.#set(tags, new Map(kept.map((k) => [k.id, k])))
    const until = AbortSignal.any([signal, this.#stopping.signal])
    const blocks = namespace.follow("**", { limit: 1000, whenFull: "wait", signal: until })
    const failed = (thrown: unknown) => this.#failed(thrown)
    const rhythm = Math.max(tickMs, ((clock.speed ?? 1) * 1000) / ticksASecond)
    this.#loops = [
      this.#follow(blocks),
      every(rhythm, () => this.#tick(clock.now()), { clock, signal: until, failed }),
    ]
    this.#health = { state: "running" }
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await Promise.allSettled(this.#loops)
    await this.#journal.close()
    this.#health = { state: "stopped" }
  }

  health(): Health {
    return this.#journal.problem ?? this.#health
  }

  /** The computer's clock was set back: what comes now is not older than what came before. */
  putBack(now: Instant): void {
    for (const entry of this.#entries.values()) {
      const { at, since } = entry.condition
      entry.condition = {
        ...entry.condition,
        at: Math.min(at, now),
        ...(since !== undefined && { since: Math.min(since, now) }),
      }
    }
  }

  /** Takes over changed limits; an alarm whose limit is gone disappears, the others keep their life. */
  retag(tags: readonly Tag[]): void {
    this.#set(tags, new Map([...this.#entries].map(([id, entry]) => [id, keptOf(entry)])))
  }

  /** Every limit's alarm, those of normal state too. */
  list(): readonly Alarm[] {
    return [...this.#entries.values()].map(alarmOf)
  }

  /** Calls back after a change of an alarm's state is durable. Gives a function that ends it. */
  onChange(listener: (alarm: Alarm) => void): () => void {
    return this.#journal.onChange(listener)
  }

  acknowledge(id: string, by: string): Promise<Alarm> {
    return this.#act(id, by, { kind: "acknowledge", at: this.#options.clock.now(), by })
  }

  async shelve(
    id: string,
    by: string,
    options: { readonly until: Instant; readonly reason: string },
  ): Promise<Alarm> {
    const { until, reason } = options
    const now = this.#options.clock.now()
    if (!(until > now && until <= now + longestShelfMs))
      throw new Problem(
        "request-invalid",
        `alarm ${id}`,
        `got the end ${until}, expected a time within the next 7 days`,
      )
    return this.#act(id, by, { kind: "shelve", until, reason })
  }

  unshelve(id: string, by: string): Promise<Alarm> {
    return this.#act(id, by, { kind: "unshelve", at: this.#options.clock.now() })
  }

  takeOutOfService(id: string, by: string, reason: string): Promise<Alarm> {
    return this.#act(id, by, { kind: "take-out", reason })
  }

  returnToService(id: string, by: string): Promise<Alarm> {
    return this.#act(id, by, { kind: "put-back", at: this.#options.clock.now() })
  }

  #set(tags: readonly Tag[], kept: ReadonlyMap<string, Kept>): void {
    this.#entries = new Map(entriesOf(tags, kept).map((entry) => [entry.id, entry]))
    this.#byTag = new Map()
    for (const entry of this.#entries.values()) {
      const id = this.#options.namespace.idOf(entry.tag.path)
      if (id !== undefined) this.#byTag.set(id, [...(this.#byTag.get(id) ?? []), entry])
    }
  }

  async #act(id: string, by: string, event: LifeEvent): Promise<Alarm> {
    const entry = this.#entries.get(id)
    if (!entry) throw new Problem("not-found", `alarm ${id}`, "no limit has this alarm")
    this.#step(entry, event, by)
    await this.#journal.settled()
    return alarmOf(entry)
  }

  async #follow(blocks: AsyncIterable<Block>): Promise<void> {
    try {
      for await (const block of blocks) {
        this.#take(block)
        await this.#journal.room()
      }
    } catch (thrown) {
      if (!this.#stopping.signal.aborted) this.#failed(thrown)
    }
  }

  #take(block: Block): void {
    for (let row = 0; row < block.length; row++) {
      const entries = this.#byTag.get(block.tag[row] ?? -1)
      if (!entries) continue
      const sample = {
        at: block.at[row] ?? 0,
        value: block.value[row] ?? Number.NaN,
        quality: block.quality[row] ?? 128,
      }
      for (const entry of entries)
        this.#conclude(entry, onSample(entry.condition, sample, entry.limit))
    }
  }

  #tick(now: Instant): void {
    for (const entry of this.#entries.values()) {
      this.#suppress(entry, now)
      this.#conclude(entry, onTime(entry.condition, now, entry.limit))
      const { state, shelvedUntil } = entry.life
      if (state === "shelved" && shelvedUntil !== undefined && shelvedUntil <= now)
        this.#step(entry, { kind: "unshelve", at: now }, own)
    }
  }

  /** Whether the condition stands beyond its limit now decides what its alarm is told. */
  #conclude(entry: Entry, condition: Entry["condition"]): void {
    const turned = condition.active !== entry.life.active
    entry.condition = condition
    if (!turned) return
    const { value, turnedAt: at } = condition
    if (condition.active) this.#suppress(entry, this.#options.clock.now())
    this.#step(
      entry,
      condition.active ? { kind: "beyond", at, value } : { kind: "within", at },
      own,
    )
  }

  #suppress(entry: Entry, now: Instant): void {
    if (entry.limit.suppressedIn.length === 0) return
    const state = this.#options.states.now(entry.tag.equipment)?.state
    const byDesign = state !== undefined && entry.limit.suppressedIn.includes(state)
    if (byDesign === entry.life.byDesign) return
    this.#step(entry, byDesign ? { kind: "suppress" } : { kind: "unsuppress", at: now }, own)
  }

  #step(entry: Entry, event: LifeEvent, by: string): void {
    const { life, records } = stepLife(entry.life, event)
    entry.life = life
    for (const kind of records) this.#journal.write(entry, { kind, by })
  }

  #failed(thrown: unknown): void {
    const { message, hint } = problemOf(thrown, "alarms")
    this.#health = { state: "degraded", because: message, hint }
    this.#log.error("alarms failed", { problem: message })
  }
}
