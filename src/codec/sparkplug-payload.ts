/** The payload of Sparkplug B (Sparkplug 3.0.0, chapter 6; protobuf `org.eclipse.tahu.protobuf.Payload`). */
export interface Payload {
  /** When the message was sent, ms since 1970 UTC. */
  readonly timestamp?: number
  readonly metrics: readonly Metric[]
  /** 0 to 255, one for each message of an edge node but NDEATH and the commands. */
  readonly seq?: number
  readonly uuid?: string
  readonly body?: Uint8Array
}

/** A number where a double holds it exactly, else a bigint. */
export type Whole = number | bigint

export interface Metric {
  readonly name?: string
  /** Stands for the name in DATA and CMD messages, as the last birth said. */
  readonly alias?: Whole
  /** When the value was measured, ms since 1970 UTC. */
  readonly timestamp?: number
  /** Births say it; in DATA and CMD messages it may be missing, and the value is then as it was on the wire: see `valueAs`. */
  readonly type?: DataType
  readonly isHistorical?: boolean
  readonly isTransient?: boolean
  readonly metadata?: MetaData
  readonly properties?: PropertySet
  /** Null where the sender says that there is none; absent where the message has none, or none of the type. */
  readonly value?: MetricValue | null
}

export type MetricValue =
  | Whole
  | boolean
  | string
  | Uint8Array
  | readonly Whole[]
  | readonly boolean[]
  | readonly string[]
  | DataSet
  | Template

export interface DataSet {
  readonly columns: readonly string[]
  readonly types: readonly DataType[]
  /** Null where a cell is empty. */
  readonly rows: readonly (readonly (MetricValue | null)[])[]
}

export interface Template {
  readonly version?: string
  /** Name of the definition that this is an instance of. */
  readonly ref?: string
  readonly isDefinition?: boolean
  readonly metrics: readonly Metric[]
  readonly parameters: readonly Parameter[]
}

export interface Parameter {
  readonly name: string
  readonly type: DataType
  readonly value?: MetricValue
}

export type PropertySet = ReadonlyMap<string, Property>

export interface Property {
  readonly type: DataType
  readonly value?: MetricValue | PropertySet | readonly PropertySet[] | null
}

export interface MetaData {
  readonly isMultiPart?: boolean
  readonly contentType?: string
  readonly size?: Whole
  readonly seq?: Whole
  readonly fileName?: string
  readonly fileType?: string
  readonly md5?: string
  readonly description?: string
}

/** Names of the data types at the place of their number (Sparkplug 3.0.0, 6.4.16). */
export const dataTypes = [
  "Unknown",
  "Int8",
  "Int16",
  "Int32",
  "Int64",
  "UInt8",
  "UInt16",
  "UInt32",
  "UInt64",
  "Float",
  "Double",
  "Boolean",
  "String",
  "DateTime",
  "Text",
  "UUID",
  "DataSet",
  "Bytes",
  "File",
  "Template",
  "PropertySet",
  "PropertySetList",
  "Int8Array",
  "Int16Array",
  "Int32Array",
  "Int64Array",
  "UInt8Array",
  "UInt16Array",
  "UInt32Array",
  "UInt64Array",
  "FloatArray",
  "DoubleArray",
  "BooleanArray",
  "StringArray",
  "DateTimeArray",
] as const

export type DataType = (typeof dataTypes)[number]

/** What a message may hold at most; more is refused as a whole. */
export const payloadLimits = {
  bytes: 8 * 1024 * 1024,
  /** Fields of protobuf, nested ones included. */
  fields: 1_000_000,
  /** Templates in templates, property sets in property sets. */
  depth: 16,
  /** Elements of one array. */
  elements: 1_000_000,
} as const
