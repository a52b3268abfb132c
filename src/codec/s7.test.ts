import assert from "node:assert/strict"
import { suite, test } from "node:test"
import fc from "fast-check"
import {
  agreedLength,
  connectRequest,
  dataPacket,
  jobMessage,
  readMessage,
  readPacket,
  readParameter,
  readResults,
  setupParameter,
  writeData,
  writeParameter,
} from "./s7-frame.ts"
import { decodeS7, encodeS7, type S7Type, s7Types } from "./s7-value.ts"

const bytes = (text: string) => Uint8Array.from(Buffer.from(text.replaceAll(" ", ""), "hex"))
const hex = (of: Uint8Array) => Buffer.from(of).toString("hex")

suite("frames of S7", () => {
  test("requests stand as other clients send them", () => {
    assert.equal(
      hex(connectRequest({ calling: 0x0100, called: 0x0102 })),
      "0300001611e00000000100c0010ac1020100c2020102",
    )
    assert.equal(
      hex(dataPacket(jobMessage({ reference: 8, parameter: setupParameter(960) }))),
      "0300001902f08032010000000800080000f0000001000103c0",
    )
    const range = { area: "DB", db: 1, start: 4, length: 4 } as const
    assert.equal(hex(readParameter([range])), "0401120a10020004000184000020")
    const bit = { ...range, start: 14, length: 1, bit: 3 }
    assert.equal(hex(writeParameter(bit)), "0501120a10010001000184000073")
    assert.equal(hex(writeData(bit, Uint8Array.of(1))), "0003000101")
    assert.equal(hex(writeData(range, bytes("3fc00000"))), "000400203fc00000")
  })

  test("results are read in order, each with its own fate", () => {
    const message = (data: string) => {
      const read = readMessage(bytes(`32030000 0001 0002 ${lengthOf(data)} 0000 0403 ${data}`))
      assert(read)
      return read
    }
    const good = message("ff04000801 00 0a000000 ff0400203fc00000")
    assert.deepEqual(readResults(good, [1, 2, 4]), [
      { bytes: bytes("01") },
      { code: 10 },
      { bytes: bytes("3fc00000") },
    ])
    assert.equal(readResults(good, [1, 2, 8]), undefined)
    assert.equal(readResults(good, [1, 2]), undefined)
    assert.equal(readResults(message("ff040008"), [1, 2, 4]), undefined)
  })

  test("the agreed length is that of a setup's answer", () => {
    const answer = readMessage(bytes("32030000 0001 0008 0000 0000 f0000001000100f0"))
    assert(answer)
    assert.equal(agreedLength(answer), 240)
  })

  test("whatever arrives, nothing but a packet, patience or a refusal comes of it", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.boolean(), (any, begins) => {
        const arrived = begins ? Uint8Array.of(3, 0, 0, any.length + 4, ...any) : any
        const read = readPacket(arrived)
        if (typeof read !== "object") return
        assert(read.rest.length < arrived.length)
        if (read.packet.kind === "data") readMessage(read.packet.data)
      }),
    )
    assert.equal(readPacket(Buffer.from("SSH-2.0-OpenSSH")), "rubbish")
    assert.equal(readPacket(bytes("0300000902f0803203")) === "wait", false)
  })
})

function lengthOf(data: string): string {
  return (data.replaceAll(" ", "").length / 2).toString(16).padStart(4, "0")
}

suite("values of S7", () => {
  test("come back as they were written", () => {
    const any = fc.oneof(
      fc.integer(),
      fc.double({ noNaN: true }),
      fc.maxSafeInteger(),
      fc.boolean(),
    )
    const type = fc.constantFrom(...(Object.keys(s7Types) as (keyof typeof s7Types)[]))
    fc.assert(
      fc.property(any, type, (value, type) => {
        if (type === "CHAR") return
        const written = encodeS7(value, s7Types[type], type)
        if (!written) return
        const expected = type === "REAL" ? Math.fround(Number(value)) : Number(value)
        assert.equal(Number(decodeS7(written, type)) + 0, expected + 0)
      }),
    )
  })

  test("are written only where the type holds them", () => {
    const put = (value: number | string, type: S7Type, length = 2) =>
      encodeS7(value, length, type) !== undefined
    assert(put(-32_768, "INT") && !put(32_768, "INT") && !put(1.5, "INT"))
    assert(put(65_535, "UINT") && !put(-1, "UINT"))
    assert(!put(2, "X", 1) && !put("1", "INT") && !put(1e39, "REAL", 4))
    assert(put("abc", "STRING", 5) && !put("abcd", "STRING", 5) && !put("주", "STRING", 5))
  })

  test("a text that says to be longer than its place is none", () => {
    assert.equal(decodeS7(bytes("0a03 4d6f 7275"), "STRING"), "Mor")
    assert.equal(decodeS7(bytes("0a05 4d6f 7275"), "STRING"), undefined)
  })
})
