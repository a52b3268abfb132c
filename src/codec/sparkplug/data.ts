import type { DataType, PropertySet } from "../sparkplug-payload.ts"
import { readProperties, typeOf } from "./decode.ts"
import type { Reader } from "./reader.ts"
import { isWholeType, wholeAs, wholes } from "./values.ts"

/** What stands in a message beside its metrics. */
export interface DataHead {
  readonly timestamp?: number
  readonly seq?: number
}

const two64 = 2 ** 64

/** How a value stood on the wire; `other` for what no row of a block can hold. */
export const wireKinds = ["none", "whole", "real", "boolean", "text", "other"] as const

export type WireKind = (typeof wireKinds)[number]

/**
 * One metric of a DATA message. The same object is filled anew for each: what shall outlast the call is taken out of
 * it.
 */
export class DataMetric {
  name: string | undefined
  /** NaN where there is none; beyond 2^53 rounded. */
  alias = Number.NaN
  /** NaN where the metric has no time of its own. */
  at = Number.NaN
  type: DataType | undefined
  isHistorical = false
  isNull = false
  properties: PropertySet | undefined
  kind: WireKind = "none"
  /** Of the kinds whole (32 bits without, 64 bits with sign), real and boolean. */
  raw = Number.NaN
  text: string | undefined

  /** The number (a boolean as 0 or 1) as one of the type; NaN where it is none. Beyond 2^53 its last digits are lost. */
  numberAs(type: DataType): number {
    const { raw, kind } = this
    if (type === "Boolean") return kind === "boolean" ? raw : Number.NaN
    if (type === "Float" || type === "Double")
      return kind === "real" || kind === "whole" ? raw : Number.NaN
    if (kind !== "whole" || !isWholeType(type)) return Number.NaN
    const { bits, signed } = wholes[type]
    if (bits === 64) return signed || raw >= 0 ? raw : raw + two64
    return Number(wholeAs(raw, wholes[type]) ?? Number.NaN)
  }

  clear(): void {
    this.name = undefined
    this.alias = Number.NaN
    this.at = Number.NaN
    this.type = undefined
    this.isHistorical = false
    this.isNull = false
    this.properties = undefined
    this.kind = "none"
    this.raw = Number.NaN
    this.text = undefined
  }
}

/** Calls back for each metric in its order. */
export function walkMetrics(reader: Reader, take: (metric: DataMetric) => void): void {
  const metric = new DataMetric()
  const fill = (inner: Reader) => fillMetric(inner, metric)
  for (let field = reader.next(); field !== 0; field = reader.next())
    if (field === 2) {
      reader.message(fill)
      take(metric)
    } else reader.skip()
}

/** The head alone: the metrics are passed over unread. */
export function readHead(reader: Reader): DataHead {
  const head: { timestamp?: number; seq?: number } = {}
  for (let field = reader.next(); field !== 0; field = reader.next())
    if (field === 1) head.timestamp = Number(reader.whole())
    else if (field === 3) head.seq = Number(reader.whole())
    else reader.skip()
  return head
}

function fillMetric(reader: Reader, metric: DataMetric): void {
  metric.clear()
  for (let field = reader.next(); field !== 0; field = reader.next())
    if (field < 10) fillHead(reader, field, metric)
    else fillValue(reader, field, metric)
}

function fillHead(reader: Reader, field: number, metric: DataMetric): void {
  if (field === 1) metric.name = reader.string()
  else if (field === 2) metric.alias = Number(reader.whole())
  else if (field === 3) metric.at = Number(reader.whole())
  else if (field === 4) metric.type = typeOf(reader.uint32())
  else if (field === 5) metric.isHistorical = reader.boolean()
  else if (field === 7) metric.isNull = reader.boolean()
  else if (field === 9) metric.properties = reader.message(readProperties)
  else reader.skip()
}

function fillValue(reader: Reader, field: number, metric: DataMetric): void {
  switch (field) {
    case 10:
      metric.kind = "whole"
      metric.raw = reader.uint32()
      return
    case 11:
      metric.kind = "whole"
      metric.raw = reader.signed()
      return
    case 12:
      metric.kind = "real"
      metric.raw = reader.float()
      return
    case 13:
      metric.kind = "real"
      metric.raw = reader.double()
      return
    case 14:
      metric.kind = "boolean"
      metric.raw = Number(reader.boolean())
      return
    case 15:
      metric.kind = "text"
      metric.text = reader.string()
      return
    default:
      if (isStructure(field)) metric.kind = "other"
      reader.skip()
  }
}

/** Bytes, data sets and templates; fields that nobody knows are none. */
export function isStructure(field: number): boolean {
  return field >= 16 && field <= 18
}
