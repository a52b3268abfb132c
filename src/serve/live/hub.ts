import type { Readable } from "node:stream"
import { every } from "../../kernel/clock.ts"
import type { Block } from "../../model/block.ts"
import { compilePattern } from "../../model/path.ts"
import { Problem } from "../../model/problem.ts"
import type { TagId } from "../../model/tag.ts"
import type { LiveEvents } from "../api.ts"
import type { ServeParts } from "../serve.ts"
import { alarmViewOf } from "../view/alarm.ts"
import { decisionViewOf } from "../view/decision.ts"
import { deviceViewOf } from "../view/device.ts"
import { findingViewOf } from "../view/finding.ts"
import { valueViewOf } from "../view/value.ts"
import { eventOf, LiveClient } from "./client.ts"

export const mostClients = 100

/** How often clients are told which tags have changed: less often than blocks come in. */
const spreadMs = 50

/** How often a client's right is looked at again: a session may end while its stream is open. */
const recheckMs = 5000

export interface LiveRequest {
  readonly pattern: string
  readonly intervalMs: number
  /** Whether the client may still follow. */
  readonly allowed: () => Promise<boolean>
}

type HubParts = Pick<
  ServeParts,
  | "alarms"
  | "clock"
  | "decisions"
  | "devices"
  | "findings"
  | "gate"
  | "log"
  | "metrics"
  | "namespace"
  | "plant"
  | "wall"
>

/** Tells all screens what changes: one follower of the namespace for all, a set of changed tags for each. */
export class LiveHub {
  readonly #parts: HubParts
  readonly #clients = new Set<LiveClient>()
  readonly #texts = new Map<TagId, string>()
  /** Tags that have changed since the clients were told last, and which these are by id. */
  #changed: TagId[] = []
  #isChanged = new Uint8Array(0)
  readonly #stopping = new AbortController()
  #unlisten: readonly (() => void)[] = []
  #following: Promise<unknown> = Promise.resolve()

  constructor(parts: HubParts) {
    this.#parts = parts
  }

  start(): void {
    const { namespace, alarms, findings, decisions, devices, gate, wall } = this.#parts
    // Marking never waits for a client, so waiting here holds nobody up and loses no mark.
    const options = { limit: 64, whenFull: "wait", signal: this.#stopping.signal } as const
    const context = { clock: wall, signal: this.#stopping.signal, failed: () => {} }
    this.#following = Promise.all([
      this.#follow(namespace.follow("**", options)),
      every(spreadMs, () => this.#spread(), context),
    ])
    this.#unlisten = [
      alarms.onChange((alarm) => this.#tell("alarm", alarmViewOf(alarm), alarm.id)),
      findings.onChange((finding) => this.#tell("finding", findingViewOf(finding), finding.id)),
      decisions.onChange((decision) =>
        this.#tell("decision", decisionViewOf(decision, this.#parts), decision.id),
      ),
      devices.onHealth((health) => this.#tell("device", deviceViewOf(health), health.device)),
      gate.onChange(() => this.#tell("automatic", { stopped: gate.automaticStopped }, "")),
    ]
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    for (const unlisten of this.#unlisten) unlisten()
    for (const client of this.#clients) client.end()
    await this.#following
  }

  /** Gives a stream of events that begins with the state of now. Throws `too-many-requests` beyond the limit. */
  open({ pattern, intervalMs, allowed }: LiveRequest): Readable {
    const { namespace, wall, clock, metrics } = this.#parts
    if (this.#clients.size >= mostClients)
      throw new Problem("too-many-requests", "live", `${mostClients} screens follow already`)
    const client = new LiveClient({
      wants: this.#wants(pattern),
      valueText: (tag) => this.#valueText(tag),
      monotonic: () => wall.monotonic(),
      plantNow: () => clock.now(),
    })
    const closed = new AbortController()
    client.stream.once("close", () => {
      closed.abort()
      this.#clients.delete(client)
      metrics.gauge("moru_live_clients", {}, this.#clients.size)
    })
    client.stream.push("retry: 1500\n\n")
    client.mark(namespace.tags().map(({ id }) => id))
    client.flush()
    this.#clients.add(client)
    metrics.gauge("moru_live_clients", {}, this.#clients.size)
    const signal = AbortSignal.any([closed.signal, this.#stopping.signal])
    const context = { clock: wall, signal, failed: () => client.stream.destroy() }
    void every(intervalMs, () => client.flush(), context)
    void every(recheckMs, async () => ((await allowed()) ? undefined : client.end()), context)
    return client.stream
  }

  #wants(pattern: string): (tag: TagId) => boolean {
    const matches = compilePattern(pattern)
    const known = new Map<TagId, boolean>()
    return (id) => {
      let wanted = known.get(id)
      if (wanted === undefined) {
        const tag = this.#parts.namespace.tag(id)
        wanted = tag !== undefined && matches(tag.path)
        known.set(id, wanted)
      }
      return wanted
    }
  }

  async #follow(blocks: AsyncIterable<Block>): Promise<void> {
    try {
      for await (const block of blocks) this.#mark(block)
    } catch (thrown) {
      this.#parts.log.error("the live stream no longer follows", { thrown: String(thrown) })
    }
  }

  #mark({ length, tag }: Block): void {
    for (let row = 0; row < length; row++) {
      const id = tag[row] ?? 0
      if (this.#isChanged[id] === 1) continue
      if (id >= this.#isChanged.length) this.#grow(id)
      this.#isChanged[id] = 1
      this.#changed.push(id)
    }
  }

  #grow(id: TagId): void {
    const before = this.#isChanged
    this.#isChanged = new Uint8Array(2 * (id + 1))
    this.#isChanged.set(before)
  }

  #spread(): void {
    const changed = this.#changed
    this.#changed = []
    for (const id of changed) {
      this.#isChanged[id] = 0
      this.#texts.delete(id)
    }
    for (const client of this.#clients) client.mark(changed)
  }

  #valueText(id: TagId): string | undefined {
    const known = this.#texts.get(id)
    if (known !== undefined) return known
    const { namespace } = this.#parts
    const path = namespace.tag(id)?.path
    const sample = namespace.latest(id)
    if (path === undefined || !sample) return undefined
    const text = JSON.stringify(valueViewOf(path, sample))
    this.#texts.set(id, text)
    return text
  }

  #tell<Kind extends keyof LiveEvents>(kind: Kind, view: LiveEvents[Kind], key: string): void {
    if (this.#clients.size === 0) return
    const event = eventOf(kind, JSON.stringify(view))
    for (const client of this.#clients) client.add(`${kind} ${key}`, event)
  }
}
