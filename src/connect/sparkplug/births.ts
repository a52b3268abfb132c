import type { DataMetric } from "../../codec/sparkplug.ts"
import { readMetrics } from "../../codec/sparkplug.ts"
import type { Instant } from "../../model/instant.ts"
import { type Metric, metricOf } from "./metric.ts"

/** A device of the edge node, or the node itself (its name is empty), as its last birth told it. */
export class Birth {
  readonly metrics: ReadonlyMap<string, Metric>
  /** Since when it is dead; undefined while it lives. */
  diedAt: Instant | undefined
  readonly #byAlias = new Map<number, Metric>()

  constructor(metrics: ReadonlyMap<string, Metric>) {
    this.metrics = metrics
    for (const metric of metrics.values())
      if (metric.alias !== undefined) this.#byAlias.set(metric.alias, metric)
  }

  /** The metric that a message means, by name or alias. */
  find({ name, alias }: DataMetric): Metric | undefined {
    return name === undefined ? this.#byAlias.get(alias) : this.metrics.get(name)
  }
}

export interface BirthMessage {
  readonly device: string
  readonly payload: Uint8Array
  readonly where: string
  readonly sentAt: Instant
}

/** Reads a birth whole, so that one that breaks off changes nothing. A metric without name is passed over. Throws `protocol-error`. */
export function readBirth(of: BirthMessage, before: Birth | undefined): Birth {
  const metrics = new Map<string, Metric>()
  readMetrics(of.payload, of.where, (told) => {
    if (told.name === undefined) return
    const metric = metricOf(told, { device: of.device, at: of.sentAt })
    const old = before?.metrics.get(told.name)
    metric.told = (old?.told ?? 0) + 1
    metric.toldAtWrite = old?.toldAtWrite
    metrics.set(told.name, metric)
  })
  return new Birth(metrics)
}

/** The number that ties a death to its birth; undefined where the message has none. Throws `protocol-error`. */
export function bdSeqOf(payload: Uint8Array, where: string): number | undefined {
  let found: number | undefined
  readMetrics(payload, where, (metric) => {
    if (metric.name === "bdSeq" && metric.kind === "whole") found = metric.raw
  })
  return found
}
