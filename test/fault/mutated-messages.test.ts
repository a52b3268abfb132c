// Whatever comes in from outside, a decoder gives what it can read or says in its own error that it cannot.
import assert from "node:assert/strict"
import { suite, test } from "node:test"
import { DamagedChunk, decodeChunk, encodeChunk, maxChunkSamples } from "../../src/codec/chunk.ts"
import { readCsv } from "../../src/codec/csv.ts"
import { parseJsonPath } from "../../src/codec/json-path.ts"
import {
  answerOf,
  findRtuAnswer,
  readRequest,
  readTcpFrame,
  rtuFrame,
  tcpFrame,
} from "../../src/codec/modbus-frame.ts"
import { decodeRegisters } from "../../src/codec/modbus-value.ts"
import { formatMtConnect } from "../../src/codec/mtconnect-format.ts"
import { parseMtConnect } from "../../src/codec/mtconnect-parse.ts"
import { MultipartReader } from "../../src/codec/multipart.ts"
import { readRecording } from "../../src/codec/recording.ts"
import { dataPacket, readMessage, readPacket, readResults } from "../../src/codec/s7-frame.ts"
import {
  readSlmpAnswer,
  readSlmpRequest,
  readWords,
  slmpAnswerFrame,
  slmpFrame,
} from "../../src/codec/slmp.ts"
import { decodePayload, encodePayload, readMetrics } from "../../src/codec/sparkplug.ts"
import { decodeState, encodeState, parseTopic } from "../../src/codec/sparkplug-topic.ts"
import { documents } from "../../src/codec/testing/mtconnect-documents.ts"
import {
  readBytes,
  readXgtAnswer,
  readXgtRequest,
  xgtAnswerFrame,
  xgtFrame,
} from "../../src/codec/xgt.ts"
import { seededRandom } from "../../src/kernel/random.ts"
import { Problem } from "../../src/model/problem.ts"
import { mutated } from "../support/mutated.ts"
import { scaled } from "../support/scale.ts"

interface Decoder {
  readonly messages: readonly Uint8Array[]
  readonly decode: (bytes: Uint8Array) => unknown
  /** True for the error that it says it throws. */
  readonly own: (thrown: unknown) => boolean
  /** A slow one sees fewer. */
  readonly part?: number
}

const text = (words: string) => new TextEncoder().encode(words)
const words = (bytes: Uint8Array) => new TextDecoder().decode(bytes)
const never = () => false
const problem = (thrown: unknown) => thrown instanceof Problem
/** An error with words, no slip of the program such as a TypeError. */
const plain = (thrown: unknown) => thrown instanceof Error && thrown.constructor === Error

const column = Float64Array.from({ length: 200 }, (_, i) => Math.sin(i) * 10 ** (i % 5))
const into = {
  at: new Float64Array(maxChunkSamples),
  value: new Float64Array(maxChunkSamples),
  quality: new Uint8Array(maxChunkSamples),
}
const chunkOf = (value: Float64Array) =>
  encodeChunk({
    at: value.map((_, i) => 1.7e12 + i * 1000),
    value,
    quality: new Uint8Array(value.length),
  })

const payload = encodePayload({
  timestamp: 1.7e12,
  seq: 3,
  metrics: [
    { name: "a/b", alias: 7, timestamp: 1.7e12, type: "Double", value: 21.5 },
    { name: "n", alias: 8, type: "Int64", value: -5n },
    { name: "t", alias: 9, type: "String", value: "금형" },
    { name: "on", alias: 10, type: "Boolean", value: true },
    { name: "no", alias: 11, type: "Int32", value: null },
  ],
})

const request = readRequest("holding", 100, 4)
const registers = Uint8Array.of(3, 8, 1, 2, 3, 4, 5, 6, 7, 8)
const route = { frame: "4E", network: 0, pc: 0xff, io: 0x3ff, station: 0, timer: 16 } as const
const s7Answer = Uint8Array.of(
  ...[0x32, 3, 0, 0, 0, 1, 0, 2, 0, 8, 0, 0, 4, 1, 0xff, 4, 0, 32, 1, 2, 3, 4],
)
const xgtRoute = { cpu: "xgk", base: 0, slot: 0 } as const

const decoders: Readonly<Record<string, Decoder>> = {
  chunk: {
    messages: [column, column.map(Math.round), column.map(Math.fround)].map(chunkOf),
    decode: (bytes) => decodeChunk(bytes, into),
    own: (thrown) => thrown instanceof DamagedChunk,
  },
  "Sparkplug, whole": {
    messages: [payload],
    decode: (bytes) => decodePayload(bytes, "edge"),
    own: problem,
  },
  "Sparkplug, metric by metric": {
    messages: [payload],
    decode: (bytes) => readMetrics(bytes, "edge", (metric) => metric.numberAs("Double")),
    own: problem,
  },
  "Sparkplug topics and states": {
    messages: [text("spBv1.0/g/NDATA/n/d"), encodeState({ online: true, timestamp: 1.7e12 })],
    decode: (bytes) => [parseTopic(words(bytes)), decodeState(bytes)],
    own: never,
  },
  "Modbus TCP": {
    messages: [tcpFrame({ transaction: 5, unit: 1, pdu: registers })],
    decode: (bytes) => {
      const read = readTcpFrame(bytes)
      if (typeof read === "string") return
      const answer = answerOf(request, read.frame.pdu)
      if (answer && "data" in answer)
        decodeRegisters(answer.data, { type: "float32", order: "abcd" })
    },
    own: never,
  },
  "Modbus RTU": {
    messages: [rtuFrame(1, registers)],
    decode: (bytes) => findRtuAnswer(bytes, 1, request),
    own: never,
  },
  S7: {
    messages: [dataPacket(s7Answer)],
    decode: (bytes) => {
      const read = readPacket(bytes)
      if (typeof read === "string" || read.packet.kind !== "data") return
      const message = readMessage(read.packet.data)
      if (message) readResults(message, [4])
    },
    own: never,
  },
  SLMP: {
    messages: [
      slmpAnswerFrame({ endCode: 0, data: Uint8Array.of(1, 2, 3, 4) }, route, 7),
      slmpFrame(readWords(0xa8, 100, 2), route, 7),
    ],
    decode: (bytes) => [readSlmpAnswer(bytes, "4E"), readSlmpRequest(bytes, "4E")],
    own: never,
  },
  XGT: {
    messages: [
      xgtAnswerFrame(
        { kind: "read", blocks: [Uint8Array.of(1, 2)], to: "read", type: 0x14 },
        xgtRoute,
        7,
      ),
      xgtFrame(readBytes("%DB100", 8), xgtRoute, 7),
    ],
    decode: (bytes) => [readXgtAnswer(bytes), readXgtRequest(bytes)],
    own: never,
  },
  MTConnect: {
    messages: documents.map((document) => text(formatMtConnect(document))),
    decode: (bytes) => parseMtConnect(words(bytes)),
    own: plain,
    part: 0.05,
  },
  "bodies of several parts": {
    messages: [
      text(
        "--x\r\nContent-type: text/xml\r\nContent-length: 5\r\n\r\nhello\r\n--x\r\n\r\nab\r\n--x",
      ),
    ],
    decode: (bytes) => new MultipartReader("x", 6).push(bytes),
    own: plain,
  },
  "tables and recordings": {
    messages: [text('id,time,temp\n1,2024-01-02 08:00:00,"7,00"\n2,2024-01-02 08:00:01,701\n')],
    decode: (bytes) => [readCsv(words(bytes)), readRecording(bytes, "f.csv", "Asia/Seoul")],
    own: never,
    part: 0.05,
  },
  "JSON paths": {
    messages: [text('a["b.c"][3].d'), text("$.values[0].temp")],
    decode: (bytes) => parseJsonPath(words(bytes)),
    own: never,
  },
}

const seed = 20261124

/** How many of so many mutated messages were refused; throws the first error that is not the decoder's own. */
function refusals({ messages, decode, own }: Decoder, count: number): number {
  const random = seededRandom(seed)
  let refused = 0
  for (let n = 0; n < count; n++) {
    const bytes = mutated(messages[n % messages.length] ?? new Uint8Array(), random)
    try {
      decode(bytes)
    } catch (thrown) {
      const said = `seed ${seed}, message ${n}: ${Buffer.from(bytes).toString("hex")}`
      if (!own(thrown)) throw new Error(said, { cause: thrown })
      refused++
    }
  }
  return refused
}

suite("mutated messages", () => {
  for (const [name, decoder] of Object.entries(decoders)) {
    const count = Math.ceil(scaled(20_000, 1_000_000) * (decoder.part ?? 1))
    test(`${name}: ${count} times only its own error comes out`, () => {
      for (const bytes of decoder.messages) decoder.decode(bytes)
      const refused = refusals(decoder, count)
      if (decoder.own !== never) assert.ok(refused > 0, `${refused} refused`)
    })
  }

  test("a decoder that slips is found out", () => {
    const slips: Decoder = {
      messages: [text('{"values":[1]}')],
      decode: (bytes) => JSON.parse(words(bytes)).values[0],
      own: (thrown) => thrown instanceof SyntaxError,
    }
    assert.throws(() => refusals(slips, 10_000), /seed 20261124, message \d+/)
  })
})
