import type { DataMetric } from "../../codec/sparkplug.ts"
import type { DataType, PropertySet } from "../../codec/sparkplug-payload.ts"
import type { Instant } from "../../model/instant.ts"
import { type Quality, quality } from "../../model/quality.ts"
import type { TagKind } from "../../model/tag.ts"
import { formatAddress, type MetricAddress } from "./address.ts"

/** A metric as the last birth told it. */
export interface Metric extends MetricAddress {
  /** As points write it. */
  readonly address: string
  readonly alias: number | undefined
  readonly type: DataType
  readonly properties: PropertySet | undefined
  /** Its newest value. */
  readonly sample: Sample
  /** How often it was told; grows with each value. */
  readonly told: number
  /** `told` at the last write, so that a reading knows whether the edge node has told it since. */
  toldAtWrite: number | undefined
}

export interface Sample {
  /** A number, boolean or text; null for nothing, an object for what no tag takes. */
  readonly given: unknown
  readonly at: Instant
  readonly said: Quality
}

/** As a birth tells it. */
export function metricOf(told: DataMetric, of: { device: string; at: Instant }): Metric {
  const { name = "", alias, properties } = told
  const place = { device: of.device, metric: name }
  const type = told.type ?? "Unknown"
  return {
    ...place,
    address: formatAddress(place),
    alias: Number.isNaN(alias) ? undefined : alias,
    type,
    properties,
    sample: sampleOf(told, type, of.at),
    told: 0,
    toldAtWrite: undefined,
  }
}

/** The value of a message as one of the type that the birth said; the message's time where the metric has none. */
export function sampleOf(told: DataMetric, type: DataType, sentAt: Instant): Sample {
  const at = Number.isNaN(told.at) ? sentAt : told.at
  const given = givenOf(told, type)
  const said = qualityOf(told.properties)
  const isInexact =
    typeof given === "number" && told.kind === "whole" && !Number.isSafeInteger(given)
  return { given, at, said: isInexact ? (Math.max(said, quality.uncertain) as Quality) : said }
}

function givenOf(told: DataMetric, type: DataType): unknown {
  if (told.isNull) return null
  switch (kindOf(type)) {
    case "text":
      return told.text ?? { notA: type }
    case "boolean":
      return told.kind === "boolean" ? told.raw !== 0 : { notA: type }
    case "number":
      return numberOf(told, type)
    default:
      return { type }
  }
}

/** Not-a-number says that there is none. */
function numberOf(told: DataMetric, type: DataType): unknown {
  const number = told.numberAs(type)
  if (!Number.isNaN(number)) return number
  return told.kind === "real" && Number.isNaN(told.raw) ? null : { notA: type }
}

/** Undefined for what no tag takes: arrays, bytes, data sets, templates. */
export function kindOf(type: DataType): TagKind | undefined {
  switch (type) {
    case "Boolean":
      return "boolean"
    case "String":
    case "Text":
    case "UUID":
      return "text"
    case "Int8":
    case "Int16":
    case "Int32":
    case "Int64":
    case "UInt8":
    case "UInt16":
    case "UInt32":
    case "UInt64":
    case "Float":
    case "Double":
    case "DateTime":
      return "number"
    default:
      return undefined
  }
}

const stale = 500

/** Property `Quality`: 0 bad, 192 good, 500 stale (Sparkplug 3.0.0, 6.4.11); the classes of OPC DA for what else stands below 256. */
export function qualityOf(properties: PropertySet | undefined): Quality {
  const code = properties?.get("Quality")?.value
  if (typeof code !== "number" || code === 192) return quality.good
  if (code === stale) return quality.uncertainLastUsable
  if (code < 0 || code > 255) return quality.uncertain
  if (code >= 192) return quality.good
  return code >= 64 && code < 128 ? quality.uncertain : quality.bad
}
