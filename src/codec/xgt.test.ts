// The header of the XGL-EFMTB manual (8.1.2) and instructions there and back.
import assert from "node:assert/strict"
import { suite, test } from "node:test"
import fc from "fast-check"
import {
  readBytes,
  readXgtAnswer,
  readXgtRequest,
  writeBit,
  writeBytes,
  type XgtAnswer,
  type XgtRequest,
  type XgtRoute,
  xgtAnswerFrame,
  xgtErrorWords,
  xgtFrame,
} from "./xgt.ts"

const route: XgtRoute = { cpu: "xgk", base: 0, slot: 3 }
const hex = (bytes: Uint8Array) =>
  Buffer.from(bytes)
    .toString("hex")
    .replace(/..(?!$)/g, "$& ")
const name = "4c 53 49 53 2d 58 47 54 00 00"

suite("LS XGT over FEnet", () => {
  test("asks for words one by one, in the header of the manual", () => {
    const request: XgtRequest = { kind: "read", type: "word", variables: ["%MW100"] }
    const frame = hex(xgtFrame(request, route, 0x1234))
    const head = `${name} 00 00 a0 33 34 12 10 00 03`
    const sum = (head.split(" ").reduce((s, b) => s + Number.parseInt(b, 16), 0) & 0xff)
      .toString(16)
      .padStart(2, "0")
    assert.equal(frame, `${head} ${sum} 54 00 02 00 00 00 01 00 06 00 25 4d 57 31 30 30`)
  })

  test("asks for bytes in a row, and writes bytes and bits", () => {
    const body = (request: XgtRequest) => hex(xgtFrame(request, route, 0)).slice(60)
    assert.equal(
      body(readBytes("%DB200", 8)),
      "54 00 14 00 00 00 01 00 06 00 25 44 42 32 30 30 08 00",
    )
    assert.equal(
      body(writeBytes("%DB0", Uint8Array.of(1, 2))),
      "58 00 14 00 00 00 01 00 04 00 25 44 42 30 02 00 01 02",
    )
    assert.equal(body(writeBit("%MX3", true)), "58 00 00 00 00 00 01 00 04 00 25 4d 58 33 01 00 01")
  })

  test("frames are the same there and back, in whatever pieces they come", () => {
    const block = fc.uint8Array({ maxLength: 40 })
    const answers: fc.Arbitrary<XgtAnswer> = fc.oneof(
      fc.array(block, { maxLength: 4 }).map((blocks) => ({ kind: "read" as const, blocks })),
      fc.nat(0xff).map((code) => ({ kind: "refused" as const, code })),
    )
    fc.assert(
      fc.property(answers, fc.nat(0xffff), fc.nat(200), (answer, invoke, cut) => {
        const whole = xgtAnswerFrame({ ...answer, to: "read", type: 0x14 }, route, invoke)
        const rest = Uint8Array.of(1)
        const read = readXgtAnswer(Uint8Array.from([...whole, ...rest]))
        assert.deepEqual(read, { content: answer, invoke, rest })
        assert.equal(readXgtAnswer(whole.subarray(0, cut % whole.length)), "wait")
      }),
    )
    for (const request of [
      readBytes("%MB0", 20),
      writeBytes("%RB4", Uint8Array.of(7)),
      writeBit("%PX1", false),
    ]) {
      const read = readXgtRequest(xgtFrame(request, route, 5))
      assert(typeof read === "object")
      assert.deepEqual(read.content, request)
    }
  })

  test("what is no frame is rubbish", () => {
    const whole = xgtAnswerFrame({ kind: "write", to: "write", type: 0 }, route, 1)
    assert.equal(readXgtAnswer(Buffer.from("HTTP/1.1")), "rubbish")
    assert.equal(readXgtAnswer(xgtFrame(readBytes("%MB0", 2), route, 1)), "rubbish")
    assert.equal(readXgtAnswer(whole.map((byte, i) => (i === 20 ? 0x99 : byte))), "rubbish")
    assert.equal(readXgtAnswer(whole.map((byte, i) => (i === 17 ? 0xff : byte))), "rubbish")
  })

  test("a refusal of one byte is read as well as one of two", () => {
    const whole = xgtAnswerFrame({ kind: "refused", code: 4, to: "read", type: 0x14 }, route, 1)
    const short = whole.slice(0, -1)
    short[16] = (short[16] ?? 0) - 1
    const read = readXgtAnswer(short)
    assert.deepEqual(typeof read === "object" && read.content, { kind: "refused", code: 4 })
    assert.equal(xgtErrorWords(4), "error 04h (beyond the end of the device)")
  })
})
