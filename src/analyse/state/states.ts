import { isDeepStrictEqual } from "node:util"
import type { History } from "../../historian/historian.ts"
import type { Clock } from "../../kernel/clock.ts"
import type { Component, Health } from "../../kernel/component.ts"
import type { Log } from "../../kernel/log.ts"
import type { Block } from "../../model/block.ts"
import type { Instant } from "../../model/instant.ts"
import type { Path } from "../../model/path.ts"
import type { StateConfig } from "../../model/plant.ts"
import { problemOf } from "../../model/problem.ts"
import { isUsable } from "../../model/quality.ts"
import type { Tag } from "../../model/tag.ts"
import { isStale, type Namespace, tagAt } from "../../namespace/namespace.ts"
import type { Registry, Store } from "../../store/store.ts"
import type { LateNews } from "../late.ts"
import type { EquipmentStates, KnownState, StateSpan } from "../state.ts"
import { foldStates, type StateSample } from "./fold.ts"

export interface StatesOptions {
  readonly states: readonly StateConfig[]
  readonly namespace: Namespace
  readonly history: History
  readonly registry: Pick<Registry, "textOf">
  readonly clock: Clock
  readonly log: Log
}

/** At the start the beginning of the present state is looked for no further back than this. */
const lookBackMs = 24 * 3_600_000
/** States that a record of late data holds; history has all. */
const mostSpans = 500

/** Reads states from the tags that the plant names for them. */
export class StatesFromTags implements EquipmentStates, Component {
  readonly name = "states"
  readonly #options: StatesOptions
  readonly #log: Log
  #configs: ReadonlyMap<Path, StateConfig>
  readonly #last = new Map<Path, { state: KnownState; since: Instant; at: Instant }>()
  readonly #stopping = new AbortController()
  #loops: Promise<void>[] = []
  #health: Health = { state: "stopped" }

  constructor(options: StatesOptions) {
    this.#options = options
    this.#log = options.log.of("states")
    this.#configs = new Map(options.states.map((config) => [config.equipment, config]))
  }

  async start(signal: AbortSignal): Promise<void> {
    signal.addEventListener("abort", () => this.#stopping.abort(), { once: true })
    for (const config of this.#configs.values()) await this.#begin(config)
    this.#health = { state: "running" }
  }

  /** Takes changed configurations over; what is new is followed from now on. */
  async replan(states: readonly StateConfig[]): Promise<void> {
    const before = this.#configs
    const kept = (config: StateConfig) => {
      const former = before.get(config.equipment)
      return isDeepStrictEqual(former, config) && former ? former : config
    }
    this.#configs = new Map(states.map((config) => [config.equipment, kept(config)]))
    for (const config of this.#configs.values())
      if (before.get(config.equipment) !== config) await this.#begin(config)
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await Promise.allSettled(this.#loops)
    this.#health = { state: "stopped" }
  }

  health(): Health {
    return this.#health
  }

  now(equipment: Path): { state: KnownState; since: Instant } | undefined {
    const config = this.#configs.get(equipment)
    if (!config) return undefined
    const { namespace, clock } = this.#options
    const now = clock.now()
    const found = tagAt(namespace, config.tag)
    const sample = found && namespace.latest(found.id)
    const last = this.#last.get(equipment)
    if (!sample) return { state: "unknown", since: last?.at ?? now }
    const { tag } = found
    const stale = isStale(tag, now - sample.at)
    if (stale) return { state: "unknown", since: sample.at + tag.staleAfterMs }
    const state = stateOf(config, isUsable(sample.quality) ? sample.value : null)
    return { state, since: last?.state === state ? last.since : sample.at }
  }

  async spans(
    equipment: Path,
    range: { from: Instant; to: Instant },
    signal: AbortSignal,
  ): Promise<readonly StateSpan[]> {
    const { namespace, history, clock } = this.#options
    const config = this.#configs.get(equipment)
    if (!config) return []
    const to = Math.min(range.to, clock.now())
    const found = tagAt(namespace, config.tag)
    if (!found) return foldStates([], { from: range.from, to, holdMs: 0 })
    const { id, tag } = found
    const holdMs = tag.staleAfterMs
    const samples: StateSample[] = []
    const asked = { tags: [id], from: range.from - holdMs, to }
    for await (const block of history.read(asked, signal))
      samples.push(...this.#read(config, tag, block))
    return foldStates(samples, { from: range.from, to, holdMs })
  }

  /** Late data came: what it makes of the states of that time is recorded beside what was known before. */
  async again(news: LateNews, store: Pick<Store, "commit">): Promise<void> {
    const { signal } = this.#stopping
    for (const config of this.#configs.values()) {
      const found = tagAt(this.#options.namespace, config.tag)
      if (!found || !news.paths.has(config.tag)) continue
      const range = { from: news.from, to: news.to + found.tag.staleAfterMs }
      const spans = await this.spans(config.equipment, range, signal)
      const body = { ...range, spans: spans.slice(0, mostSpans), more: spans.length > mostSpans }
      const said = { subject: config.equipment, by: "analyse:states", causes: [news.record], body }
      await store.commit({ records: [{ kind: "state.superseded", ...said }] })
      await this.#lookBack(config)
    }
  }

  async #begin(config: StateConfig): Promise<void> {
    const { namespace } = this.#options
    const { signal } = this.#stopping
    const blocks = namespace.follow(config.tag, { limit: 100, whenFull: "drop-oldest", signal })
    await this.#lookBack(config)
    this.#loops.push(this.#follow(config, blocks))
  }

  /** Since when the present state lasts, as history has it. */
  async #lookBack({ equipment }: StateConfig): Promise<void> {
    const now = this.#options.clock.now()
    const range = { from: now - lookBackMs, to: now }
    const last = (await this.spans(equipment, range, this.#stopping.signal)).at(-1)
    if (last) this.#last.set(equipment, { state: last.state, since: last.from, at: last.to })
  }

  async #follow(config: StateConfig, blocks: AsyncIterable<Block>): Promise<void> {
    const { namespace } = this.#options
    try {
      for await (const block of blocks) {
        const tag = tagAt(namespace, config.tag)?.tag
        if (tag && this.#configs.get(config.equipment) === config)
          for (const sample of this.#read(config, tag, block))
            this.#note(config.equipment, sample, tag)
      }
    } catch (thrown) {
      const { message, hint } = problemOf(thrown, config.tag)
      this.#health = { state: "degraded", because: message, hint }
      this.#log.error("a state is no longer followed", { problem: message })
    }
  }

  #note(equipment: Path, sample: StateSample, tag: Tag): void {
    const last = this.#last.get(equipment)
    if (last && sample.at < last.at) return
    const goesOn = last?.state === sample.state && sample.at - last.at <= tag.staleAfterMs
    this.#last.set(equipment, {
      state: sample.state,
      since: goesOn ? last.since : sample.at,
      at: sample.at,
    })
  }

  #read(config: StateConfig, tag: Tag, block: Block): readonly StateSample[] {
    const samples: StateSample[] = []
    for (let row = 0; row < block.length; row++) {
      const number = block.value[row] ?? Number.NaN
      const text = tag.kind === "text"
      const value = text ? this.#options.registry.textOf(block.tag[row] ?? 0, number) : number
      const usable = isUsable(block.quality[row] ?? 128) && value !== undefined
      samples.push({ at: block.at[row] ?? 0, state: stateOf(config, usable ? value : null) })
    }
    return samples
  }
}

/** A switch may be named `true` or `1` in the configuration. */
function stateOf(config: StateConfig, value: number | boolean | string | null): KnownState {
  if (value === null) return "unknown"
  const { values } = config
  if (typeof value === "string") return values[value] ?? "unknown"
  const asNumber = Number(value)
  const asSwitch = asNumber === 1 ? "true" : asNumber === 0 ? "false" : ""
  return values[String(asNumber)] ?? values[asSwitch] ?? "unknown"
}
