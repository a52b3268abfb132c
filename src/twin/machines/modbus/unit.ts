import { isBitTable, type Table, tables } from "../../../codec/modbus-frame.ts"
import {
  type ByteOrder,
  encodeRegisters,
  type RegisterType,
  registerTypes,
} from "../../../codec/modbus-value.ts"

/** Where a value stands in a unit; addresses are protocol addresses, which count from 0. */
export interface Place {
  readonly table: Table
  readonly address: number
  /** Of registers; bits have none. */
  readonly type?: RegisterType
  /** `abcd` where absent. */
  readonly order?: ByteOrder
  /** What the number in a register of whole numbers is multiplied with; 1 where absent. */
  readonly scale?: number
  /** Registers of a `string`. */
  readonly registers?: number
}

const illegal = { function: 1, address: 2, value: 3 } as const
/** Most that one request may read (MODBUS Application Protocol V1.1b3, 6.1 and 6.3). */
const most = { bits: 2000, registers: 125 } as const

/**
 * One unit (slave) that is read with functions 1 to 4. Each table reaches to its last place; what lies between places
 * is 0. Values change together, so that a reading never sees half of them.
 */
export class ModbusUnit<Name extends string> {
  readonly #places: Readonly<Record<Name, Place>>
  readonly #image: Readonly<Record<Table, Uint8Array>>

  constructor(places: Readonly<Record<Name, Place>>) {
    this.#places = places
    const sizeOf = (table: Table) =>
      Math.max(0, ...Object.values<Place>(places).map((place) => endIn(table, place)))
    this.#image = {
      coil: new Uint8Array(sizeOf("coil")),
      discrete: new Uint8Array(sizeOf("discrete")),
      input: new Uint8Array(2 * sizeOf("input")),
      holding: new Uint8Array(2 * sizeOf("holding")),
    }
  }

  show(values: Readonly<Record<Name, number | boolean | string>>): void {
    for (const name of Object.keys(this.#places) as Name[])
      this.#put(name, this.#places[name], values[name])
  }

  /** The answer to a request's protocol data unit. */
  answer(pdu: Uint8Array): Uint8Array {
    const code = pdu[0] ?? 0
    const exception = (why: number) => Uint8Array.of(code | 0x80, why)
    const table = (Object.keys(tables) as Table[]).find((each) => tables[each] === code)
    if (!table) return exception(illegal.function)
    if (pdu.length !== 5) return exception(illegal.value)
    const view = new DataView(pdu.buffer, pdu.byteOffset, pdu.byteLength)
    const [start, count] = [view.getUint16(1), view.getUint16(3)]
    const isBits = isBitTable(table)
    if (count === 0 || count > (isBits ? most.bits : most.registers))
      return exception(illegal.value)
    const width = isBits ? 1 : 2
    const image = this.#image[table]
    if (width * (start + count) > image.length) return exception(illegal.address)
    const read = image.subarray(width * start, width * (start + count))
    const data = isBits ? packed(read) : read
    return Uint8Array.of(code, data.length, ...data)
  }

  #put(name: string, place: Place, value: number | boolean | string): void {
    const { table, address, type = "uint16", order = "abcd", scale = 1 } = place
    const image = this.#image[table]
    if (isBitTable(table)) {
      image[address] = value ? 1 : 0
      return
    }
    const isWhole = type !== "float32" && type !== "float64" && typeof value === "number"
    const stored = isWhole ? Math.round(value / scale) : value
    const bytes = encodeRegisters(stored, 2 * lengthOf(place), { type, order })
    if (!bytes) throw new Error(`${name}: ${value} does not go into ${type}`)
    image.set(bytes, 2 * address)
  }
}

function lengthOf({ type = "uint16", registers = 1 }: Place): number {
  return type === "string" ? registers : registerTypes[type]
}

function endIn(table: Table, place: Place): number {
  if (place.table !== table) return 0
  return place.address + (isBitTable(table) ? 1 : lengthOf(place))
}

/** Eight bits a byte, the first one lowest. */
function packed(bits: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(Math.ceil(bits.length / 8))
  for (const [i, bit] of bits.entries()) bytes[i >> 3] = (bytes[i >> 3] ?? 0) | (bit << (i & 7))
  return bytes
}
