// Examples of the SLMP Reference Manual (SH-080956ENG), and frames there and back.
import assert from "node:assert/strict"
import { suite, test } from "node:test"
import fc from "fast-check"
import {
  bitsIn,
  endCodeWords,
  readBits,
  readRandom,
  readSlmpAnswer,
  readSlmpRequest,
  readWords,
  type SlmpRequest,
  type SlmpRoute,
  slmpAnswerFrame,
  slmpDevices,
  slmpFrame,
  writeBits,
  writeWords,
} from "./slmp.ts"

const hex = (bytes: Uint8Array) =>
  Buffer.from(bytes)
    .toString("hex")
    .replace(/..(?!$)/g, "$& ")
const bytes = (text: string) => Uint8Array.from(Buffer.from(text.replaceAll(" ", ""), "hex"))
const code = (name: string) => slmpDevices[name]?.code ?? Number.NaN
const at = (name: string, start: number) => ({ code: code(name), start })
const route: SlmpRoute = { frame: "3E", network: 0, pc: 0xff, io: 0x3ff, station: 0, timer: 16 }

const examples: readonly (readonly [what: string, request: SlmpRequest, said: string])[] = [
  ["M100 to M131 as words", readWords(code("M"), 100, 2), "01 04 00 00 64 00 00 90 02 00"],
  ["T100 to T102", readWords(code("TN"), 100, 3), "01 04 00 00 64 00 00 c2 03 00"],
  ["M100 to M107 as bits", readBits(code("M"), 100, 8), "01 04 01 00 64 00 00 90 08 00"],
  [
    "D0, T0, M100 to M115, X20 to X2F, and double words of D1500, Y160 and M1111",
    readRandom(
      [at("D", 0), at("TN", 0), at("M", 100), at("X", 0x20)],
      [at("D", 1500), at("Y", 0x160), at("M", 1111)],
    ),
    "03 04 00 00 04 03 00 00 00 a8 00 00 00 c2 64 00 00 90 20 00 00 9c dc 05 00 a8 60 01 00 9d 57 04 00 90",
  ],
  [
    "M100 to M107 written as bits",
    writeBits(code("M"), 100, [true, true, false, false, true, true, false, false]),
    "01 14 01 00 64 00 00 90 08 00 11 00 11 00",
  ],
  [
    "D100 to D102 written",
    writeWords(code("D"), 100, bytes("95 19 02 12 30 11")),
    "01 14 00 00 64 00 00 a8 03 00 95 19 02 12 30 11",
  ],
]

suite("SLMP", () => {
  for (const [what, request, said] of examples)
    test(`asks as the manual does: ${what}`, () => {
      const frame = slmpFrame(request, route, 0)
      const length = (said.split(" ").length + 2).toString(16).padStart(2, "0")
      assert.equal(hex(frame), `50 00 00 ff ff 03 00 ${length} 00 10 00 ${said}`)
    })

  test("reads the bits of the manual's answer", () => {
    assert.deepEqual(bitsIn(bytes("00 01 00 11"), 8).map(Number), [0, 0, 0, 1, 0, 0, 1, 1])
  })

  test("frames are the same there and back, in whatever pieces they come", () => {
    const frames = fc.constantFrom("3E" as const, "4E" as const)
    const data = fc.uint8Array({ maxLength: 60 })
    fc.assert(
      fc.property(frames, data, fc.nat(0xffff), fc.nat(200), (frame, given, number, cut) => {
        const way = { ...route, frame }
        const answer = { endCode: number, data: given }
        const whole = slmpAnswerFrame(answer, way, number)
        const serial = frame === "4E" ? number : 0
        const rest = Uint8Array.from([1, 2])
        const read = readSlmpAnswer(Uint8Array.from([...whole, ...rest]), frame)
        assert.deepEqual(read, { content: answer, serial, rest })
        const part = whole.subarray(0, cut % whole.length)
        assert.equal(readSlmpAnswer(part, frame), "wait")
        const request = { command: number, subcommand: 1, data: given }
        const asked = readSlmpRequest(slmpFrame(request, way, number), frame)
        assert(typeof asked === "object")
        assert.deepEqual(asked.content, request)
      }),
    )
  })

  test("what is no frame is rubbish", () => {
    for (const text of [
      "48 54 54 50",
      "d4 00",
      "d0 01",
      "d0 00 00 ff ff 03 00 01 00",
      "d0 00 00 ff ff 03 00 ff ff",
    ])
      assert.equal(readSlmpAnswer(bytes(text), "3E"), "rubbish", text)
  })

  test("end codes have words", () => {
    assert.equal(endCodeWords(0xc056), "end code C056 (the device number is out of range)")
    assert.equal(endCodeWords(0x1234), "end code 1234")
  })
})
