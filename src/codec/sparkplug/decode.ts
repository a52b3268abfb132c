import {
  type DataSet,
  type DataType,
  dataTypes,
  type Metric,
  type MetricValue,
  type Parameter,
  type Payload,
  type Property,
  type PropertySet,
  type Template,
} from "../sparkplug-payload.ts"
import { readMetaData } from "./meta-data.ts"
import type { Reader } from "./reader.ts"
import { valueAs } from "./values.ts"

/** A message while its fields arrive, which may be in any order. */
type Draft<T> = { -readonly [K in keyof T]: T[K] }

export function readPayload(reader: Reader): Payload {
  const metrics: Metric[] = []
  const payload: Draft<Payload> = { metrics }
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) payload.timestamp = Number(reader.whole())
    else if (field === 2) metrics.push(reader.message(readMetric))
    else if (field === 3) payload.seq = Number(reader.whole())
    else if (field === 4) payload.uuid = reader.string()
    else if (field === 5) payload.body = reader.bytes()
    else reader.skip()
  }
  return payload
}

/** What a metric may hold beside its plain fields. */
interface Given {
  raw: MetricValue | undefined
  isNull: boolean
}

function readMetric(reader: Reader): Metric {
  const metric: Draft<Metric> = {}
  const given: Given = { raw: undefined, isNull: false }
  for (let field = reader.next(); field !== 0; field = reader.next())
    if (field < 10) readHead(reader, field, { metric, given })
    else {
      const raw = metricValue(reader, field)
      if (raw !== undefined) given.raw = raw
    }
  const value = typed(given, metric.type)
  if (value !== undefined) metric.value = value
  return metric
}

function readHead(
  reader: Reader,
  field: number,
  into: { metric: Draft<Metric>; given: Given },
): void {
  const { metric, given } = into
  switch (field) {
    case 1:
      metric.name = reader.string()
      return
    case 2:
      metric.alias = reader.whole()
      return
    case 3:
      metric.timestamp = Number(reader.whole())
      return
    case 4:
      metric.type = typeOf(reader.uint32())
      return
    case 5:
      metric.isHistorical = reader.boolean()
      return
    case 6:
      metric.isTransient = reader.boolean()
      return
    case 7:
      given.isNull = reader.boolean()
      return
    case 8:
      metric.metadata = reader.message(readMetaData)
      return
    default:
      metric.properties = reader.message(readProperties)
  }
}

function metricValue(reader: Reader, field: number): MetricValue | undefined {
  switch (field) {
    case 16:
      return reader.bytes()
    case 17:
      return reader.message(readDataSet)
    case 18:
      return reader.message(readTemplate)
    default:
      return simpleValue(reader, field - 10)
  }
}

/** The six simple kinds of value stand in the same order wherever protobuf has a value; `place` counts from 0. */
function simpleValue(
  reader: Reader,
  place: number,
): number | bigint | boolean | string | undefined {
  switch (place) {
    case 0:
      return reader.uint32()
    case 1:
      return reader.whole()
    case 2:
      return reader.float()
    case 3:
      return reader.double()
    case 4:
      return reader.boolean()
    case 5:
      return reader.string()
    default:
      reader.skip()
      return undefined
  }
}

function typed({ raw, isNull }: Given, type: DataType | undefined): MetricValue | null | undefined {
  if (isNull) return null
  return raw === undefined || type === undefined ? raw : valueAs(raw, type)
}

export function typeOf(number: number): DataType {
  return dataTypes[number] ?? "Unknown"
}

function readDataSet(reader: Reader): DataSet {
  const columns: string[] = []
  const numbers: number[] = []
  const rows: (MetricValue | undefined)[][] = []
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 2) columns.push(reader.string())
    else if (field === 3) reader.uint32s(numbers)
    else if (field === 4) rows.push(reader.message(readRow))
    else reader.skip()
  }
  const types = numbers.map(typeOf)
  const cell = (raw: MetricValue | undefined, i: number) =>
    raw === undefined ? null : (valueAs(raw, types[i] ?? "Unknown") ?? null)
  return { columns, types, rows: rows.map((row) => row.map(cell)) }
}

function readRow(reader: Reader): (MetricValue | undefined)[] {
  const row: (MetricValue | undefined)[] = []
  for (let field = reader.next(); field !== 0; field = reader.next())
    if (field === 1) row.push(reader.message(readCell))
    else reader.skip()
  return row
}

function readCell(reader: Reader): MetricValue | undefined {
  let value: MetricValue | undefined
  for (let field = reader.next(); field !== 0; field = reader.next())
    value = simpleValue(reader, field - 1) ?? value
  return value
}

function readTemplate(reader: Reader): Template {
  const metrics: Metric[] = []
  const parameters: Parameter[] = []
  const template: Draft<Template> = { metrics, parameters }
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) template.version = reader.string()
    else if (field === 2) metrics.push(reader.message(readMetric))
    else if (field === 3) parameters.push(reader.message(readParameter))
    else if (field === 4) template.ref = reader.string()
    else if (field === 5) template.isDefinition = reader.boolean()
    else reader.skip()
  }
  return template
}

function readParameter(reader: Reader): Parameter {
  let name = ""
  let type: DataType = "Unknown"
  let raw: MetricValue | undefined
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) name = reader.string()
    else if (field === 2) type = typeOf(reader.uint32())
    else raw = simpleValue(reader, field - 3) ?? raw
  }
  const value = raw === undefined ? undefined : valueAs(raw, type)
  return value === undefined ? { name, type } : { name, type, value }
}

export function readProperties(reader: Reader): PropertySet {
  const keys: string[] = []
  const values: Property[] = []
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) keys.push(reader.string())
    else if (field === 2) values.push(reader.message(readProperty))
    else reader.skip()
  }
  const pairs = keys.slice(0, values.length).map((key, i): [string, Property] => {
    return [key, values[i] ?? { type: "Unknown" }]
  })
  return new Map(pairs)
}

function readProperty(reader: Reader): Property {
  let type: DataType = "Unknown"
  const given: Given = { raw: undefined, isNull: false }
  let sets: PropertySet | readonly PropertySet[] | undefined
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) type = typeOf(reader.uint32())
    else if (field === 2) given.isNull = reader.boolean()
    else if (field === 9) sets = reader.message(readProperties)
    else if (field === 10) sets = reader.message(readPropertySets)
    else given.raw = simpleValue(reader, field - 3) ?? given.raw
  }
  const value = sets === undefined || given.isNull ? typed(given, type) : sets
  return value === undefined ? { type } : { type, value }
}

function readPropertySets(reader: Reader): PropertySet[] {
  const sets: PropertySet[] = []
  for (let field = reader.next(); field !== 0; field = reader.next())
    if (field === 1) sets.push(reader.message(readProperties))
    else reader.skip()
  return sets
}
