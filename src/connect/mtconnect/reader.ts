import type { MtConnectDocument, Observation } from "../../codec/mtconnect.ts"
import type { Instant } from "../../model/instant.ts"
import { Problem } from "../../model/problem.ts"
import { LiveRows } from "../live-rows.ts"
import { isPlausible } from "../values.ts"
import { Conditions } from "./conditions.ts"
import type { FollowJob } from "./follow.ts"
import type { Place } from "./place.ts"
import { observationsIn, type Places, type Streams } from "./rows.ts"

/** Reads the agent's buffer on from a place, in order and each observation once. */
export class Reader {
  readonly #job: FollowJob
  readonly #places: Places
  readonly #place: Place
  readonly #rows: LiveRows

  constructor(job: FollowJob, places: Places, place: Place) {
    this.#job = job
    this.#places = places
    this.#place = place
    this.#rows = new LiveRows(job.host, place.count, job.deliver)
    job.kept.place = place
  }

  get next(): number {
    return this.#place.next
  }

  /**
   * Catches up with what `current` shows. A new agent's values come with their own times; of a known one, what it kept since, and then, for
   * points that did not change meanwhile, that their values stand.
   */
  async begin(current: Streams, signal: AbortSignal): Promise<void> {
    const { kept, host, deliver } = this.#job
    const { nextSequence } = current.header
    if (this.#place.next === 0) {
      this.#sayRestarted()
      kept.conditions = new Conditions()
      const { conditions } = kept
      this.#places.addCurrent(current, { conditions, rows: this.#rows, at: "own time" })
      this.#saw(observationsIn(current))
      return this.#deliver(nextSequence)
    }
    if (kept.conditions.size === 0) await this.#restoreConditions(current, signal)
    if (this.#place.next < current.header.firstSequence) await this.#skip(current, signal)
    while (this.#place.next < nextSequence) await this.read(signal)
    const rows = new LiveRows(host, kept.unnumbered, deliver)
    this.#places.addCurrent(current, { conditions: kept.conditions, rows, at: "now" })
    await rows.deliver()
  }

  /** Asks for what comes next; true where more is waiting. */
  async read(signal: AbortSignal): Promise<boolean> {
    const { agent, options } = this.#job
    const from = this.#place.next
    const document = await agent.ask("sample", { from, count: options.count }, signal)
    await this.hear(document, signal)
    if (document.kind !== "streams") return false
    const isBehind = this.#place.next <= document.header.lastSequence
    if (isBehind && this.#place.next === from)
      throw this.#problem("protocol-error", `got nothing from sequence ${from} on`)
    return isBehind
  }

  /** Takes a document over; true where it says that the buffer ran over and reading goes on behind the hole. */
  async hear(document: MtConnectDocument, signal: AbortSignal): Promise<boolean> {
    if (document.kind === "error") {
      const [error] = document.errors
      if (error?.code === "OUT_OF_RANGE") return this.#skip(await this.current(signal), signal)
      throw this.#problem("protocol-error", `got ${error?.code} ("${error?.text.slice(0, 200)}")`)
    }
    await this.#take(this.#checked(document))
    return false
  }

  async current(signal: AbortSignal): Promise<Streams> {
    return this.#checked(await this.#job.agent.ask("current", {}, signal))
  }

  #checked(document: MtConnectDocument): Streams {
    if (document.kind !== "streams")
      throw this.#problem("protocol-error", `got a document of ${document.kind}`)
    const { instanceId, nextSequence } = document.header
    if (instanceId === this.#place.instanceId && nextSequence >= this.#place.next) return document
    throw this.#problem("connection-lost", "the agent started anew")
  }

  async #take(streams: Streams): Promise<void> {
    const { firstSequence, nextSequence } = streams.header
    const from = this.#place.next
    const fresh = observationsIn(streams).filter(({ sequence }) => sequence >= from)
    const last = fresh.at(-1)
    if (from < firstSequence) this.#sayLost(firstSequence, fresh[0]?.at)
    this.#add(fresh)
    await this.#deliver(Math.max(nextSequence, (last?.sequence ?? 0) + 1))
  }

  /** What the agent no longer has is lost, but for the newest value of each point. False where nothing was lost. */
  async #skip(current: Streams, signal: AbortSignal): Promise<boolean> {
    const { firstSequence } = current.header
    const from = this.#place.next
    if (from >= firstSequence) return false
    const kept = observationsIn(current).filter(
      ({ sequence }) => sequence >= from && sequence < firstSequence,
    )
    this.#sayLost(firstSequence, kept[0]?.at)
    await this.#restoreConditions(current, signal)
    this.#add(kept)
    await this.#deliver(firstSequence)
    return true
  }

  /** As they were at the place where reading goes on, or as they are now where the agent cannot tell. */
  async #restoreConditions(current: Streams, signal: AbortSignal): Promise<void> {
    if (!this.#places.hasConditions) return
    const { agent, kept } = this.#job
    const at = Math.max(this.#place.next - 1, current.header.firstSequence)
    const then = await agent.ask("current", { at }, signal)
    kept.conditions = new Conditions()
    for (const observation of observationsIn(then.kind === "streams" ? then : current))
      kept.conditions.fold(observation)
  }

  #add(observations: readonly Observation[]): void {
    const { conditions } = this.#job.kept
    for (const observation of observations) this.#places.add(observation, conditions, this.#rows)
    this.#saw(observations)
  }

  async #deliver(upTo: number): Promise<void> {
    const { count, width, next } = this.#place
    const first = upTo * width - this.#rows.length
    if (first < next * width)
      throw this.#problem("protocol-error", "got more observations than sequence numbers")
    count.next = first
    await this.#rows.deliver()
    this.#place.next = upTo
  }

  #saw(observations: readonly Observation[]): void {
    const { kept, host } = this.#job
    const now = host.clock.now()
    for (const { at } of observations)
      if (isPlausible(at, now)) kept.lastAt = Math.max(kept.lastAt ?? at, at)
  }

  #sayLost(firstSequence: number, until: Instant | undefined): void {
    const { kept, host } = this.#job
    const to = until !== undefined && !Number.isNaN(until) ? until : host.clock.now()
    const from = Math.min(kept.lastAt ?? to, to)
    this.#rows.lost({ because: "buffer-overrun", from, to, size: firstSequence - this.#place.next })
  }

  #sayRestarted(): void {
    const { kept, host } = this.#job
    if (kept.lastAt === undefined) return
    const to = host.clock.now()
    this.#rows.lost({ because: "restart", from: Math.min(kept.lastAt, to), to })
  }

  #problem(code: "protocol-error" | "connection-lost", what: string): Problem {
    return new Problem(code, this.#job.agent.where, what)
  }
}
