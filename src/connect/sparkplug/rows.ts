import { historySource } from "../../model/block.ts"
import type { Instant } from "../../model/instant.ts"
import { Problem } from "../../model/problem.ts"
import { quality } from "../../model/quality.ts"
import type { TagId } from "../../model/tag.ts"
import type { Deliver, Gap, Host, Point } from "../connector.ts"
import { type LiveCount, LiveRows, liveCount } from "../live-rows.ts"
import { parseAddress } from "./address.ts"
import type { Birth } from "./births.ts"
import type { Listener } from "./edge-node.ts"
import type { Metric } from "./metric.ts"
import { Plan } from "./plan.ts"
import type { Reading } from "./reading.ts"

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
  readonly #plans = new WeakMap<Birth, Plan>()
  readonly #failed = Promise.withResolvers<never>()
  /** The sender waits for an answer: of what is being delivered, and of what gathers. */
  #isKept = false
  #willBeKept = false
  #refused = 0
  #hasGap = false
  #last: Promise<void> = Promise.resolve()
  #next: Promise<void> | undefined

  constructor(of: { host: Host; points: readonly Point[]; counts: Counts; deliver: Deliver }) {
    const { host, points, counts, deliver } = of
    this.#host = host
    this.#points = points
    const keeping: Deliver = (delivery) =>
      deliver(this.#isKept ? { ...delivery, kept: true } : delivery)
    this.#live = new LiveRows(host, counts.live, keeping)
    this.#history = new LiveRows(host, counts.history, keeping)
    this.#failed.promise.catch(() => {})
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

  born(device: string, birth: Birth): void {
    const now = this.#host.clock.now()
    const diedAt = this.#diedAt.get(device)
    this.#diedAt.delete(device)
    if (diedAt !== undefined) this.lost({ because: "connection-lost", from: diedAt, to: now })
    for (const { point, metric } of this.#of(device)) {
      if (birth.metrics.has(metric)) continue
      this.#live.unknown(point, "no such metric in the birth")
      this.#badSince.set(point.id, now)
    }
    for (const { address, sample } of birth.list) {
      const { given, at, said } = sample
      for (const point of this.#byAddress.get(address) ?? [])
        this.#live.add(point, given, { at: this.#after(point, at), said })
    }
    this.#changed()
  }

  told(birth: Birth, reading: Reading): void {
    const plan = this.#planOf(birth)
    plan.judge(reading, this.#host.clock.now())
    const { length, index, tag, at, value, said } = reading
    for (let row = 0; row < length; row++) {
      const id = tag[row] ?? 0
      if (id === 0 || this.#isBad(id)) this.#toldOther(plan.points[index[row] ?? -1], reading, row)
      else {
        const rows = reading.columns.isHistorical(row) ? this.#history : this.#live
        rows.put(id, at[row] ?? 0, value[row] ?? 0, said[row] ?? 0)
      }
    }
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

  /** Rejects where a delivery has failed. */
  get failed(): Promise<never> {
    return this.#failed.promise
  }

  /** Rows that come now are kept by their sender until they are durable. */
  keep(): void {
    this.#willBeKept = true
  }

  /** Resolves once all rows so far are durable. What gathers while a delivery is under way is the next one. */
  durable(): Promise<void> {
    return this.#next ?? this.#last
  }

  get #waiting(): number {
    return this.#live.length + this.#history.length
  }

  #changed(): void {
    if (this.#next || (this.#waiting === 0 && !this.#hasGap)) return
    this.#next = this.#last.then(() => this.#deliver())
    this.#last = this.#next
    this.#last.catch((thrown) => this.#failed.reject(thrown))
  }

  async #deliver(): Promise<void> {
    this.#next = undefined
    this.#isKept = this.#willBeKept
    this.#willBeKept = false
    this.#hasGap = false
    this.#refused = 0
    await this.#history.deliver()
    await this.#live.deliver()
  }

  #planOf(birth: Birth): Plan {
    const known = this.#plans.get(birth)
    if (known) return known
    const plan = new Plan(birth, this.#byAddress)
    this.#plans.set(birth, plan)
    return plan
  }

  #isBad(tag: TagId): boolean {
    return this.#badSince.size > 0 && this.#badSince.has(tag)
  }

  /** Whatever is not one number or boolean of one point. */
  #toldOther(points: readonly Point[] | undefined, reading: Reading, row: number): void {
    if (!points?.length) return
    const { given, at, said } = reading.sample(row)
    for (const point of points)
      if (reading.columns.isHistorical(row)) this.#history.add(point, given, { at, said })
      else this.#live.add(point, given, { at: this.#after(point, at), said })
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
