import { DataMetric, MetricColumns } from "../../codec/sparkplug.ts"
import type { DataType } from "../../codec/sparkplug-payload.ts"
import type { Instant } from "../../model/instant.ts"
import { type Quality, quality } from "../../model/quality.ts"
import type { Birth } from "./births.ts"
import { qualityOf, type Sample, sampleOf } from "./metric.ts"

const two64 = 2 ** 64
const [whole, real, boolean] = [1, 2, 3]

/** How a number of the wire becomes a value of a type: as it stands, or in a way of its own. */
const forms = {
  ...{ Float: "real", Double: "real", Boolean: "boolean", Int64: "signed", UInt64: "unsigned" },
  DateTime: "unsigned",
} as const

type Form = (typeof forms)[keyof typeof forms] | "rare"

/** The rows of one message as a birth understands them, in columns; the next message takes their place. */
export class Reading {
  readonly columns = new MetricColumns()
  /** The metric's number in the birth; -1 where no birth has told it. */
  index = new Int32Array(64)
  at = new Float64Array(64)
  /** Numbers, and booleans as 0 and 1. */
  value = new Float64Array(64)
  said = new Uint8Array(64)
  /** 1 where `value` and `said` tell all; else `sample` does. */
  isPlain = new Uint8Array(64)
  /** Filled by the plan: of a row that stands as it is, 0 of all others. */
  tag = new Uint32Array(64)
  /** Rows that no birth has told. */
  unknown = 0
  #birth: Birth | undefined
  readonly #metric = new DataMetric()
  readonly #forms = new WeakMap<Birth, readonly Form[]>()

  get length(): number {
    return this.columns.length
  }

  /** Understands what stands in `columns`. */
  understand(birth: Birth, sentAt: Instant): void {
    const { columns } = this
    const { length } = columns
    if (length > this.index.length) this.#grow(length)
    const ofMetric = this.#formsOf(birth)
    this.#birth = birth
    this.unknown = 0
    for (let row = 0; row < length; row++) {
      const index = birth.indexOf(columns, row)
      this.index[row] = index
      const at = columns.at[row] ?? Number.NaN
      this.at[row] = Number.isNaN(at) ? sentAt : at
      if (index < 0) this.unknown++
      else this.isPlain[row] = this.#plain(row, ofMetric[index] ?? "rare")
    }
  }

  /** A row's value whatever it is. */
  sample(row: number): Sample {
    const type = this.#birth?.list[this.index[row] ?? -1]?.type ?? "Unknown"
    const told = this.columns.metric(row, this.#metric)
    return sampleOf(told, type, this.at[row] ?? Number.NaN)
  }

  #plain(row: number, form: Form): 0 | 1 {
    const { columns } = this
    let value = columns.raw[row] ?? Number.NaN
    if (!isOf(form, columns.kind[row] ?? 0) || Number.isNaN(value) || columns.isNull(row)) return 0
    if (form === "unsigned" && value < 0) value += two64
    let said: Quality = quality.good
    if (columns.properties.size > 0) said = qualityOf(columns.properties.get(row))
    const isExact = columns.kind[row] !== whole || Number.isSafeInteger(value)
    this.value[row] = value
    this.said[row] = isExact || said > quality.uncertain ? said : quality.uncertain
    return 1
  }

  #formsOf(birth: Birth): readonly Form[] {
    let known = this.#forms.get(birth)
    if (!known) {
      known = birth.list.map(({ type }) => formOf(type))
      this.#forms.set(birth, known)
    }
    return known
  }

  #grow(length: number): void {
    this.index = new Int32Array(2 * length)
    this.at = new Float64Array(2 * length)
    this.value = new Float64Array(2 * length)
    this.said = new Uint8Array(2 * length)
    this.isPlain = new Uint8Array(2 * length)
    this.tag = new Uint32Array(2 * length)
  }
}

function formOf(type: DataType): Form {
  return type in forms ? forms[type as keyof typeof forms] : "rare"
}

/** Whether a value of the wire is one of the type without a further look. */
function isOf(form: Form, kind: number): boolean {
  if (form === "real") return kind === real || kind === whole
  if (form === "boolean") return kind === boolean
  return form !== "rare" && kind === whole
}
