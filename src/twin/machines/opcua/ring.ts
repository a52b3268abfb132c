import {
  DataType,
  DataValue,
  type Namespace,
  StatusCodes,
  type UAVariable,
  Variant,
  VariantArrayType,
} from "node-opcua"
import type { Instant } from "../../../model/instant.ts"
import { dateOf, type OpcUaDate } from "./date.ts"

export interface RingField {
  readonly address: string
  /** `mixed`: numbers, and texts where the recording has something else. */
  readonly kind: "number" | "text" | "mixed"
}

export interface RingShape {
  /** Node id of the ring in its namespace, such as `Shots`. */
  readonly name: string
  readonly capacity: number
  /** Changes when the numbering starts anew. */
  readonly epoch: string
  readonly fields: readonly RingField[]
}

export interface RingRecord {
  readonly at: Instant
  /** The time stands for the neighbour's. */
  readonly isTimeBorrowed?: boolean
  /** In the order of the fields. */
  readonly values: readonly RingValue[]
}

/** Null where there is none; a bigint is an integer that a double does not hold, for fields that are mixed. */
export type RingValue = number | bigint | string | null

type Column = Float64Array | Uint32Array | Uint8Array | OpcUaDate[] | (string | null)[] | Variant[]

/**
 * The last records of a machine as OPC UA nodes: below `Shots` stand `Shots.Newest` (0: none), `Shots.Capacity`,
 * `Shots.Epoch`, and as arrays of `capacity` elements `Shots.Number`, `Shots.Time` (end of the record),
 * `Shots.TimeQuality` and one for each field; record n keeps slot (n - 1) % capacity. Arrays are read by index range:
 * the server slices the columns that stand here, so a read makes no object for an element.
 */
export class RingNodes {
  readonly #shape: RingShape
  readonly #number: Uint32Array
  readonly #time: OpcUaDate[]
  readonly #timeQuality: Uint8Array
  readonly #columns: readonly FieldColumn[]
  readonly #newestNode: UAVariable
  #newest = 0

  constructor(namespace: Namespace, shape: RingShape) {
    const { name, capacity, epoch } = shape
    this.#shape = shape
    this.#number = new Uint32Array(capacity)
    this.#time = new Array<OpcUaDate>(capacity).fill(dateOf(0))
    this.#timeQuality = new Uint8Array(capacity)
    this.#columns = shape.fields.map(({ kind }) => columnOf(kind, capacity))
    const folder = namespace.addObject({
      organizedBy: namespace.addressSpace.rootFolder.objects,
      browseName: name,
      nodeId: `s=${name}`,
    })
    const add = (leaf: string, value: Variant) =>
      namespace.addVariable({
        componentOf: folder,
        browseName: leaf,
        nodeId: `s=${name}.${leaf}`,
        dataType: value.dataType === DataType.Variant ? "BaseDataType" : value.dataType,
        valueRank: value.arrayType === VariantArrayType.Array ? 1 : -1,
        accessLevel: "CurrentRead",
        minimumSamplingInterval: 50,
        ...(value.arrayType === VariantArrayType.Array && { value: standing(value) }),
      })
    this.#newestNode = add("Newest", scalar(DataType.UInt32, 0))
    this.#newestNode.setValueFromSource(scalar(DataType.UInt32, 0))
    add("Capacity", scalar(DataType.UInt32, capacity)).setValueFromSource(
      scalar(DataType.UInt32, capacity),
    )
    add("Epoch", scalar(DataType.String, epoch)).setValueFromSource(scalar(DataType.String, epoch))
    add("Number", array(DataType.UInt32, this.#number))
    add("Time", array(DataType.DateTime, this.#time))
    add("TimeQuality", array(DataType.Byte, this.#timeQuality))
    for (const [f, { address }] of shape.fields.entries()) {
      const column = this.#columns[f]
      if (column) add(address, array(column.dataType, column.values))
    }
  }

  get newest(): number {
    return this.#newest
  }

  /** Numbers the record and keeps it; clients hear of it with the next `announce`. */
  add(record: RingRecord, number = this.#newest + 1): void {
    this.#newest = number
    const slot = (number - 1) % this.#shape.capacity
    for (const [f, column] of this.#columns.entries()) column.set(slot, record.values[f] ?? null)
    this.#number[slot] = number
    this.#time[slot] = dateOf(record.at)
    this.#timeQuality[slot] = record.isTimeBorrowed ? 1 : 0
  }

  announce(now: Instant): void {
    const newest = scalar(DataType.UInt32, this.#newest)
    this.#newestNode.setValueFromSource(newest, StatusCodes.Good, dateOf(now))
  }
}

interface FieldColumn {
  readonly dataType: DataType
  readonly values: Column
  set(slot: number, value: RingValue): void
}

function columnOf(kind: RingField["kind"], capacity: number): FieldColumn {
  if (kind === "number") {
    const values = new Float64Array(capacity).fill(Number.NaN)
    const set = (slot: number, value: unknown) => {
      values[slot] = typeof value === "number" ? value : Number.NaN
    }
    return { dataType: DataType.Double, values, set }
  }
  if (kind === "text") {
    const values = new Array<string | null>(capacity).fill(null)
    const set = (slot: number, value: RingValue) => {
      values[slot] = value === null ? null : String(value)
    }
    return { dataType: DataType.String, values, set }
  }
  const nothing = new Variant({ dataType: DataType.Null })
  const values = new Array<Variant>(capacity).fill(nothing)
  // Equal values share one Variant: columns have few different ones.
  const known = new Map<unknown, Variant>([[null, nothing]])
  const set = (slot: number, value: RingValue) => {
    // A Map takes 0 and -0 for the same.
    const key = Object.is(value, -0) ? "-0" : value
    const variant = known.get(key) ?? mixed(value)
    known.set(key, variant)
    values[slot] = variant
  }
  return { dataType: DataType.Variant, values, set }
}

function mixed(value: RingValue): Variant {
  if (typeof value === "string") return scalar(DataType.String, value)
  if (typeof value !== "bigint") return scalar(DataType.Double, value)
  const halves = [BigInt.asUintN(64, value) >> 32n, BigInt.asUintN(32, value)].map(Number)
  if (BigInt.asUintN(64, value) === value) return scalar(DataType.UInt64, halves)
  if (BigInt.asIntN(64, value) === value) return scalar(DataType.Int64, halves)
  return scalar(DataType.Double, Number(value))
}

function scalar(dataType: DataType, value: unknown): Variant {
  return new Variant({ dataType, arrayType: VariantArrayType.Scalar, value })
}

function array(dataType: DataType, values: Column): Variant {
  const variant = new Variant()
  variant.dataType = dataType
  variant.arrayType = VariantArrayType.Array
  variant.value = values
  return variant
}

/** The same DataValue each time: its columns change in place, and the server copies the slice that is read. */
function standing(value: Variant) {
  const dataValue = new DataValue({ statusCode: StatusCodes.Good })
  dataValue.value = value
  return { timestamped_get: () => dataValue }
}
