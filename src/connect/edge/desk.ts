import { DamagedChunk, decodeMessage, type Lane, type MessageHead } from "../../codec/delivery.ts"
import { type Clock, every } from "../../kernel/clock.ts"
import type { Component, Health } from "../../kernel/component.ts"
import type { Log } from "../../kernel/log.ts"
import type { Metrics } from "../../kernel/metrics.ts"
import type { Instant } from "../../model/instant.ts"
import { isWithin, type Path } from "../../model/path.ts"
import { Problem } from "../../model/problem.ts"
import type { Tag } from "../../model/tag.ts"
import type { Registry, Store } from "../../store/store.ts"
import type { Delivery, DeviceHealth } from "../connector.ts"
import type { EdgeAnswer, EdgeHealth, EdgeStatus, KnownEdge } from "../edge.ts"
import { Confirmed, type ConfirmedDocument } from "./confirmed.ts"
import { EdgeGaps } from "./edge-gaps.ts"
import { type Intake, takeIn } from "./intake.ts"
import { EdgeKeys } from "./keys.ts"
import { EdgeSilence } from "./silence.ts"
import { TagMap } from "./tag-map.ts"

export interface EdgeDeskOptions {
  readonly edges: readonly KnownEdge[]
  readonly registry: Registry
  readonly tagOf: (path: Path) => Tag | undefined
  readonly store: Pick<Store, "commit" | "get" | "list">
  /** Of the house; `sentAt` and the age of a heartbeat are compared with it. */
  readonly clock: Clock
  readonly metrics: Metrics
  readonly log: Log
  /** Name of this run of the centre. */
  readonly session: string
  /** Resolves once rows and cycles are durable. */
  readonly deliver: (delivery: Delivery & { readonly device: string }) => Promise<void>
}

interface Heard {
  readonly at: Instant
  readonly sentAt: Instant
  readonly status: EdgeStatus
}

/** What the centre knows of one edge. */
interface Side {
  readonly confirmed: Confirmed
  readonly maps: Map<string, TagMap>
  /** Messages of a lane are taken one after the other. */
  readonly turns: Record<Lane, Promise<unknown>>
  saving: Promise<unknown>
  heard: Heard | undefined
  /** By an earlier run of the centre. */
  readonly heardBefore: Instant | undefined
  refused: number
}

const silentMs = 30_000
const watchMs = 5000
const mostClockAheadMs = 10_000

/** Takes what edges send, each message once, and answers when all of it is durable. */
export class EdgeDesk implements Component {
  readonly name = "edges"
  readonly keys: EdgeKeys
  readonly #options: EdgeDeskOptions
  readonly #gaps: EdgeGaps
  readonly #sides = new Map<string, Side>()
  #edges: readonly KnownEdge[]
  readonly #silence: EdgeSilence
  #stop: AbortController | undefined
  #startedAt: Instant = 0
  #watching: Promise<void> = Promise.resolve()

  constructor(options: EdgeDeskOptions) {
    this.#options = options
    this.#edges = options.edges
    this.keys = new EdgeKeys(options.store)
    this.#gaps = new EdgeGaps(options.store)
    this.#silence = new EdgeSilence(options.store)
  }

  async start(): Promise<void> {
    await this.keys.load()
    const all = await this.#options.store.list<Partial<ConfirmedDocument>>("memory")
    for (const { is, edge, epochs, heardAt } of all)
      if (is === "edge-confirmed" && edge !== undefined && epochs)
        this.#sides.set(edge, sideOf(new Confirmed(epochs), heardAt))
    await this.#silence.load(this.#edges)
    this.#stop = new AbortController()
    const { clock, log } = this.#options
    const { signal } = this.#stop
    const failed = (thrown: unknown) =>
      log.warn("could not record that an edge is silent", { because: String(thrown) })
    this.#startedAt = clock.now()
    this.#watching = every(watchMs, () => this.#watch(), { clock, signal, failed })
  }

  async stop(): Promise<void> {
    this.#stop?.abort()
    this.#stop = undefined
    await this.#watching
    const all = [...this.#sides.values()].flatMap(({ turns, saving }) => [
      turns.live,
      turns.late,
      saving,
    ])
    await Promise.allSettled(all)
  }

  health(): Health {
    if (!this.#stop) return { state: "stopped" }
    const troubles = this.list().flatMap(({ problem }) => (problem ? [problem] : []))
    const [first] = troubles
    if (!first) return { state: "running" }
    const because = troubles.map(({ message }) => message).join("; ")
    return { state: "degraded", because, hint: first.hint }
  }

  /** Takes a changed plant over: what an edge may tell counts from its next message on. */
  update(edges: readonly KnownEdge[]): void {
    this.#edges = edges
    for (const { maps } of this.#sides.values()) maps.clear()
  }

  /** How every edge of the plant does, in the order of the configuration. */
  list(): readonly EdgeHealth[] {
    return this.#edges.map(({ name }) => this.#healthOf(name))
  }

  /** The devices behind edges, as their edges told last. */
  devices(): readonly DeviceHealth[] {
    return this.#edges.flatMap((edge) => this.#devicesOf(edge))
  }

  /** Throws `not-found`. */
  async makeKey(edge: string, by: string): Promise<string> {
    this.#known(edge)
    return (await this.keys.make(edge, by)).key
  }

  /** Throws `not-found`. */
  async endKey(edge: string, by: string): Promise<void> {
    this.#known(edge)
    await this.keys.end(edge, by)
  }

  /** Throws `edge-refused` for a wrong key. */
  check(authorization: string | undefined): void {
    this.keys.edgeOf(authorization)
  }

  /**
   * One message of an edge. Throws `edge-refused` for a wrong key, `request-invalid` for what is no
   * message, and what `deliver` throws: then nothing is confirmed and the edge sends it again.
   */
  async receive(authorization: string | undefined, body: Uint8Array): Promise<EdgeAnswer> {
    const name = this.keys.edgeOf(authorization)
    const edge = this.#edges.find((one) => one.name === name)
    if (!edge)
      throw new Problem("edge-refused", name, "no edge of this name is in the plant's files")
    const message = decoded(body)
    if (message.head.edge !== name)
      throw new Problem("edge-refused", name, `got a message of "${message.head.edge}"`)
    const side = this.#sideOf(name)
    const { lane } = message.head
    const done = side.turns[lane].then(() => this.#take({ edge, side }, message))
    side.turns[lane] = done.catch(() => {})
    return done
  }

  async #take(
    { edge, side }: { edge: KnownEdge; side: Side },
    { head, parts }: ReturnType<typeof decodeMessage>,
  ): Promise<EdgeAnswer> {
    const { session, metrics, clock, deliver } = this.#options
    const { epoch, lane, first, last } = head
    if (!this.#stop) throw new Problem("connection-lost", "centre", "Moru is stopping")
    const answer = { session, accepted: true, refused: 0 }
    const labels = { edge: edge.name, lane }
    if (last === 0 || side.confirmed.has(epoch, [first, last])) {
      if (last > 0) metrics.count("moru_edge_repeated_messages_total", labels)
      await this.#heard(edge.name, side, head)
      return answer
    }
    const map = this.#mapOf(edge, side, epoch)
    const intake: Intake = { map, deliver, received: clock.now() }
    const taken = await takeIn(head, parts, intake).catch((thrown) => {
      if (!(thrown instanceof DamagedChunk)) throw thrown
      throw new Problem("request-invalid", "body", thrown.message)
    })
    if (!taken) return { ...answer, accepted: false }
    for (const gap of taken.gaps) await this.#gaps.tell({ name: edge.name, epoch }, gap)
    await this.#confirm(edge.name, side, head)
    await this.#heard(edge.name, side, head)
    side.refused += taken.refused
    metrics.count("moru_edge_samples_total", labels, taken.rows)
    metrics.count("moru_edge_refused_total", { edge: edge.name }, taken.refused)
    return { ...answer, refused: taken.refused }
  }

  /** One write at a time, each with all that is confirmed by then. */
  async #confirm(edge: string, side: Side, { epoch, first, last }: MessageHead): Promise<void> {
    side.confirmed.add(epoch, [first, last])
    const saved = side.saving.then(() => {
      const { epochs } = side.confirmed
      const heardAt = this.#options.clock.now()
      const document: ConfirmedDocument = { is: "edge-confirmed", edge, heardAt, epochs }
      return this.#options.store.commit({
        puts: [{ collection: "memory", id: `edge-confirmed/${edge}`, document }],
      })
    })
    side.saving = saved.catch(() => {})
    await saved
  }

  async #heard(edge: string, side: Side, { sentAt, status }: MessageHead): Promise<void> {
    const { clock } = this.#options
    side.heard = { at: clock.now(), sentAt, status: status as EdgeStatus }
    if (this.#silence.has(edge)) await this.#silence.end(edge, clock)
  }

  /** Once an edge was heard, its silence is a gap. */
  async #watch(): Promise<void> {
    const now = this.#options.clock.now()
    for (const edge of this.#edges) {
      const side = this.#sides.get(edge.name)
      const last = side?.heard?.at ?? side?.heardBefore
      if (last === undefined || now - Math.max(last, this.#startedAt) <= silentMs) continue
      await this.#silence.begin(edge, last)
    }
  }

  #mapOf(edge: KnownEdge, { maps }: Side, epoch: string): TagMap {
    let map = maps.get(epoch)
    if (!map) {
      const { registry, tagOf } = this.#options
      const paths = edge.devices.flatMap(({ equipment }) => equipment)
      const isOwn = (path: Path) => paths.some((above) => isWithin(path, above))
      map = new TagMap({ registry, tagOf, isOwn })
      maps.clear()
      maps.set(epoch, map)
    }
    return map
  }

  #sideOf(edge: string): Side {
    let side = this.#sides.get(edge)
    if (!side) {
      side = sideOf(new Confirmed())
      this.#sides.set(edge, side)
    }
    return side
  }

  #known(edge: string): KnownEdge {
    const known = this.#edges.find(({ name }) => name === edge)
    if (!known) throw new Problem("not-found", edge, "no edge of this name is in the plant's files")
    return known
  }

  #healthOf(name: string): EdgeHealth {
    const now = this.#options.clock.now()
    const { heard, refused = 0 } = this.#sides.get(name) ?? {}
    const hasKey = this.keys.has(name)
    const base = { edge: name, refused, hasKey }
    if (!heard) {
      const none = { lagMs: 0, bytes: 0, budgetBytes: 0, lost: 0, clockAheadMs: 0 }
      return { ...base, ...none, state: "unheard", problem: shown(unheardProblem(name, hasKey)) }
    }
    const { at, sentAt, status } = heard
    const isSilent = now - at > silentMs
    const waits = status.oldestAt === undefined ? 0 : sentAt - status.oldestAt
    const { bytes, budgetBytes, lost, lastsDays } = status
    const clockAheadMs = sentAt - at
    const problem = problemOf(name, { isSilent, lost, clockAheadMs, silence: now - at })
    return {
      ...{ ...base, bytes, budgetBytes, lost, clockAheadMs, heardAt: at },
      state: isSilent ? "lost" : "connected",
      lagMs: Math.max(0, waits) + (isSilent ? now - at : 0),
      ...(lastsDays !== undefined && { lastsDays }),
      ...(problem && { problem: shown(problem) }),
    }
  }

  #devicesOf({ name, devices }: KnownEdge): readonly DeviceHealth[] {
    const { problem, state } = this.#healthOf(name)
    const heard = this.#sides.get(name)?.heard
    const told = new Map(heard?.status.devices.map((device) => [device.device, device]))
    return devices.map((device): DeviceHealth => {
      const known = told.get(device.name)
      const counts = { samples: 0, cycles: 0, refused: 0, reconnects: 0 }
      const since = heard?.at ?? this.#options.clock.now()
      const none = { device: device.name, connector: device.connector, since, writable: false }
      const health = { ...counts, ...none, ...known, edge: name, writable: false }
      if (state === "connected" && known) return { ...health, state: known.state }
      return { ...health, state: "lost", ...(problem && { problem }) }
    })
  }
}

function decoded(body: Uint8Array): ReturnType<typeof decodeMessage> {
  try {
    const message = decodeMessage(body)
    checkHead(message.head)
    return message
  } catch (thrown) {
    throw new Problem("request-invalid", "body", `got ${(thrown as Error).message}`)
  }
}

function sideOf(confirmed: Confirmed, heardBefore?: Instant): Side {
  const turns = { live: Promise.resolve(), late: Promise.resolve() }
  return {
    ...{ confirmed, turns, maps: new Map(), saving: Promise.resolve() },
    ...{ heard: undefined, heardBefore, refused: 0 },
  }
}

function checkHead({
  edge,
  epoch,
  lane,
  first,
  last,
  sentAt,
  tags,
  texts,
  status,
}: MessageHead): void {
  const isWhole =
    [edge, epoch].every((text) => typeof text === "string" && text.length <= 100) &&
    (lane === "live" || lane === "late") &&
    [first, last].every((n) => Number.isSafeInteger(n) && n >= 0) &&
    first <= last &&
    Number.isFinite(sentAt) &&
    Array.isArray(tags) &&
    Array.isArray(texts) &&
    Array.isArray((status as Partial<EdgeStatus> | null)?.devices)
  if (!isWhole) throw new DamagedChunk("got no head of a message")
}

function unheardProblem(edge: string, hasKey: boolean): Problem {
  if (hasKey) return new Problem("edge-silent", edge, "nothing was heard of the edge yet")
  return new Problem("edge-refused", edge, "no key was made for the edge yet")
}

function problemOf(
  edge: string,
  how: { isSilent: boolean; lost: number; clockAheadMs: number; silence: number },
): Problem | undefined {
  const { isSilent, lost, clockAheadMs, silence } = how
  if (isSilent)
    return new Problem("edge-silent", edge, `nothing was heard for ${Math.round(silence / 1000)} s`)
  if (lost > 0)
    return new Problem("edge-full", edge, `of ${lost} samples only summaries are left, or nothing`)
  if (Math.abs(clockAheadMs) <= mostClockAheadMs) return undefined
  const says = `its clock is ${Math.round(clockAheadMs / 1000)} s ahead of the centre's`
  return new Problem("edge-clock", edge, says)
}

function shown({ code, message, hint }: Problem) {
  return { code, message, hint }
}
