/**
 * SLMP in binary code (Seamless Message Protocol; the same as MELSEC's MC protocol, 3E and 4E frames). Little endian throughout. Sources:
 * Mitsubishi Electric, SLMP Reference Manual (SH-080956ENG).
 */
export interface SlmpRoute {
  readonly frame: "3E" | "4E"
  /** 0 and 255 for the PLC that is connected itself. */
  readonly network: number
  readonly pc: number
  /** Request destination module I/O number; 0x3ff for the own CPU. */
  readonly io: number
  readonly station: number
  /** How long the PLC may take, in steps of 250 ms; 0 for as long as it likes. */
  readonly timer: number
}

/** Command, subcommand and what belongs to them. */
export interface SlmpRequest {
  readonly command: number
  readonly subcommand: number
  readonly data: Uint8Array
}

export interface SlmpAnswer {
  /** 0 where all is well. */
  readonly endCode: number
  readonly data: Uint8Array
}

export interface SlmpDevice {
  readonly code: number
  readonly isBit: boolean
  /** How people write its numbers. */
  readonly base: 10 | 16
}

const word = (code: number, base: 10 | 16 = 10): SlmpDevice => ({ code, isBit: false, base })
const bit = (code: number, base: 10 | 16 = 10): SlmpDevice => ({ code, isBit: true, base })

/** Device codes (SLMP Reference Manual); `T`, `ST` and `C` alone are the present values. */
export const slmpDevices: Readonly<Record<string, SlmpDevice>> = {
  SM: bit(0x91),
  SD: word(0xa9),
  X: bit(0x9c, 16),
  Y: bit(0x9d, 16),
  M: bit(0x90),
  L: bit(0x92),
  F: bit(0x93),
  V: bit(0x94),
  B: bit(0xa0, 16),
  D: word(0xa8),
  W: word(0xb4, 16),
  TS: bit(0xc1),
  TC: bit(0xc0),
  TN: word(0xc2),
  T: word(0xc2),
  STS: bit(0xc7),
  STC: bit(0xc6),
  STN: word(0xc8),
  ST: word(0xc8),
  CS: bit(0xc4),
  CC: bit(0xc3),
  CN: word(0xc5),
  C: word(0xc5),
  SB: bit(0xa1, 16),
  SW: word(0xb5, 16),
  S: bit(0x98),
  DX: bit(0xa2, 16),
  DY: bit(0xa3, 16),
  Z: word(0xcc),
  R: word(0xaf),
  ZR: word(0xb0),
}

/** Batch read in units of words, of bit devices sixteen at a time: 0401, 0000. At most 960 words. */
export function readWords(code: number, start: number, count: number): SlmpRequest {
  return { command: 0x0401, subcommand: 0, data: placeOf(code, start, count) }
}

/** Batch read in units of bits: 0401, 0001. */
export function readBits(code: number, start: number, count: number): SlmpRequest {
  return { command: 0x0401, subcommand: 1, data: placeOf(code, start, count) }
}

/** Random read: 0403, 0000. Single words first, then double words. */
export function readRandom(
  words: readonly { readonly code: number; readonly start: number }[],
  doubles: readonly { readonly code: number; readonly start: number }[] = [],
): SlmpRequest {
  const places = [...words, ...doubles].flatMap(({ code, start }) => [...low(start, 3), code])
  const data = Uint8Array.from([words.length, doubles.length, ...places])
  return { command: 0x0403, subcommand: 0, data }
}

/** Batch write in units of words: 1401, 0000. `bytes` are the words as they stand in the PLC. */
export function writeWords(code: number, start: number, bytes: Uint8Array): SlmpRequest {
  const data = Uint8Array.from([...placeOf(code, start, bytes.length / 2), ...bytes])
  return { command: 0x1401, subcommand: 0, data }
}

/** Batch write in units of bits: 1401, 0001. Two bits a byte, the first in the upper half. */
export function writeBits(code: number, start: number, bits: readonly boolean[]): SlmpRequest {
  const pairs = Array.from({ length: Math.ceil(bits.length / 2) }, (_, i) => {
    return (bits[2 * i] ? 0x10 : 0) | (bits[2 * i + 1] ? 0x01 : 0)
  })
  const data = Uint8Array.from([...placeOf(code, start, bits.length), ...pairs])
  return { command: 0x1401, subcommand: 1, data }
}

/** The bits of an answer to `readBits`. */
export function bitsIn(data: Uint8Array, count: number): boolean[] {
  return Array.from(
    { length: count },
    (_, i) => (((data[i >> 1] ?? 0) >> (i % 2 ? 0 : 4)) & 1) === 1,
  )
}

/** The frame of a request. `serial` is given back by a 4E answer. */
export function slmpFrame(request: SlmpRequest, route: SlmpRoute, serial: number): Uint8Array {
  const { command, subcommand, data } = request
  const body = [...low(route.timer, 2), ...low(command, 2), ...low(subcommand, 2), ...data]
  return framed(0x50, { route, serial, body })
}

/** The frame of an answer. */
export function slmpAnswerFrame(answer: SlmpAnswer, route: SlmpRoute, serial: number): Uint8Array {
  return framed(0xd0, { route, serial, body: [...low(answer.endCode, 2), ...answer.data] })
}

export interface SlmpFrame<Content> {
  readonly content: Content
  /** 0 of a 3E frame, which has none. */
  readonly serial: number
  readonly rest: Uint8Array
}

type Read<Content> = SlmpFrame<Content> | "wait" | "rubbish"

export function readSlmpAnswer(bytes: Uint8Array, frame: "3E" | "4E"): Read<SlmpAnswer> {
  return readFrame(bytes, 0xd0, frame, (body) => ({
    endCode: wordAt(body, 0),
    data: body.subarray(2),
  }))
}

export function readSlmpRequest(bytes: Uint8Array, frame: "3E" | "4E"): Read<SlmpRequest> {
  return readFrame(bytes, 0x50, frame, (body) => ({
    command: wordAt(body, 2),
    subcommand: wordAt(body, 4),
    data: body.subarray(6),
  }))
}

const endCodes: Readonly<Record<number, string>> = {
  85: "the PLC does not let itself be written while it runs",
  16433: "the device number is out of range",
  49232: "the message is not in the code that the port is set to",
  49233: "too many words or bits at once",
  49234: "too many words or bits at once",
  49235: "too many words or bits at once",
  49236: "too many words or bits at once",
  49238: "the device number is out of range",
  49241: "the PLC does not know the command",
  49243: "the PLC has no such device",
  49244: "the request is wrong for this device",
  49247: "the request cannot be carried out by this PLC",
  49248: "the request is wrong for this device",
  49249: "the length of the message is wrong",
  49333: "the data cannot be read by the PLC",
  49664: "the remote password is wrong",
  49665: "the port is locked by a remote password",
}

/** An end code in words: `end code C056 (the device number is out of range)`. */
export function endCodeWords(endCode: number): string {
  const code = endCode.toString(16).toUpperCase().padStart(4, "0")
  const words = endCodes[endCode]
  return `end code ${code}${words ? ` (${words})` : ""}`
}

/** True where the PLC has no such device or number, and asking again changes nothing. */
export function isUnknownDevice(endCode: number): boolean {
  return [0x4031, 0xc056, 0xc05b, 0xc05c, 0xc060].includes(endCode)
}

function placeOf(code: number, start: number, count: number): Uint8Array {
  return Uint8Array.from([...low(start, 3), code, ...low(count, 2)])
}

function framed(
  first: number,
  { route, serial, body }: { route: SlmpRoute; serial: number; body: readonly number[] },
): Uint8Array {
  const { frame, network, pc, io, station } = route
  const head = frame === "4E" ? [first + 4, 0, ...low(serial, 2), 0, 0] : [first, 0]
  return Uint8Array.from([
    ...head,
    network,
    pc,
    ...low(io, 2),
    station,
    ...low(body.length, 2),
    ...body,
  ])
}

function readFrame<Content>(
  bytes: Uint8Array,
  first: number,
  frame: "3E" | "4E",
  contentOf: (body: Uint8Array) => Content,
): Read<Content> {
  const head = frame === "4E" ? 6 : 2
  const expected = frame === "4E" ? first + 4 : first
  if ((bytes.length > 0 && bytes[0] !== expected) || (bytes.length > 1 && bytes[1] !== 0))
    return "rubbish"
  if (bytes.length < head + 7) return "wait"
  const length = wordAt(bytes, head + 5)
  if (length < 2 || length > 4096) return "rubbish"
  const end = head + 7 + length
  if (bytes.length < end) return "wait"
  const content = contentOf(bytes.slice(head + 7, end))
  return { content, serial: frame === "4E" ? wordAt(bytes, 2) : 0, rest: bytes.subarray(end) }
}

function low(value: number, bytes: number): number[] {
  return Array.from({ length: bytes }, (_, i) => (value >> (8 * i)) & 0xff)
}

function wordAt(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8)
}
