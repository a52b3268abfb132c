import { isBitTable, type Table, tables } from "../../codec/modbus-frame.ts"
import {
  type ByteOrder,
  byteOrders,
  type Encoding,
  type RegisterType,
  registerTypes,
} from "../../codec/modbus-value.ts"
import { didYouMean } from "../../kernel/spelling.ts"
import type { Extent } from "../spans.ts"
import { type Scale, scaleForm, scaleOf } from "../stored.ts"

/** Where a point stands at a device, and how. */
export interface Place extends Extent {
  readonly unit: number
  readonly table: Table
  /** One bit of a register, 0 for the least significant. */
  readonly bit?: number
  readonly encoding: Encoding
  readonly scale?: Scale
}

const form = new RegExp(
  "^(?:(?<unit>\\d+)/)?(?:(?<table>[^/:*.\\d][^/:*.]*)/)?(?<number>\\d+)(?:\\.(?<bit>\\d+))?" +
    "(?::(?<type>[^:*+-]+)(?::(?<order>[^:*+-]+))?)?" +
    scaleForm,
)
const example =
  "[unit/]table/number[.bit][:type[:order]][*scale][+offset], such as 3/holding/100:float32:cdab*0.1"
const longestText = 250

/** A point's address, or what is wrong with it as the end of a sentence that begins with "got". */
export function parseAddress(address: string, defaultUnit: number): Place | string {
  const part = form.exec(address.trim())?.groups
  if (!part) return `what cannot be read, expected ${example}`
  const unit = part.unit === undefined ? defaultUnit : Number(part.unit)
  if (unit > 255) return `unit ${unit}, expected one from 0 to 255`
  const origin = originOf(part.table, part.number ?? "")
  if (typeof origin === "string") return origin
  const content = contentOf(part, origin.table)
  if (typeof content === "string") return content
  if (origin.start + content.length > 65_536)
    return `address ${origin.start} for ${content.length} registers, expected them to end at 65535`
  const scale = scaleOf(part)
  if (typeof scale === "string") return scale
  if (scale && !isNumber(content.encoding.type))
    return `a scale for ${content.encoding.type}, expected one for numbers only`
  return { group: `${unit}/${origin.table}`, unit, ...origin, ...content, ...(scale && { scale }) }
}

const conventional: Readonly<Record<string, Table>> = {
  0: "coil",
  1: "discrete",
  3: "input",
  4: "holding",
}

/** `holding` and 100, counted from 0, or the conventional number 40101 (or 400101), where the first register has 1. */
function originOf(
  table: string | undefined,
  number: string,
): Pick<Place, "table" | "start"> | string {
  if (table === undefined) {
    const start = Number(number.slice(1)) - 1
    const named =
      number.length === 5 || number.length === 6 ? conventional[number.charAt(0)] : undefined
    if (named && start >= 0) return { table: named, start }
    return `number ${number} without a table, expected holding/${number} or a conventional number such as 40001`
  }
  if (!isOneOf(table, tables))
    return `table "${table}", expected ${inWords(Object.keys(tables))}${didYouMean(table, Object.keys(tables))}`
  return { table, start: Number(number) }
}

type Parts = Readonly<Record<string, string | undefined>>

/** What stands there: type, order, bit and how many bits or registers it takes. */
function contentOf(
  { bit, type, order }: Parts,
  table: Table,
): Pick<Place, "bit" | "encoding" | "length"> | string {
  const single = { encoding: { type: "bool", order: "abcd" }, length: 1 } as const
  if (isBitTable(table)) {
    if (bit !== undefined || order !== undefined || (type ?? "bool") !== "bool")
      return `a type or bit, expected none as a ${table} is one bit`
    return single
  }
  if (bit !== undefined) {
    if (Number(bit) > 15) return `bit ${bit}, expected one from 0 to 15`
    if ((type ?? "bool") !== "bool" || order !== undefined)
      return `type "${type}" of a bit, expected none`
    return { ...single, bit: Number(bit) }
  }
  return typed(type ?? "uint16", order ?? "abcd")
}

function typed(name: string, order: string): Pick<Place, "encoding" | "length"> | string {
  if (!byteOrders.includes(order as ByteOrder))
    return `order "${order}", expected ${inWords(byteOrders)}${didYouMean(order, byteOrders)}`
  const [, characters] = /^string\((\d+)\)$/.exec(name) ?? []
  const encoding = { type: name.replace(/\(.*/, "") as RegisterType, order: order as ByteOrder }
  if (characters !== undefined) {
    const count = Number(characters)
    if (count < 1 || count > longestText)
      return `string(${characters}), expected 1 to ${longestText} characters`
    if (order === "cdab" || order === "dcba")
      return `order "${order}" of a string, expected abcd or badc`
    return { encoding, length: Math.ceil(count / 2) }
  }
  if (!isOneOf(name, registerTypes)) {
    const known = [...Object.keys(registerTypes), "string(8)"]
    return `type "${name}", expected ${inWords(known)}${didYouMean(name, known)}`
  }
  return { encoding, length: registerTypes[name] }
}

function isNumber(type: RegisterType): boolean {
  return type !== "bool" && type !== "string"
}

function isOneOf<Names extends object>(name: string, names: Names): name is keyof Names & string {
  return Object.hasOwn(names, name)
}

function inWords(names: readonly string[]): string {
  return `${names.slice(0, -1).join(", ")} or ${names.at(-1)}`
}
