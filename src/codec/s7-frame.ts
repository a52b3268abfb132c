/**
 * Frames of Siemens S7 communication over ISO-on-TCP: TPKT (RFC 1006), COTP class 0 (ISO 8073, ITU-T X.224), and in them the S7
 * messages, which Siemens never published; their form is known from Wireshark's dissector and the manual of Snap7.
 */

/** The memory areas by their code. */
export const areas = { I: 0x81, Q: 0x82, M: 0x83, DB: 0x84 } as const

export type Area = keyof typeof areas

/** Bytes of an area, or one bit of a byte. */
export interface MemoryRange {
  readonly area: Area
  /** Of a data block; 0 in the other areas. */
  readonly db: number
  readonly start: number
  readonly length: number
  /** For writing a single bit. */
  readonly bit?: number
}

/** Asks for a connection to the transport point `called` (X.224, 13.3), with packets of 1024 bytes. */
export function connectRequest({
  calling,
  called,
}: {
  calling: number
  called: number
}): Uint8Array {
  const points = [0xc1, 2, ...word(calling), 0xc2, 2, ...word(called)]
  return tpkt(Uint8Array.of(17, 0xe0, 0, 0, 0, 1, 0, 0xc0, 1, 10, ...points))
}

/** A message in one data packet (X.224, 13.7). */
export function dataPacket(message: Uint8Array): Uint8Array {
  return tpkt(Uint8Array.of(2, 0xf0, 0x80, ...message))
}

function tpkt(packet: Uint8Array): Uint8Array {
  return Uint8Array.of(3, 0, ...word(packet.length + 4), ...packet)
}

/** What a transport packet is: data (perhaps not the last of its message), a confirmed connection, or something else by its code. */
export type Packet =
  | { readonly kind: "data"; readonly data: Uint8Array; readonly isLast: boolean }
  | { readonly kind: "confirm" }
  | { readonly kind: "other"; readonly code: number }

/** The longest packet of 1024 bytes and its heads; S7 stations send less. */
const longestPacket = 2048

/** The first packet in what has arrived; `wait` where it is not yet whole, `rubbish` where it can never become one. */
export function readPacket(
  bytes: Uint8Array,
): { packet: Packet; rest: Uint8Array } | "wait" | "rubbish" {
  if (bytes.length < 4) return bytes[0] === undefined || bytes[0] === 3 ? "wait" : "rubbish"
  const length = wordAt(bytes, 2)
  if (bytes[0] !== 3 || length < 7 || length > longestPacket) return "rubbish"
  if (bytes.length < length) return "wait"
  const head = bytes[4] ?? 0
  const code = (bytes[5] ?? 0) & 0xf0
  if (5 + head > length || head < 2) return "rubbish"
  const rest = bytes.subarray(length)
  if (code === 0xd0) return { packet: { kind: "confirm" }, rest }
  if (code !== 0xf0) return { packet: { kind: "other", code }, rest }
  const isLast = ((bytes[6] ?? 0) & 0x80) !== 0
  return { packet: { kind: "data", data: bytes.slice(5 + head, length), isLast }, rest }
}

/** One S7 message: a job (1) or its answer (3, or 2 where there are no data). */
export interface Message {
  readonly kind: number
  readonly reference: number
  /** Class and code; 0 where all is well, and in jobs. */
  readonly error: number
  readonly parameter: Uint8Array
  readonly data: Uint8Array
}

export function jobMessage({
  reference,
  parameter,
  data = new Uint8Array(0),
}: {
  reference: number
  parameter: Uint8Array
  data?: Uint8Array
}): Uint8Array {
  const lengths = [...word(parameter.length), ...word(data.length)]
  return Uint8Array.of(0x32, 1, 0, 0, ...word(reference), ...lengths, ...parameter, ...data)
}

/** Undefined where the bytes are no S7 message. */
export function readMessage(bytes: Uint8Array): Message | undefined {
  const kind = bytes[1] ?? 0
  if (bytes[0] !== 0x32 || bytes.length < 10) return undefined
  const head = kind === 2 || kind === 3 ? 12 : 10
  const [parameterLength, dataLength] = [wordAt(bytes, 6), wordAt(bytes, 8)]
  if (bytes.length !== head + parameterLength + dataLength) return undefined
  const data = bytes.subarray(head + parameterLength)
  const parameter = bytes.subarray(head, head + parameterLength)
  const error = head === 12 ? wordAt(bytes, 10) : 0
  return { kind, reference: wordAt(bytes, 4), error, parameter, data }
}

/** Function F0: agrees on the longest message; one job at a time. */
export function setupParameter(longestMessage: number): Uint8Array {
  return Uint8Array.of(0xf0, 0, 0, 1, 0, 1, ...word(longestMessage))
}

/** The longest message that the station agreed to, or undefined where this is no answer to a setup. */
export function agreedLength({ parameter }: Message): number | undefined {
  return parameter[0] === 0xf0 && parameter.length === 8 ? wordAt(parameter, 6) : undefined
}

/** Function 04. */
export function readParameter(ranges: readonly MemoryRange[]): Uint8Array {
  return Uint8Array.of(4, ranges.length, ...ranges.flatMap(itemOf))
}

/** Function 05 for one range; a bit is one byte of data, 0 or 1. */
export function writeParameter(range: MemoryRange): Uint8Array {
  return Uint8Array.of(5, 1, ...itemOf(range))
}

export function writeData({ bit }: MemoryRange, bytes: Uint8Array): Uint8Array {
  const [transport, length] = bit === undefined ? [4, 8 * bytes.length] : [3, 1]
  return Uint8Array.of(0, transport, ...word(length), ...bytes)
}

/** Addresses count bits. */
function itemOf({ area, db, start, length, bit }: MemoryRange): number[] {
  const [size, count] = bit === undefined ? [2, length] : [1, 1]
  const address = 8 * start + (bit ?? 0)
  const place = [areas[area], address >> 16, (address >> 8) & 0xff, address & 0xff]
  return [0x12, 10, 0x10, size, ...word(count), ...word(db), ...place]
}

/** The result code of an item that was read or written. */
export const itemIsGood = 0xff

/** What was read of one range: its bytes, or the code of why not. */
export type ItemResult = { readonly bytes: Uint8Array } | { readonly code: number }

/** The results of a reading in the order of its ranges; undefined where the answer does not fit them. */
export function readResults(
  { parameter, data }: Message,
  lengths: readonly number[],
): ItemResult[] | undefined {
  if (parameter[0] !== 4 || parameter[1] !== lengths.length) return undefined
  const results: ItemResult[] = []
  let at = 0
  for (const length of lengths) {
    const result = resultIn(data.subarray(at), length)
    if (!result) return undefined
    results.push(result)
    // An odd number of bytes is followed by one that fills it.
    at += "bytes" in result ? 4 + length + (length & 1) : 4
  }
  return results
}

function resultIn(data: Uint8Array, length: number): ItemResult | undefined {
  const [code, transport = 0] = data
  if (code === undefined) return undefined
  if (code !== itemIsGood) return { code }
  // Transport sizes 3 to 5 count bits, the others bytes.
  const said = wordAt(data, 2) / (transport >= 3 && transport <= 5 ? 8 : 1)
  return said === length && data.length >= 4 + length
    ? { bytes: data.slice(4, 4 + length) }
    : undefined
}

/** The result code of a write; undefined where this is no answer to one. */
export function writeResult({ parameter, data }: Message): number | undefined {
  return parameter[0] === 5 && parameter[1] === 1 ? data[0] : undefined
}

const itemCodes: Readonly<Record<number, string>> = {
  1: "hardware fault",
  3: "access not allowed: allow PUT/GET, and let the data block be without optimized access",
  5: "address out of range: the area or data block is shorter",
  6: "data type not supported",
  7: "data type inconsistent",
  10: "object does not exist: there is no such data block, or its access is optimized",
}

/** The result of one item in words. */
export function itemWords(code: number): string {
  return `result ${code} (${itemCodes[code] ?? "not known"})`
}

function word(value: number): readonly [number, number] {
  return [(value >> 8) & 0xff, value & 0xff]
}

function wordAt(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)
}
