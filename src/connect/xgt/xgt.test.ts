// Addresses as people write them, writing, and a foreign client that finds our simulated PLC to be one.
import assert from "node:assert/strict"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { suite, test } from "node:test"
import { freePort } from "../../../test/support/free-port.ts"
import { BlockWriter, sourceId } from "../../model/block.ts"
import { Problem } from "../../model/problem.ts"
import type { Value } from "../../model/tag.ts"
import { parseOptions } from "../options.ts"
import { python } from "../testing/peers.ts"
import { makeRig } from "../testing/rig.ts"
import { plainValue } from "../values.ts"
import { parseAddress } from "./address.ts"
import { startPlc } from "./testing/plc.ts"
import { xgt } from "./xgt.ts"

suite("a variable of an XGT PLC", () => {
  const places: readonly (readonly [
    address: string,
    start: number,
    length: number,
    type: string,
    part?: number,
  ])[] = [
    ["%MW100", 100, 1, "uint16"],
    ["D100", 100, 1, "uint16"],
    ["%DW100:float32", 100, 2, "float32"],
    ["%DD50", 100, 2, "uint32"],
    ["%DD50:float32*0.1", 100, 2, "float32"],
    ["%ML25", 100, 4, "uint64"],
    ["%MB201", 100, 1, "uint8", 1],
    ["%MX1603", 100, 1, "bool", 3],
    ["%MW100.A", 100, 1, "bool", 10],
    ["%DW100:string(10)", 100, 5, "string"],
  ]
  for (const [address, start, length, type, part] of places)
    test(`${address} is understood`, () => {
      const place = parseAddress(address)
      assert(typeof place === "object", String(place))
      const { content } = place
      assert.deepEqual(
        [place.start, place.length, content.type, content.bit ?? content.byte],
        [start, length, type, part],
      )
    })

  for (const [address, because] of [
    ["100", /cannot be read/],
    ["%MQ1", /cannot be read/],
    ["%MX1:int16", /type "int16" of a bit/],
    ["%MD1.3", /expected one of a word/],
    ["%MB1:int16", /of a byte/],
    ["%MW1:bool", /number of its bit/],
    ["%MW1:real", /type "real"/],
  ] as const)
    test(`${address} is refused`, () => {
      const said = parseAddress(address)
      assert.match(typeof said === "string" ? said : "understood", because)
    })
})

suite("an XGT PLC", () => {
  test("is written and read back, and what cannot be written says so", async () => {
    const port = await freePort()
    const { server } = startPlc()
    await using _server = server
    await server.listen(port)
    await using rig = await makeRig()
    const device = xgt.create(parseOptions(xgt, { host: "127.0.0.1", port }, "test"), rig.host)
    const { signal } = new AbortController()
    await device.connect(signal)
    const values: readonly (readonly [address: string, value: Value])[] = [
      ["%DW10:int16", -5],
      ["%DD6:float32", 2.25],
      ["%DL5:float64", 0.1],
      ["%DW30:string(6)", "AlSi9"],
      ["%MX100", true],
      ["%MW7.A", true],
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
      ["%MB1", 3, /what uint8 holds/],
      ["%DW9000", 1, /error 04h/],
      ["%MX1", 2, /true or false/],
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

  test("of our own is one to PyXGT", async (t) => {
    const port = await freePort()
    const { memory, server } = startPlc()
    await using _server = server
    await server.listen(port)
    memory.bytes("D", 200, 2)?.writeUInt16LE(0x1234)
    memory.bytes("M", 40, 2)?.writeUInt16LE(77)
    const program = `
import sys
try:
    from PyXGT.LS import plc_ls
except ImportError:
    sys.exit(77)
plc = plc_ls("127.0.0.1", ${port})
print(plc.command("XGT", "read", "word", "D100,M20"))
plc.command("XGT", "write", "bit", "M35", "1")
`
    const child = spawn(python, ["-c", program], { stdio: ["ignore", "pipe", "inherit"] })
    const said = Array.fromAsync(child.stdout.setEncoding("utf8"))
    const [code] = await once(child, "close")
    if (code === 77) return t.skip(`no PyXGT for ${python}: pip install PyXGT`)
    assert.equal(code, 0)
    assert.equal((await said).join("").trim(), `[${0x1234}, 77]`)
    assert.equal(memory.bit("M", 35), true)
  })
})
