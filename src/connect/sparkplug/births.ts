import type { MetricColumns } from "../../codec/sparkplug.ts"
import { readMetrics } from "../../codec/sparkplug.ts"
import type { DataType, PropertySet } from "../../codec/sparkplug-payload.ts"
import type { Instant } from "../../model/instant.ts"
import { type Quality, quality } from "../../model/quality.ts"
import { type Metric, metricOf, type Sample } from "./metric.ts"
import type { Reading } from "./reading.ts"

/** Aliases up to here are looked up in a column, greater ones in a map. */
const denseAliases = 2 ** 16

/** A device of the edge node, or the node itself (its name is empty), as its last birth told it. */
export class Birth {
  readonly metrics: ReadonlyMap<string, Metric>
  /** The same by the number under which this birth keeps them. */
  readonly list: readonly Metric[]
  /** Since when it is dead; undefined while it lives. */
  diedAt: Instant | undefined
  readonly #newest: Newest
  readonly #byName = new Map<string, number>()
  readonly #byAlias: Int32Array
  readonly #byGreatAlias = new Map<number, number>()

  constructor(list: readonly BornMetric[], newest: Newest) {
    this.list = list
    this.metrics = new Map(list.map((metric) => [metric.metric, metric]))
    this.#newest = newest
    const dense = list.map(({ alias = 0 }) => (alias < denseAliases ? alias : 0))
    this.#byAlias = new Int32Array(Math.max(0, ...dense) + 1).fill(-1)
    for (const [i, { metric, alias }] of list.entries()) {
      this.#byName.set(metric, i)
      if (alias === undefined) continue
      if (alias < denseAliases) this.#byAlias[alias] = i
      else this.#byGreatAlias.set(alias, i)
    }
  }

  /** The number of the metric that a row means, by name or alias; -1 where it means none. */
  indexOf(columns: MetricColumns, row: number): number {
    const name = columns.names[row]
    if (name !== undefined) return this.#byName.get(name) ?? -1
    const alias = columns.alias[row] ?? -1
    const index = alias < denseAliases ? this.#byAlias[alias] : this.#byGreatAlias.get(alias)
    return index ?? -1
  }

  /** Takes the newest values of a message. */
  tellAll(reading: Reading): void {
    const { index, at, value, said, isPlain, columns, length } = reading
    for (let row = 0; row < length; row++) {
      const metric = index[row] ?? -1
      if (metric < 0 || columns.isHistorical(row)) continue
      if (isPlain[row] === 1)
        this.#newest.keep(metric, at[row] ?? 0, value[row] ?? 0, (said[row] ?? 0) as Quality)
      else this.#newest.keepSample(metric, reading.sample(row))
    }
  }
}

/** The newest values of a birth's metrics, as columns: an object is made only for whoever asks for one. */
class Newest {
  readonly told: Uint32Array
  readonly #at: Float64Array
  readonly #value: Float64Array
  readonly #said: Uint8Array
  /** What has no place in a column; undefined where the columns say it. */
  readonly #samples: (Sample | undefined)[]

  constructor(births: readonly Sample[]) {
    this.told = new Uint32Array(births.length)
    this.#at = new Float64Array(births.length)
    this.#value = new Float64Array(births.length)
    this.#said = new Uint8Array(births.length)
    this.#samples = [...births]
  }

  keep(index: number, at: Instant, value: number, said: Quality): void {
    this.told[index] = (this.told[index] ?? 0) + 1
    this.#at[index] = at
    this.#value[index] = value
    this.#said[index] = said
    this.#samples[index] = undefined
  }

  keepSample(index: number, sample: Sample): void {
    this.told[index] = (this.told[index] ?? 0) + 1
    this.#samples[index] = sample
  }

  sample(index: number, type: DataType): Sample {
    const sample = this.#samples[index]
    if (sample) return sample
    const value = this.#value[index] ?? Number.NaN
    return {
      given: type === "Boolean" ? value !== 0 : value,
      at: this.#at[index] ?? Number.NaN,
      said: this.#said[index] ?? quality.bad,
    }
  }
}

class BornMetric implements Metric {
  readonly device: string
  readonly metric: string
  readonly address: string
  readonly alias: number | undefined
  readonly type: DataType
  readonly properties: PropertySet | undefined
  toldAtWrite: number | undefined
  readonly #newest: Newest
  readonly #index: number

  constructor(born: Metric, newest: Newest, index: number) {
    this.device = born.device
    this.metric = born.metric
    this.address = born.address
    this.alias = born.alias
    this.type = born.type
    this.properties = born.properties
    this.toldAtWrite = born.toldAtWrite
    this.#newest = newest
    this.#index = index
    newest.told[index] = born.told
  }

  get sample(): Sample {
    return this.#newest.sample(this.#index, this.type)
  }

  get told(): number {
    return this.#newest.told[this.#index] ?? 0
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
    const toldAtWrite = old?.toldAtWrite
    metrics.set(told.name, { ...metric, told: (old?.told ?? 0) + 1, toldAtWrite })
  })
  const born = [...metrics.values()]
  const newest = new Newest(born.map(({ sample }) => sample))
  return new Birth(
    born.map((metric, i) => new BornMetric(metric, newest, i)),
    newest,
  )
}

/** The number that ties a death to its birth; undefined where the message has none. Throws `protocol-error`. */
export function bdSeqOf(payload: Uint8Array, where: string): number | undefined {
  let found: number | undefined
  readMetrics(payload, where, (metric) => {
    if (metric.name === "bdSeq" && metric.kind === "whole") found = metric.raw
  })
  return found
}
