import {
  encodeEntry,
  encodeMessage,
  type MessageHead,
  type MessagePart,
  parcelTags,
  type TagEntry,
  type TextEntry,
} from "../../codec/delivery.ts"
import type { Clock } from "../../kernel/clock.ts"
import type { Component, Health } from "../../kernel/component.ts"
import type { Log } from "../../kernel/log.ts"
import type { Metrics } from "../../kernel/metrics.ts"
import type { Random } from "../../kernel/random.ts"
import { type BackOff, backOffMs } from "../../kernel/retry.ts"
import type { Instant } from "../../model/instant.ts"
import { Problem, problemOf } from "../../model/problem.ts"
import type { TagId } from "../../model/tag.ts"
import type { Registry } from "../../store/store.ts"
import type { CentralLine, EdgeStatus } from "../edge.ts"
import { within } from "../waiting.ts"
import type { EdgeLog, Fresh } from "./log.ts"
import type { Shelved } from "./shelf.ts"
import { textsOf, untold, untoldOf } from "./tables.ts"

export interface SenderOptions {
  readonly edge: string
  readonly log: EdgeLog
  readonly line: CentralLine
  readonly registry: Registry
  readonly unitOf: (tag: TagId) => string
  readonly status: () => EdgeStatus
  readonly clock: Clock
  readonly random: Random
  readonly metrics: Metrics
  readonly logbook: Log
}

/** The centre hears of the edge at least so often. */
export const heartbeatMs = 5000
/** What comes so close together goes in one message. */
const gatherMs = 50
const answerMs = 30_000
const backOff: BackOff = { firstMs: 500, factor: 2, longestMs: 10_000 }
/** With more waiting after a cut, live values begin anew and the rest goes the slow way. */
const freshRows = 20_000

type Draft = Pick<MessageHead, "lane" | "first" | "last" | "texts"> & {
  readonly parts: readonly MessagePart[]
  readonly tagsUntold: () => ReadonlySet<TagId>
}

/**
 * Brings the log to the centre in two lanes: what is fresh at once, and beside it, one after the other, the parcels of what
 * waited. Nothing leaves the log before the centre has confirmed it.
 */
export class Sender implements Component {
  readonly name = "edge"
  readonly #options: SenderOptions
  readonly #logbook: Log
  #stop: AbortController | undefined
  #running: Promise<unknown> = Promise.resolve()
  #session = ""
  #told = new Set<TagId>()
  #problem: Problem | undefined
  #heardAt: Instant | undefined
  #refused = 0

  constructor(options: SenderOptions) {
    this.#options = options
    this.#logbook = options.logbook.of("edge")
  }

  async start(): Promise<void> {
    this.#stop = new AbortController()
    const { signal } = this.#stop
    this.#running = Promise.all([this.#live(signal), this.#late(signal)])
  }

  async stop(): Promise<void> {
    this.#stop?.abort()
    await this.#running
    this.#options.line.close()
    this.#stop = undefined
  }

  health(): Health {
    if (!this.#stop) return { state: "stopped" }
    const { lost } = this.#options.log.state
    if (this.#problem)
      return { state: "degraded", because: this.#problem.message, hint: this.#problem.hint }
    if (lost === 0) return { state: "running" }
    const because = `the log was full: of ${lost} samples only one-minute summaries are left`
    return {
      state: "degraded",
      because,
      hint: "Raise `budget` of the edge in the plant's files.",
    }
  }

  /** When the centre answered last, what is wrong since, and what it refused. */
  get line(): { heardAt: Instant | undefined; problem: Problem | undefined; refused: number } {
    return { heardAt: this.#heardAt, problem: this.#problem, refused: this.#refused }
  }

  async #live(signal: AbortSignal): Promise<void> {
    const { log, clock, random } = this.#options
    for (let attempt = 0; !signal.aborted; ) {
      try {
        // After a cut, asks first whether the line is there: what waits needs no second try.
        if (this.#problem) {
          await this.#heartbeat(signal)
          if (log.waitingRows > freshRows) await log.seal()
        } else {
          await this.#firstOf(log.arrival(), heartbeatMs, signal)
          await clock.sleep(gatherMs, signal)
        }
        await log.sendLive((fresh) => this.#send(this.#fresh(fresh), signal))
        attempt = 0
        this.#heard()
      } catch (thrown) {
        if (signal.aborted) return
        this.#failed(problemOf(thrown, "edge"))
        await clock.sleep(backOffMs(++attempt, backOff, random), signal).catch(() => {})
      }
    }
  }

  async #late(signal: AbortSignal): Promise<void> {
    const { log, clock } = this.#options
    while (!signal.aborted) {
      try {
        const isTime = this.#heardAt !== undefined && !this.#problem && log.hasLate
        const went = isTime && (await log.sendLate((one) => this.#send(this.#parcel(one), signal)))
        if (!went) await clock.sleep(250, signal)
      } catch (thrown) {
        if (signal.aborted) return
        this.#logbook.debug(problemOf(thrown, "edge").message)
        await clock.sleep(1000, signal).catch(() => {})
      }
    }
  }

  async #heartbeat(signal: AbortSignal): Promise<void> {
    await this.#send(this.#fresh({ first: 0, last: 0, entries: [] }), signal)
    this.#heard()
  }

  #fresh({ first, last, entries }: Fresh): Draft {
    const { registry } = this.#options
    const blocks = entries.flatMap(({ entry }) => (entry.block ? [entry.block] : []))
    return {
      ...{ lane: "live", first, last, texts: textsOf(blocks, registry) },
      parts: entries.map(({ number, entry }) => {
        return { kind: "entry", number, bytes: encodeEntry(entry) }
      }),
      tagsUntold: () => untold(blocks, this.#told),
    }
  }

  #parcel({ head, bytes }: Shelved): Draft {
    const { first, last } = head
    const texts: readonly TextEntry[] = []
    return {
      ...{ lane: "late", first, last, texts },
      parts: [{ kind: "parcel", number: 0, bytes }],
      tagsUntold: () => untoldOf(parcelTags(bytes), this.#told),
    }
  }

  async #send({ parts, tagsUntold, ...draft }: Draft, signal: AbortSignal): Promise<void> {
    const { edge, log, line, status, clock, metrics } = this.#options
    for (let asked = 0; asked < 2; asked++) {
      const untoldTags = tagsUntold()
      const session = this.#session
      const head: MessageHead = {
        ...draft,
        ...{ edge, epoch: log.epoch, session, sentAt: clock.now(), status: status() },
        tags: [...untoldTags].flatMap((id) => this.#tagEntry(id)),
      }
      const message = encodeMessage(head, parts)
      const late = () => new Problem("connection-timeout", "edge", "the centre gave no answer")
      const answer = await within(answerMs, (s) => line.send(message, draft.lane, s), {
        ...{ clock, signal, late },
      })
      metrics.count("moru_edge_bytes_sent_total", { lane: draft.lane }, message.length)
      if (answer.session !== this.#session) {
        this.#session = answer.session
        this.#told = new Set()
      }
      for (const id of untoldTags) this.#told.add(id)
      if (!answer.accepted) {
        this.#told.clear()
        continue
      }
      this.#count(answer.refused)
      return
    }
    throw new Problem(
      "protocol-error",
      "edge",
      "the centre did not take the tags that it asked for",
    )
  }

  #tagEntry(id: TagId): TagEntry[] {
    const { registry, unitOf } = this.#options
    const path = registry.pathOf(id)
    const kind = registry.kindOf(id)
    return path === undefined || kind === undefined ? [] : [[id, path, kind, unitOf(id)]]
  }

  #count(refused: number): void {
    if (refused === 0) return
    this.#refused += refused
    this.#options.metrics.count("moru_edge_refused_total", {}, refused)
    this.#logbook.warn(
      "the centre refused values: they are not this edge's, or their unit differs",
      {
        refused,
      },
    )
  }

  #heard(): void {
    this.#heardAt = this.#options.clock.now()
    if (this.#problem) this.#logbook.info("the centre answers again")
    this.#problem = undefined
  }

  #failed(problem: Problem): void {
    if (problem.message !== this.#problem?.message)
      this.#logbook.warn(`${problem.message}. ${problem.hint}`, { code: problem.code })
    this.#problem = problem
  }

  async #firstOf(arrival: Promise<void>, ms: number, signal: AbortSignal): Promise<void> {
    const over = new AbortController()
    const either = AbortSignal.any([signal, over.signal])
    const slept = this.#options.clock.sleep(ms, either).catch(() => {})
    await Promise.race([arrival, slept])
    over.abort()
  }
}
