import { historySource } from "../../model/block.ts"
import type { Instant } from "../../model/instant.ts"
import { Problem } from "../../model/problem.ts"
import { quality } from "../../model/quality.ts"
import type { TagId } from "../../model/tag.ts"
import type { Deliver, Gap, Host, Point } from "../connector.ts"
import { type LiveCount, LiveRows, liveCount } from "../live-rows.ts"
import { orAbort } from "../waiting.ts"
import { parseAddress } from "./address.ts"
import type { Listener } from "./edge-node.ts"
import type { Metric, Sample } from "./metric.ts"

/** Where the rows of the two sources stand; outlives a connection. */
export interface Counts {
  readonly live: LiveCount
  /** Values from before, which their sender kept while it could not send: they are no newest values. */
  readonly history: LiveCount
}

export function countsOf(host: Host, epoch: string): Counts {
  const source = historySource({ device: host.name, epoch })
  return { live: liveCount(host, epoch), history: { source, next: 0 } }
}

const mostWaiting = 20_000
const mostRefused = 100

/** Turns what an edge node tells into rows of the wanted points. */
export class Rows implements Listener {
  readonly #host: Host
  readonly #points: readonly Point[]
  readonly #byAddress = new Map<string, Point[]>()
  readonly #live: LiveRows
  readonly #history: LiveRows
  /** Since when nobody knows a point. */
  readonly #badSince = new Map<TagId, Instant>()
  readonly #diedAt = new Map<string, Instant>()
  #refused = 0
  #hasGap = false
  #some = Promise.withResolvers<void>()
  #room = Promise.withResolvers<void>()

  constructor(of: { host: Host; points: readonly Point[]; counts: Counts; deliver: Deliver }) {
    const { host, points, counts, deliver } = of
    this.#host = host
    this.#points = points
    this.#live = new LiveRows(host, counts.live, deliver)
    this.#history = new LiveRows(host, counts.history, deliver)
    for (const point of points) {
      const same = this.#byAddress.get(point.address)
      if (same) same.push(point)
      else this.#byAddress.set(point.address, [point])
    }
  }

  /** Addresses that are none, and records, which Sparkplug has not. */
  refuseUnreadable(records: readonly { readonly name: string }[]): void {
    for (const point of this.#points)
      if (!parseAddress(point.address))
        this.#live.unknown(
          point,
          "an address without device and metric, such as press:Temperature,",
        )
    this.#live.refuseRecords(records, "Sparkplug has no records")
    this.#changed()
  }

  born(device: string, metrics: ReadonlyMap<string, Metric>): void {
    const now = this.#host.clock.now()
    const diedAt = this.#diedAt.get(device)
    this.#diedAt.delete(device)
    if (diedAt !== undefined) this.lost({ because: "connection-lost", from: diedAt, to: now })
    for (const { point, metric } of this.#of(device)) {
      if (metrics.has(metric)) continue
      this.#live.unknown(point, "no such metric in the birth")
      this.#badSince.set(point.id, now)
    }
    this.#changed()
  }

  sample(metric: Metric, sample: Sample, isHistorical: boolean): void {
    const points = this.#byAddress.get(metric.address)
    if (!points) return
    const { given, at, said } = sample
    for (const point of points)
      if (isHistorical) this.#history.add(point, given, { at, said })
      else this.#live.add(point, given, { at: this.#after(point, at), said })
    this.#changed()
  }

  /** A bad sample keeps its value. */
  died(device: string, at: Instant, metrics: ReadonlyMap<string, Metric>): void {
    this.#diedAt.set(device, at)
    for (const { point, metric } of this.#of(device)) {
      const given = metrics.get(metric)?.sample.given ?? null
      this.#live.add(point, given, { at, said: quality.badNotConnected })
      this.#badSince.set(point.id, at)
    }
    this.#changed()
  }

  settled(devices: readonly string[]): void {
    const missing = new Set(
      this.#points
        .flatMap(({ address }) => parseAddress(address) ?? [])
        .map(({ device }) => device),
    )
    for (const device of devices) missing.delete(device)
    for (const device of missing) if (!this.#diedAt.has(device)) this.#miss(device, devices)
    this.#changed()
  }

  lost(gap: Omit<Gap, "source">): void {
    this.#hasGap = true
    this.#live.lost(gap)
    this.#changed()
  }

  /** Kept until there are rows to go with: what a single message had wrong is no lasting state of the device. */
  refuse(problem: Problem): void {
    this.#host.log.debug(problem.message)
    if (++this.#refused <= mostRefused) this.#live.refuse(problem)
  }

  /** Resolves while there is room for more rows. */
  async room(): Promise<void> {
    if (this.#waiting >= mostWaiting) await this.#room.promise
  }

  /** Delivers what is there as long as the signal does not abort. */
  async pump(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await orAbort(this.#some.promise, signal).catch(() => {})
      if (!signal.aborted) await this.deliver()
    }
  }

  async deliver(): Promise<void> {
    this.#some = Promise.withResolvers()
    if (this.#waiting > 0 || this.#hasGap) {
      this.#hasGap = false
      this.#refused = 0
      await this.#history.deliver()
      await this.#live.deliver()
    }
    this.#room.resolve()
    this.#room = Promise.withResolvers()
  }

  get #waiting(): number {
    return this.#live.length + this.#history.length
  }

  #changed(): void {
    if (this.#waiting > 0 || this.#hasGap) this.#some.resolve()
  }

  #miss(device: string, there: readonly string[]): void {
    const now = this.#host.clock.now()
    this.#diedAt.set(device, now)
    const has = there.filter((name) => name !== "").join(", ") || "none"
    const what = `got no birth of device "${device}" when its edge node was born; it had ${has}`
    for (const { point } of this.#of(device)) {
      const where = `${this.#host.name} ${point.tag.path}`
      this.#live.bad(point, quality.badNotConnected, new Problem("point-unknown", where, what))
      this.#badSince.set(point.id, now)
    }
  }

  /** A value that stood already before nobody knew it stands again now. */
  #after(point: Point, at: Instant): Instant {
    const since = this.#badSince.get(point.id)
    if (since === undefined) return at
    this.#badSince.delete(point.id)
    return at > since ? at : this.#host.clock.now()
  }

  #of(device: string): { point: Point; metric: string }[] {
    return this.#points.flatMap((point) => {
      const place = parseAddress(point.address)
      return place?.device === device ? [{ point, metric: place.metric }] : []
    })
  }
}
