import { Problem } from "../../model/problem.ts"
import {
  type DataSet,
  type DataType,
  dataTypes,
  type Metric,
  type Payload,
  type Property,
  type PropertySet,
  type Template,
} from "../sparkplug-payload.ts"
import { bytesOf } from "./arrays.ts"
import { writeMetaData } from "./meta-data.ts"
import { isWholeType, type WholeType, wholes } from "./values.ts"
import type { Writer } from "./writer.ts"

/** Data types are written into births; DATA and CMD messages leave them out (tck-id-payloads-metric-datatype-not-req). */
export type Types = "with-types" | "without-types"

export function writePayload(writer: Writer, payload: Payload, types: Types): void {
  const { timestamp, metrics, seq, uuid, body } = payload
  if (timestamp !== undefined) writer.whole(1, timestamp)
  for (const metric of metrics) writer.message(2, (inner) => writeMetric(inner, metric, types))
  if (seq !== undefined) writer.whole(3, seq)
  if (uuid !== undefined) writer.string(4, uuid)
  if (body !== undefined) writer.bytes(5, body)
}

function writeMetric(writer: Writer, metric: Metric, types: Types): void {
  const { name, alias, timestamp, type, metadata, properties, value } = metric
  if (name !== undefined) writer.string(1, name)
  if (alias !== undefined) writer.whole(2, alias)
  if (timestamp !== undefined) writer.whole(3, timestamp)
  if (type !== undefined && types === "with-types") writer.uint32(4, dataTypes.indexOf(type))
  if (metric.isHistorical !== undefined) writer.boolean(5, metric.isHistorical)
  if (metric.isTransient !== undefined) writer.boolean(6, metric.isTransient)
  if (value === null) writer.boolean(7, true)
  if (metadata) writer.message(8, (inner) => writeMetaData(inner, metadata))
  if (properties) writer.message(9, (inner) => writeProperties(inner, properties))
  if (value === undefined || value === null) return
  writeValue(writer, { type: type ?? "Unknown", value, name: name ?? "" }, types)
}

function writeValue(writer: Writer, given: Given, types: Types): void {
  const { type } = given
  if (type === "DataSet")
    writer.message(17, (inner) => writeDataSet(inner, structureIn<DataSet>(given, "rows")))
  else if (type === "Template") {
    const template = structureIn<Template>(given, "metrics")
    writer.message(18, (inner) => writeTemplate(inner, template, types))
  } else if (type === "Bytes" || type === "File") writer.bytes(16, bytesIn(given))
  else if (type.endsWith("Array")) writer.bytes(16, bytesOf(given.value, type) ?? refuse(given))
  else writeSimple(writer, 10, given)
}

interface Given {
  readonly type: DataType
  readonly value: unknown
  /** For a person who looks for the fault. */
  readonly name: string
}

/** Writes one of the six simple kinds; the first of them has the field number `first`. */
function writeSimple(writer: Writer, first: number, given: Given): void {
  const { type, value } = given
  if (isWholeType(type)) {
    const whole = wholeIn(given, type)
    // As the Eclipse Tahu libraries do, numbers of 32 bits without sign take the field of 64 bits.
    if (wholes[type].bits === 64 || type === "UInt32") writer.whole(first + 1, whole)
    else writer.uint32(first, Number(whole))
  } else if (type === "Float" && typeof value === "number") writer.float(first + 2, value)
  else if (type === "Double" && typeof value === "number") writer.double(first + 3, value)
  else if (type === "Boolean" && typeof value === "boolean") writer.boolean(first + 4, value)
  else if (isText(type) && typeof value === "string") writer.string(first + 5, value)
  else refuse(given)
}

function isText(type: DataType): boolean {
  return type === "String" || type === "Text" || type === "UUID"
}

function wholeIn(given: Given, type: WholeType): number | bigint {
  const { value } = given
  const { bits, signed } = wholes[type]
  const isWhole = typeof value === "bigint" || Number.isSafeInteger(value)
  if (!isWhole) return refuse(given)
  const number = value as number | bigint
  const low = signed ? -(2 ** (bits - 1)) : 0
  return number >= low && number < 2 ** (signed ? bits - 1 : bits) ? number : refuse(given)
}

function bytesIn(given: Given): Uint8Array {
  return given.value instanceof Uint8Array ? given.value : refuse(given)
}

function structureIn<T extends DataSet | Template>(given: Given, mark: string): T {
  const { value } = given
  const isThere = typeof value === "object" && value !== null && mark in value
  return isThere ? (value as T) : refuse(given)
}

function refuse({ type, value, name }: Given): never {
  throw new Problem("value-refused", name, `got ${shown(value)}, expected a ${type}`)
}

function shown(value: unknown): string {
  return typeof value === "object" ? "a structure" : String(value).slice(0, 60)
}

function writeDataSet(writer: Writer, { columns, types, rows }: DataSet): void {
  writer.whole(1, columns.length)
  for (const column of columns) writer.string(2, column)
  for (const type of types) writer.uint32(3, dataTypes.indexOf(type))
  for (const row of rows)
    writer.message(4, (inner) => {
      row.forEach((value, i) => {
        const given = { type: types[i] ?? "Unknown", value, name: columns[i] ?? "" }
        inner.message(1, (cell) => {
          if (value !== null) writeSimple(cell, 1, given)
        })
      })
    })
}

function writeTemplate(writer: Writer, template: Template, types: Types): void {
  const { version, ref, isDefinition, metrics, parameters } = template
  if (version !== undefined) writer.string(1, version)
  for (const metric of metrics) writer.message(2, (inner) => writeMetric(inner, metric, types))
  for (const { name, type, value } of parameters)
    writer.message(3, (inner) => {
      inner.string(1, name)
      inner.uint32(2, dataTypes.indexOf(type))
      if (value !== undefined) writeSimple(inner, 3, { type, value, name })
    })
  if (ref !== undefined) writer.string(4, ref)
  if (isDefinition !== undefined) writer.boolean(5, isDefinition)
}

function writeProperties(writer: Writer, properties: PropertySet): void {
  for (const key of properties.keys()) writer.string(1, key)
  for (const [name, property] of properties)
    writer.message(2, (inner) => writeProperty(inner, name, property))
}

function writeProperty(writer: Writer, name: string, { type, value }: Property): void {
  writer.uint32(1, dataTypes.indexOf(type))
  if (value === null) writer.boolean(2, true)
  else if (value instanceof Map) writer.message(9, (inner) => writeProperties(inner, value))
  else if (type === "PropertySetList" && Array.isArray(value))
    writer.message(10, (inner) => {
      for (const set of value as readonly PropertySet[])
        inner.message(1, (one) => writeProperties(one, set))
    })
  else if (value !== undefined) writeSimple(writer, 3, { type, value, name })
}
