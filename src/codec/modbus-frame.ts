/** The four tables of a device (MODBUS Application Protocol V1.1b3, 4.3) with the function that reads each. */
export const tables = { coil: 1, discrete: 2, input: 4, holding: 3 } as const

export type Table = keyof typeof tables

export function isBitTable(table: Table): boolean {
  return table === "coil" || table === "discrete"
}

/** A request's protocol data unit, and the length of the one that answers it. */
export interface Request {
  readonly pdu: Uint8Array
  readonly answerLength: number
}

/** What a device answered: the bytes behind the function code and, for readings, the byte count; or an exception code. */
export type Answer = { readonly data: Uint8Array } | { readonly exception: number }

/** Functions 1 to 4 (6.1 to 6.4): `count` bits or registers from the protocol address `start`, which counts from 0. */
export function readRequest(table: Table, start: number, count: number): Request {
  const bytes = isBitTable(table) ? Math.ceil(count / 8) : 2 * count
  return { pdu: pduOf(tables[table], start, count), answerLength: 2 + bytes }
}

/** Function 5 (6.5). */
export function writeCoilRequest(address: number, on: boolean): Request {
  return { pdu: pduOf(5, address, on ? 0xff00 : 0), answerLength: 5 }
}

/** Function 15 (6.11) for a single coil, for devices that know no function 5. */
export function writeCoilsRequest(address: number, on: boolean): Request {
  return { pdu: Uint8Array.of(...pduOf(15, address, 1), 1, on ? 1 : 0), answerLength: 5 }
}

/** Function 6 (6.6). */
export function writeRegisterRequest(address: number, register: Uint8Array): Request {
  return { pdu: Uint8Array.of(...pduOf(6, address), ...register), answerLength: 5 }
}

/** Function 16 (6.12). */
export function writeRegistersRequest(address: number, registers: Uint8Array): Request {
  const head = pduOf(16, address, registers.length / 2)
  return { pdu: Uint8Array.of(...head, registers.length, ...registers), answerLength: 5 }
}

/** Function 22 (6.16): the device itself changes one bit of a register and leaves the others. */
export function writeBitRequest(address: number, bit: number, on: boolean): Request {
  const mask = 1 << bit
  return { pdu: pduOf(22, address, ~mask & 0xffff, on ? mask : 0), answerLength: 7 }
}

function pduOf(code: number, ...words: readonly number[]): Uint8Array {
  return Uint8Array.of(code, ...words.flatMap((word) => [word >> 8, word & 0xff]))
}

/** Reads a device's protocol data unit; undefined where it is no answer to this request. */
export function answerOf(request: Request, pdu: Uint8Array): Answer | undefined {
  const code = request.pdu[0] ?? 0
  if (pdu[0] === (code | 0x80)) return pdu.length === 2 ? { exception: pdu[1] ?? 0 } : undefined
  if (pdu[0] !== code || pdu.length !== request.answerLength) return undefined
  if (code <= 4) return pdu[1] === pdu.length - 2 ? { data: pdu.subarray(2) } : undefined
  // A device confirms a write with the beginning of the request.
  return pdu.every((byte, i) => byte === request.pdu[i]) ? { data: pdu.subarray(1) } : undefined
}

/** A frame of Modbus TCP (MODBUS Messaging on TCP/IP V1.0b, 3.1.3). */
export interface TcpFrame {
  readonly transaction: number
  readonly unit: number
  readonly pdu: Uint8Array
}

export function tcpFrame({ transaction, unit, pdu }: TcpFrame): Uint8Array {
  const [t, length] = [transaction, pdu.length + 1]
  return Uint8Array.of(t >> 8, t & 0xff, 0, 0, length >> 8, length & 0xff, unit, ...pdu)
}

/** The first frame in what has arrived; `wait` where it is not yet whole, `rubbish` where it can never become one. */
export function readTcpFrame(
  bytes: Uint8Array,
): { frame: TcpFrame; rest: Uint8Array } | "wait" | "rubbish" {
  if (bytes.length < 6) return "wait"
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const length = view.getUint16(4)
  if (view.getUint16(2) !== 0 || length < 3 || length > 254) return "rubbish"
  const end = 6 + length
  if (bytes.length < end) return "wait"
  const frame = { transaction: view.getUint16(0), unit: view.getUint8(6) }
  return { frame: { ...frame, pdu: bytes.slice(7, end) }, rest: bytes.subarray(end) }
}

/** A frame of Modbus RTU (MODBUS over Serial Line V1.02, 2.5.1). */
export function rtuFrame(unit: number, pdu: Uint8Array): Uint8Array {
  const crc = crc16(Uint8Array.of(unit, ...pdu))
  return Uint8Array.of(unit, ...pdu, crc & 0xff, crc >> 8)
}

/**
 * The unit's answer to the request in what has arrived, or undefined while there is none. Noise or an echo of the request may stand
 * before it: only a frame of the right unit, function and length whose checksum is right counts.
 */
export function findRtuAnswer(
  bytes: Uint8Array,
  unit: number,
  request: Request,
): Answer | undefined {
  for (let i = 0; i + 5 <= bytes.length; i++) {
    if (bytes[i] !== unit) continue
    const isException = ((bytes[i + 1] ?? 0) & 0x80) !== 0
    const end = i + 1 + (isException ? 2 : request.answerLength)
    const crc = (bytes[end] ?? 0) | ((bytes[end + 1] ?? 0) << 8)
    if (end + 2 > bytes.length || crc16(bytes.subarray(i, end)) !== crc) continue
    const answer = answerOf(request, bytes.slice(i + 1, end))
    if (answer) return answer
  }
  return undefined
}

/** CRC-16 of MODBUS over Serial Line V1.02, 6.2.2: polynomial A001 reflected, begun with FFFF. */
export function crc16(bytes: Uint8Array): number {
  let crc = 0xffff
  for (const byte of bytes) {
    crc ^= byte
    for (let i = 0; i < 8; i++) crc = crc & 1 ? (crc >> 1) ^ 0xa001 : crc >> 1
  }
  return crc
}

const exceptions: Readonly<Record<number, string>> = {
  1: "illegal function: the device has no such table or cannot do this",
  2: "illegal data address: the device has no such register",
  3: "illegal data value: the device does not take this value or length",
  4: "server device failure: the device failed within",
  5: "acknowledge: the device needs longer for it",
  6: "server device busy: it works at something else",
  8: "memory parity error: the device's memory is faulty",
  10: "gateway path unavailable: the gateway has no way to this unit",
  11: "gateway target failed to respond: the unit behind the gateway is silent",
}

/** An exception code (MODBUS Application Protocol V1.1b3, 7) in words. */
export function exceptionWords(code: number): string {
  return `exception ${code} (${exceptions[code] ?? "not in the standard"})`
}
