// Addresses as people write them, the 4E frame, and a foreign client that finds our simulated PLC to be one.
import assert from "node:assert/strict"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { suite, test } from "node:test"
import { freePort } from "../../../test/support/free-port.ts"
import { BlockWriter, sourceId } from "../../model/block.ts"
import { Problem } from "../../model/problem.ts"
import type { Value } from "../../model/tag.ts"
import { givenIn } from "../memory/place.ts"
import { parseOptions } from "../options.ts"
import { python } from "../testing/peers.ts"
import { makeRig } from "../testing/rig.ts"
import { plainValue } from "../values.ts"
import { parseAddress } from "./address.ts"
import { slmp } from "./slmp.ts"
import { startPlc } from "./testing/plc.ts"

suite("an address of a MELSEC device", () => {
  const places: readonly (readonly [
    address: string,
    group: string,
    start: number,
    length: number,
    bit?: number,
  ])[] = [
    ["D100", "D", 100, 1],
    ["d100:float32", "D", 100, 2],
    ["D100:string(9)", "D", 100, 5],
    ["D100.A", "D", 100, 1, 10],
    ["W1F*0.1", "W", 0x1f, 1],
    ["ZR70000:int32", "ZR", 70000, 2],
    ["M10", "M", 0, 1, 10],
    ["M8191", "M", 511, 1, 15],
    ["X1F", "X", 1, 1, 15],
    ["SB1F", "SB", 1, 1, 15],
    ["DX10", "DX", 1, 1, 0],
    ["S10", "S", 0, 1, 10],
    ["M32:uint16", "M", 2, 1],
    ["TS5", "TS", 0, 1, 5],
    ["T5", "T", 5, 1],
    ["CC0", "CC", 0, 1, 0],
    ["SD203", "SD", 203, 1],
  ]
  for (const [address, group, start, length, bit] of places)
    test(`${address} is understood`, () => {
      const place = parseAddress(address)
      assert(typeof place === "object", String(place))
      assert.deepEqual(
        [place.group, place.start, place.length, place.content.bit],
        [group, start, length, bit],
      )
    })

  for (const [address, because] of [
    ["D", /cannot be read|device "D"/],
    ["Q1", /device "Q1"/],
    ["DG", /device "DG"/],
    ["D100:flaot32", /did you mean "float32"/],
    ["D100:bool", /number of its bit/],
    ["D100.A:int16", /type "int16" of a bit/],
    ["M10.3", /a bit of M/],
    ["M10*2", /scale of a bit/],
    ["M8:uint16", /multiple of 16/],
    ["D1*0", /scale 0/],
    ["D1:string(0)", /1 to 250/],
  ] as const)
    test(`${address} is refused`, () => {
      const said = parseAddress(address)
      assert.match(typeof said === "string" ? said : "understood", because)
    })

  test("values stand with their lower byte and word first, texts in their order", () => {
    const read = (type: string, bytes: readonly number[]) => {
      const place = parseAddress(`D0:${type}`)
      assert(typeof place === "object")
      return givenIn(Uint8Array.from(bytes), place.content, "number")?.value
    }
    assert.equal(read("int16", [0xfe, 0xff]), -2)
    assert.equal(read("uint32", [0x78, 0x56, 0x34, 0x12]), 0x12345678)
    assert.equal(read("float32", [0, 0, 0xc0, 0x3f]), 1.5)
    assert.equal(read("bcd16", [0x34, 0x12]), 1234)
    assert.equal(read("string(4)", [0x41, 0x42, 0, 0x7a]), "AB")
  })
})

suite("a MELSEC PLC", () => {
  test("speaks 4E frames too; each write is read back, and what cannot be written says so", async () => {
    const port = await freePort()
    const { server } = startPlc("4E")
    await using _server = server
    await server.listen(port)
    await using rig = await makeRig()
    const options = parseOptions(slmp, { host: "127.0.0.1", port, frame: "4E" }, "test")
    const device = slmp.create(options, rig.host)
    const { signal } = new AbortController()
    await device.connect(signal)
    const values: readonly (readonly [address: string, value: Value])[] = [
      ["D10:int16", -5],
      ["D12:float32", 2.25],
      ["D14:float64", 0.1],
      ["D18:int32*0.01", -12.34],
      ["D20:string(6)", "AlSi9"],
      ["W1F", 65535],
      ["M100", true],
      ["Y1A", true],
      ["M160:uint16", 0xa5a5],
    ]
    for (const [i, [address, value]] of values.entries()) {
      const kind =
        typeof value === "boolean" ? "boolean" : typeof value === "string" ? "text" : "number"
      const point = rig.point(`p${i}`, address, { kind })
      await device.write?.(point, value, signal)
      const into = new BlockWriter()
      await device.read?.([point], into, signal)
      const block = into.take({
        source: sourceId({ name: "r", epoch: "0" }),
        sequence: 0,
        received: 0,
      })
      assert.equal(plainValue(block.value[0] ?? 0, point, rig.host.registry), value, address)
    }
    for (const [address, value, because] of [
      ["D10.3", true, /cannot write alone/],
      ["D10", 70_000, /what uint16 holds/],
      ["M1", 2, /true or false/],
      ["D5000", 1, /C056/],
      ["nonsense!", 1, /nothing was sent/],
    ] as const)
      await assert.rejects(
        device.write?.(rig.point("x", address), value, signal) ?? Promise.resolve(),
        (problem) =>
          problem instanceof Problem &&
          problem.code === "write-failed" &&
          because.test(problem.message),
        address,
      )
    await device.close()
  })

  for (const frame of ["3E", "4E"] as const)
    test(`of our own is one to pymcprotocol, ${frame}`, async (t) => {
      const port = await freePort()
      const { memory, server } = startPlc(frame)
      await using _server = server
      await server.listen(port)
      memory.bytes("D", 200, 2)?.writeInt16LE(-1234)
      memory.bytes("D", 3000, 4)?.writeInt32LE(1_234_567)
      memory.setBit("M", 35, true)
      const program = `
import sys
try:
    import pymcprotocol
except ImportError:
    sys.exit(77)
plc = pymcprotocol.Type${frame}()
plc.connect("127.0.0.1", ${port})
print(plc.batchread_wordunits(headdevice="D100", readsize=1))
print(plc.batchread_wordunits(headdevice="M32", readsize=1))
print(plc.randomread(word_devices=["D100", "D101"], dword_devices=["D1500"]))
plc.batchwrite_wordunits(headdevice="D10", values=[7, -8])
plc.batchwrite_bitunits(headdevice="M100", values=[1, 0, 1])
plc.close()
`
      const child = spawn(python, ["-c", program], { stdio: ["ignore", "pipe", "inherit"] })
      const said = Array.fromAsync(child.stdout.setEncoding("utf8"))
      const [code] = await once(child, "close")
      if (code === 77) return t.skip(`no pymcprotocol for ${python}: pip install pymcprotocol`)
      assert.equal(code, 0)
      assert.deepEqual((await said).join("").trim().split("\n"), [
        "[-1234]",
        "[8]",
        "([-1234, 0], [1234567])",
      ])
      assert.deepEqual([...(memory.bytes("D", 20, 4) ?? [])], [7, 0, 0xf8, 0xff])
      assert.deepEqual(
        [100, 101, 102].map((n) => memory.bit("M", n)),
        [true, false, true],
      )
    })
})
