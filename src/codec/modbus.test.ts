import assert from "node:assert/strict"
import { suite, test } from "node:test"
import fc from "fast-check"
import {
  answerOf,
  crc16,
  findRtuAnswer,
  readRequest,
  readTcpFrame,
  rtuFrame,
  tcpFrame,
  writeBitRequest,
  writeCoilRequest,
  writeRegisterRequest,
} from "./modbus-frame.ts"
import { byteOrders, decodeRegisters, encodeRegisters } from "./modbus-value.ts"

const bytes = (text: string) => Uint8Array.from(Buffer.from(text.replaceAll(" ", ""), "hex"))
const hex = (of: Uint8Array) => Buffer.from(of).toString("hex")

suite("frames of Modbus", () => {
  test("requests stand as in the examples of the standard (V1.1b3, 6.3, 6.5, 6.6, 6.16)", () => {
    assert.equal(hex(readRequest("holding", 0x6b, 3).pdu), "03006b0003")
    assert.equal(hex(readRequest("coil", 0x13, 0x13).pdu), "0100130013")
    assert.equal(hex(writeCoilRequest(0xac, true).pdu), "0500acff00")
    assert.equal(hex(writeRegisterRequest(1, bytes("0003")).pdu), "0600010003")
    assert.equal(hex(writeBitRequest(4, 1, true).pdu), "160004fffd0002")
  })

  test("an answer counts only if it is of the request's function and length", () => {
    const request = readRequest("holding", 0x6b, 3)
    const data = bytes("022b00000064")
    assert.deepEqual(answerOf(request, bytes("0306 022b00000064")), { data })
    assert.deepEqual(answerOf(request, bytes("8302")), { exception: 2 })
    for (const wrong of ["0406 022b00000064", "0306 022b0000", "0304 022b00000064", "83", ""])
      assert.equal(answerOf(request, bytes(wrong)), undefined, wrong)
  })

  test("a write is confirmed only by what was written", () => {
    const request = writeRegisterRequest(1, bytes("0003"))
    assert.deepEqual(answerOf(request, bytes("0600010003")), { data: bytes("00010003") })
    assert.equal(answerOf(request, bytes("0600010004")), undefined)
  })

  test("frames of TCP are found however they arrive", () => {
    const frame = { transaction: 0x1501, unit: 255, pdu: bytes("0306022b00000064") }
    const sent = tcpFrame(frame)
    assert.equal(hex(sent), "150100000009ff0306022b00000064")
    for (let i = 0; i < sent.length; i++) assert.equal(readTcpFrame(sent.subarray(0, i)), "wait")
    const read = readTcpFrame(Uint8Array.of(...sent, 1, 2))
    assert(typeof read === "object")
    assert.deepEqual(read.frame, frame)
    assert.deepEqual(Uint8Array.from(read.rest), Uint8Array.of(1, 2))
  })

  test("what can never become a frame of TCP is rubbish at once", () => {
    assert.equal(readTcpFrame(Buffer.from("HTTP/1.1 400")), "rubbish")
    assert.equal(readTcpFrame(bytes("0001 0000 0002 01 03")), "rubbish")
    assert.equal(readTcpFrame(bytes("0001 0000 ffff")), "rubbish")
  })

  test("the checksum of RTU is the one of the standard", () => {
    assert.equal(crc16(Buffer.from("123456789")), 0x4b37)
    assert.equal(hex(rtuFrame(2, bytes("07"))), "02074112")
  })

  test("an answer of RTU is found behind noise and an echo, and never with a wrong checksum", () => {
    const request = readRequest("input", 8, 1)
    const answer = rtuFrame(10, bytes("0402000a"))
    const echo = rtuFrame(10, request.pdu)
    const noisy = Uint8Array.of(0xff, 10, 4, ...echo, 10, ...answer)
    assert.deepEqual(findRtuAnswer(noisy, 10, request), { data: bytes("000a") })
    assert.deepEqual(findRtuAnswer(rtuFrame(10, bytes("8402")), 10, request), { exception: 2 })
    assert.equal(findRtuAnswer(answer, 11, request), undefined)
    for (let i = 0; i < answer.length; i++) {
      assert.equal(findRtuAnswer(answer.subarray(0, i), 10, request), undefined)
      const bent = answer.map((byte, at) => (at === i ? byte ^ 0x10 : byte))
      assert.equal(findRtuAnswer(bent, 10, request), undefined)
    }
  })

  test("whatever arrives, nothing but a frame, patience or a refusal comes of it", () => {
    const request = readRequest("holding", 0, 2)
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (any) => {
        const read = readTcpFrame(any)
        if (typeof read === "object") assert(read.rest.length < any.length)
        const found = findRtuAnswer(any, 1, request)
        if (found && "data" in found) assert.equal(found.data.length, 4)
      }),
    )
  })
})

const order = fc.constantFrom(...byteOrders)
const whole = (min: number, max: number) => fc.integer({ min, max })
const values = {
  int16: [1, whole(-32_768, 32_767)],
  uint16: [1, whole(0, 65_535)],
  int32: [2, whole(-(2 ** 31), 2 ** 31 - 1)],
  uint32: [2, whole(0, 2 ** 32 - 1)],
  int64: [4, fc.maxSafeInteger()],
  uint64: [4, fc.maxSafeNat()],
  float32: [2, fc.float({ noNaN: true, noDefaultInfinity: true })],
  float64: [4, fc.double({ noNaN: true, noDefaultInfinity: true })],
  bcd16: [1, whole(0, 9999)],
  bcd32: [2, whole(0, 99_999_999)],
  bool: [1, fc.boolean()],
} as const

suite("values in registers of Modbus", () => {
  for (const [name, [registers, any]] of Object.entries(values)) {
    const type = name as keyof typeof values
    test(`${type} comes back as it was written, in every order`, () => {
      fc.assert(
        fc.property(any as fc.Arbitrary<number | boolean>, order, (value, order) => {
          const written = encodeRegisters(value, 2 * registers, { type, order })
          assert(written)
          const read = decodeRegisters(written, { type, order })
          if (typeof read === "bigint") assert.equal(Number(read), value)
          else assert(read === value || Object.is(read, value) || (read === 0 && value === 0))
        }),
      )
    })
  }

  test("1234567.5 stands in the four orders as meters send it", () => {
    for (const [order, sent] of [
      ["abcd", "4996b43c"],
      ["cdab", "b43c4996"],
      ["badc", "96493cb4"],
      ["dcba", "3cb49649"],
    ] as const)
      assert.equal(decodeRegisters(bytes(sent), { type: "float32", order }), 1234567.5)
  })

  test("eight bytes keep their pairs when words are reversed", () => {
    const given = { type: "uint64", order: "cdab" } as const
    assert.equal(decodeRegisters(bytes("0708 0506 0304 0102"), given), 0x0102030405060708n)
  })

  test("texts end at NUL or blanks; bytes that are no UTF-8 are no text", () => {
    const as = (sent: string, order: "abcd" | "badc" = "abcd") =>
      decodeRegisters(bytes(sent), { type: "string", order })
    assert.equal(as("4d6f7275"), "Moru")
    assert.equal(as("6f4d7572", "badc"), "Moru")
    assert.equal(as("4d6f 2020"), "Mo")
    assert.equal(as("4d6f 00ff"), "Mo")
    assert.equal(as("c3 28"), undefined)
  })

  test("what is no BCD and no flag is no value", () => {
    assert.equal(decodeRegisters(bytes("12a4"), { type: "bcd16", order: "abcd" }), undefined)
    assert.equal(decodeRegisters(bytes("1234"), { type: "bcd16", order: "abcd" }), 1234)
    assert.equal(decodeRegisters(bytes("0002"), { type: "bool", order: "abcd" }), undefined)
  })

  test("a value that the type cannot hold is not written", () => {
    const put = (value: number | string, type: keyof typeof values) =>
      encodeRegisters(value, 2 * values[type][0], { type, order: "abcd" })
    assert.equal(put(65_536, "uint16"), undefined)
    assert.equal(put(-1, "uint16"), undefined)
    assert.equal(put(1.5, "int32"), undefined)
    assert.equal(put(10_000, "bcd16"), undefined)
    assert.equal(put(1e39, "float32"), undefined)
    assert.equal(put("12", "uint16"), undefined)
    assert.equal(put(2 ** 53, "int64"), undefined)
    assert.equal(encodeRegisters("Moru 2", 4, { type: "string", order: "abcd" }), undefined)
  })
})
