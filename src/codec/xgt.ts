/**
 * The dedicated protocol of LS Electric's FEnet modules (XGT, XGB). Little endian throughout. Source: LS Electric, XGL-EFMTB FEnet I/F
 * Module user's manual, 8.1 (header and instructions).
 */
export const xgtCpus = { xgk: 0xa0, xgi: 0xa4, xgr: 0xa8, xgb: 0xb0 } as const

export interface XgtRoute {
  readonly cpu: keyof typeof xgtCpus
  /** Of the FEnet module, 0 for a port in the CPU. */
  readonly base: number
  readonly slot: number
}

/** Data types of an instruction. */
export const xgtTypes = { bit: 0, byte: 1, word: 2, dword: 3, lword: 4, continuous: 0x14 } as const

export type XgtType = keyof typeof xgtTypes

export type XgtRequest =
  | {
      readonly kind: "read"
      readonly type: XgtType
      readonly variables: readonly string[]
      readonly count?: number
    }
  | {
      readonly kind: "write"
      readonly type: XgtType
      readonly variable: string
      readonly data: Uint8Array
    }

export type XgtAnswer =
  | { readonly kind: "read"; readonly blocks: readonly Uint8Array[] }
  | { readonly kind: "write" }
  /** The PLC refused. */
  | { readonly kind: "refused"; readonly code: number }

const company = [..."LSIS-XGT"].map((c) => c.charCodeAt(0))
const headerLength = 20
const commands = { read: 0x54, write: 0x58 } as const

/** Reads `count` bytes from `%DB200` on; the only form in which more than one value stands together. At most 1400 bytes. */
export function readBytes(variable: string, count: number): XgtRequest {
  return { kind: "read", type: "continuous", variables: [variable], count }
}

/** Writes the bytes from `%DB200` on. */
export function writeBytes(variable: string, data: Uint8Array): XgtRequest {
  return { kind: "write", type: "continuous", variable, data }
}

/** Writes one bit such as `%MX1603`. */
export function writeBit(variable: string, on: boolean): XgtRequest {
  return { kind: "write", type: "bit", variable, data: Uint8Array.of(on ? 1 : 0) }
}

/** The frame of a request; `invoke` is given back by the answer. */
export function xgtFrame(request: XgtRequest, route: XgtRoute, invoke: number): Uint8Array {
  const { kind, type } = request
  const variables = kind === "read" ? request.variables : [request.variable]
  const names = variables.flatMap((name) => [...word(name.length), ...ascii(name)])
  const counts = kind === "read" && request.count !== undefined ? word(request.count) : []
  const data = kind === "write" ? [...word(request.data.length), ...request.data] : []
  const body = [...word(commands[kind]), ...word(xgtTypes[type]), 0, 0, ...word(variables.length)]
  return framed([...body, ...names, ...counts, ...data], { route, invoke, source: 0x33 })
}

/** The frame of an answer; `type` is that of its request. */
export function xgtAnswerFrame(
  answer: XgtAnswer & { readonly to: "read" | "write"; readonly type: number },
  route: XgtRoute,
  invoke: number,
): Uint8Array {
  const head = [...word(commands[answer.to] + 1), ...word(answer.type), 0, 0]
  const body = {
    refused: () => [0xff, 0xff, ...word("code" in answer ? answer.code : 0)],
    write: () => [0, 0, 1, 0],
    read: () => {
      const blocks = "blocks" in answer ? answer.blocks : []
      return [0, 0, ...word(blocks.length), ...blocks.flatMap((b) => [...word(b.length), ...b])]
    },
  }[answer.kind]()
  return framed([...head, ...body], { route, invoke, source: 0x11 })
}

export interface XgtFrame<Content> {
  readonly content: Content
  readonly invoke: number
  readonly rest: Uint8Array
}

type Read<Content> = XgtFrame<Content> | "wait" | "rubbish"

export function readXgtAnswer(bytes: Uint8Array): Read<XgtAnswer> {
  return readFrame(bytes, 0x11, answerIn)
}

/** What a PLC hears. */
export function readXgtRequest(bytes: Uint8Array): Read<XgtRequest> {
  return readFrame(bytes, 0x33, requestIn)
}

const codes: Readonly<Record<number, string>> = {
  1: "too many variables at once",
  2: "a data type that the PLC does not know",
  3: "a device that the PLC does not have",
  4: "beyond the end of the device",
  5: "too many bytes at once",
  6: "too many bytes at once",
  117: "another company's protocol",
  118: "a wrong length in the header",
  119: "a wrong checksum in the header",
  120: "a command that the PLC does not know",
}

/** An error code in words: `error 04h (beyond the end of the device)`. */
export function xgtErrorWords(code: number): string {
  const words = codes[code & 0xff]
  const shown = code.toString(16).toUpperCase().padStart(2, "0")
  return `error ${shown}h${words ? ` (${words})` : ""}`
}

/** True where the PLC has no such device or number, and asking again changes nothing. */
export function isUnknownVariable(code: number): boolean {
  return [0x03, 0x04].includes(code & 0xff)
}

function answerIn(body: Uint8Array): XgtAnswer | undefined {
  const command = wordAt(body, 0)
  const kind = command === 0x55 ? "read" : command === 0x59 ? "write" : undefined
  if (kind === undefined || body.length < 8) return undefined
  if (wordAt(body, 6) !== 0)
    return { kind: "refused", code: body.length > 9 ? wordAt(body, 8) : (body[8] ?? 0) }
  if (kind === "write") return { kind }
  const blocks: Uint8Array[] = []
  let at = 10
  for (let i = wordAt(body, 8); i > 0; i--) {
    const end = at + 2 + wordAt(body, at)
    if (end > body.length) return undefined
    blocks.push(body.slice(at + 2, end))
    at = end
  }
  return { kind, blocks }
}

function requestIn(body: Uint8Array): XgtRequest | undefined {
  const command = wordAt(body, 0)
  const type = (Object.keys(xgtTypes) as XgtType[]).find((t) => xgtTypes[t] === wordAt(body, 2))
  if (type === undefined) return undefined
  const variables: string[] = []
  let at = 8
  for (let i = wordAt(body, 6); i > 0; i--) {
    const end = at + 2 + wordAt(body, at)
    variables.push(String.fromCharCode(...body.subarray(at + 2, end)))
    at = end
  }
  if (at > body.length) return undefined
  if (command === commands.read)
    return {
      kind: "read",
      type,
      variables,
      ...(at + 2 <= body.length && { count: wordAt(body, at) }),
    }
  const [variable] = variables
  if (command !== commands.write || variable === undefined) return undefined
  return { kind: "write", type, variable, data: body.slice(at + 2, at + 2 + wordAt(body, at)) }
}

function framed(
  body: readonly number[],
  { route, invoke, source }: { route: XgtRoute; invoke: number; source: number },
): Uint8Array {
  const { cpu, base, slot } = route
  const position = (base << 4) | slot
  const head = [
    ...company,
    0,
    0,
    0,
    0,
    xgtCpus[cpu],
    source,
    ...word(invoke),
    ...word(body.length),
    position,
  ]
  const sum = head.reduce((total, byte) => total + byte, 0) & 0xff
  return Uint8Array.from([...head, sum, ...body])
}

function readFrame<Content>(
  bytes: Uint8Array,
  source: number,
  contentOf: (body: Uint8Array) => Content | undefined,
): Read<Content> {
  const isOurs = company.every((byte, i) => i >= bytes.length || bytes[i] === byte)
  if (!isOurs || (bytes.length > 13 && bytes[13] !== source)) return "rubbish"
  if (bytes.length < headerLength) return "wait"
  const length = wordAt(bytes, 16)
  if (length < 8 || length > 4096) return "rubbish"
  const end = headerLength + length
  if (bytes.length < end) return "wait"
  const content = contentOf(bytes.slice(headerLength, end))
  return content ? { content, invoke: wordAt(bytes, 14), rest: bytes.subarray(end) } : "rubbish"
}

function ascii(text: string): number[] {
  return [...text].map((c) => c.charCodeAt(0))
}

function word(value: number): number[] {
  return [value & 0xff, (value >> 8) & 0xff]
}

function wordAt(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8)
}
