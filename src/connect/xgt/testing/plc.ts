import {
  readXgtRequest,
  type XgtAnswer,
  type XgtRequest,
  xgtAnswerFrame,
  xgtTypes,
} from "../../../codec/xgt.ts"
import { Memory, PlcServer } from "../../memory/testing/plc.ts"

const sizes: Readonly<Record<string, number>> = { B: 1, W: 2, D: 4, L: 8 }

/** An XGK of our own: %D0 to %D1999, %M and %P; reading and writing, one by one and in a row. */
export function startPlc() {
  const memory = new Memory({ D: 2000, M: 256, P: 64 })
  const server = new PlcServer((arrived) => {
    const read = readXgtRequest(arrived)
    if (read === "wait") return undefined
    if (read === "rubbish") return { answer: Buffer.alloc(0), rest: Buffer.alloc(0) }
    const { kind, type } = read.content
    const answer = { ...answerTo(read.content, memory), to: kind, type: xgtTypes[type] }
    const route = { cpu: "xgk", base: 0, slot: 0 } as const
    return { answer: xgtAnswerFrame(answer, route, read.invoke), rest: read.rest }
  })
  return { memory, server }
}

function answerTo(request: XgtRequest, memory: Memory): XgtAnswer {
  if (request.kind === "write") return writeAnswer(request, memory)
  const { variables, count } = request
  const blocks = variables.map((variable) => blockOf(variable, count, memory))
  return blocks.every((block) => block !== undefined)
    ? { kind: "read", blocks }
    : { kind: "refused", code: 4 }
}

function blockOf(variable: string, count: number | undefined, memory: Memory) {
  const { area = "", size = "", number } = partsOf(variable)
  if (size === "X") {
    const bit = memory.bit(area, number)
    return bit === undefined ? undefined : Uint8Array.of(bit ? 1 : 0)
  }
  const bytes = sizes[size] ?? 0
  const found = memory.bytes(area, number * bytes, count ?? bytes)
  return found && Uint8Array.from(found)
}

function writeAnswer(request: XgtRequest & { kind: "write" }, memory: Memory): XgtAnswer {
  const { variable, data } = request
  const { area = "", size = "", number } = partsOf(variable)
  if (size === "X")
    return memory.setBit(area, number, data[0] === 1)
      ? { kind: "write" }
      : { kind: "refused", code: 4 }
  const bytes = memory.bytes(area, number * (sizes[size] ?? 0), data.length)
  bytes?.set(data)
  return bytes ? { kind: "write" } : { kind: "refused", code: 4 }
}

function partsOf(variable: string) {
  const [, area, size, number] = /^%([A-Z])([XBWDL])(\d+)$/.exec(variable) ?? []
  return { area, size, number: Number(number) }
}
