import {
  bitsIn,
  readSlmpRequest,
  type SlmpAnswer,
  type SlmpRequest,
  type SlmpRoute,
  slmpAnswerFrame,
  slmpDevices,
} from "../../../codec/slmp.ts"
import { Memory, PlcServer } from "../../memory/testing/plc.ts"

const route: Omit<SlmpRoute, "frame"> = { network: 0, pc: 255, io: 0x3ff, station: 0, timer: 0 }

/** A MELSEC PLC of our own: D0 to D1999, W0 to W3FF, M0 to M4095, X and Y to 3FF; batch and random reading, batch writing. */
export function startPlc(frame: "3E" | "4E") {
  const memory = new Memory({ D: 2000, W: 1024, M: 256, X: 64, Y: 64, TN: 100 })
  const server = new PlcServer((arrived) => {
    const read = readSlmpRequest(arrived, frame)
    if (read === "wait") return undefined
    if (read === "rubbish") return { answer: Buffer.alloc(0), rest: Buffer.alloc(0) }
    const answer = answerTo(read.content, memory)
    return { answer: slmpAnswerFrame(answer, { ...route, frame }, read.serial), rest: read.rest }
  })
  return { memory, server }
}

function refused(endCode: number): SlmpAnswer {
  return { endCode, data: new Uint8Array(9) }
}

const done: SlmpAnswer = { endCode: 0, data: new Uint8Array(0) }

function answerTo(request: SlmpRequest, memory: Memory): SlmpAnswer {
  const { command, subcommand, data } = request
  if (command === 0x0403) return randomAnswer(data, memory)
  const place = placeIn(data, 0)
  if (!place) return refused(0xc05b)
  if (command === 0x1401 && subcommand === 1) return bitsWritten(place, data, memory)
  const firstBit = place.isBit ? place.start : place.start * 16
  if (firstBit % 8 !== 0) return refused(0xc05c)
  const bytes = memory.bytes(place.name, firstBit / 8, 2 * countIn(data))
  if (!bytes) return refused(0xc056)
  if (command === 0x0401 && subcommand === 0) return { endCode: 0, data: Uint8Array.from(bytes) }
  if (command !== 0x1401) return refused(0xc059)
  bytes.set(data.subarray(6, 6 + bytes.length))
  return done
}

type Found = NonNullable<ReturnType<typeof placeIn>>

function bitsWritten({ name, isBit, start }: Found, data: Uint8Array, memory: Memory): SlmpAnswer {
  if (!isBit) return refused(0xc05b)
  const bits = bitsIn(data.subarray(6), countIn(data))
  return bits.every((on, i) => memory.setBit(name, start + i, on)) ? done : refused(0xc056)
}

function countIn(data: Uint8Array): number {
  return (data[4] ?? 0) | ((data[5] ?? 0) << 8)
}

function randomAnswer(data: Uint8Array, memory: Memory): SlmpAnswer {
  const [words = 0, doubles = 0] = data
  const found = Array.from({ length: words + doubles }, (_, i) => {
    const place = placeIn(data, 2 + 4 * i)
    const length = i < words ? 2 : 4
    return (
      place && memory.bytes(place.name, place.isBit ? place.start / 8 : place.start * 2, length)
    )
  })
  if (found.some((bytes) => bytes === undefined)) return refused(0xc056)
  return { endCode: 0, data: Uint8Array.from(found.flatMap((bytes) => [...(bytes ?? [])])) }
}

function placeIn(data: Uint8Array, at: number) {
  const start = (data[at] ?? 0) | ((data[at + 1] ?? 0) << 8) | ((data[at + 2] ?? 0) << 16)
  const found = Object.entries(slmpDevices).find(([, { code }]) => code === data[at + 3])
  return found && { name: found[0], isBit: found[1].isBit, start }
}
