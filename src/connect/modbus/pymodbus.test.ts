// A foreign device of another language: pymodbus, over TCP and over a serial line.
import assert from "node:assert/strict"
import { suite, type TestContext, test } from "node:test"
import { freePort } from "../../../test/support/free-port.ts"
import { until } from "../../../test/support/until.ts"
import { BlockWriter, sourceId } from "../../model/block.ts"
import { qualityName } from "../../model/quality.ts"
import type { TagKind, Value } from "../../model/tag.ts"
import { parseOptions } from "../options.ts"
import { hasPeer, startPeer } from "../testing/peers.ts"
import { makeRig, type Rig } from "../testing/rig.ts"
import { plainValue } from "../values.ts"
import { modbus } from "./modbus.ts"
import { startSerialCable } from "./testing/serial-cable.ts"

const program = new URL("testing/pymodbus_server.py", import.meta.url)

const expected: readonly (readonly [address: string, Value | null, quality: string])[] = [
  ["holding/0:int16", -123, "good"],
  ["40002", 54321, "good"],
  ["holding/2:int32", -123456789, "good"],
  ["holding/4:uint32:cdab", 3123456789, "good"],
  ["holding/6:int64", -9007199254740991, "good"],
  ["holding/10:uint64", 9007199254740992, "uncertain"],
  ["holding/14:float32:badc", 1234567.5, "good"],
  ["holding/16:float64:dcba", 0.1, "good"],
  ["holding/20:bcd16", 1234, "good"],
  ["holding/21:bcd32", 98765432, "good"],
  ["holding/23:string(8)", "주조", "good"],
  ["holding/30.3", true, "good"],
  ["holding/30.2", false, "good"],
  ["input/5*0.1", 23.5, "good"],
  ["coil/9", true, "good"],
  ["discrete/17", true, "good"],
  ["discrete/16", false, "good"],
  ["holding/1000", null, "badConfig"],
]

suite("a device by pymodbus", () => {
  test("over TCP: every type is read, and what is written is read back", async (t) => {
    if (!hasPymodbus(t)) return
    const port = await freePort()
    await using _peer = startPeer(program, ["tcp", String(port)])
    await readAndWrite({ host: "127.0.0.1", port })
  })

  test("over a serial line: every type is read, and what is written is read back", async (t) => {
    if (!hasPymodbus(t)) return
    await using cable = await startSerialCable()
    assert(cable)
    const [serial, machineEnd] = cable.ends
    await using _peer = startPeer(program, ["rtu", machineEnd])
    await readAndWrite({ transport: "rtu", serial })
  })
})

function hasPymodbus(t: TestContext): boolean {
  return hasPeer("import pymodbus.server, serial", "pip install pymodbus pyserial", t)
}

async function readAndWrite(place: Readonly<Record<string, unknown>>): Promise<void> {
  await using rig = await makeRig()
  const options = parseOptions(modbus, { ...place, timeout: "500ms", retries: 2 }, "test")
  const device = modbus.create(options, rig.host)
  const signal = new AbortController().signal
  const points = expected.map(([address, value], i) => {
    const kind = kindOf(value)
    return rig.point(`p${i}`, address, { kind })
  })
  const read = async () => {
    const into = new BlockWriter()
    await device.read?.(points, into, signal)
    return rowsIn(into, points, rig)
  }
  await until("the peer answers", () =>
    device
      .connect(signal)
      .then(read)
      .then(
        () => true,
        () => false,
      ),
  )
  const rows = await read()
  for (const [i, [address, value, quality]] of expected.entries())
    assert.deepEqual([address, ...(rows.get(points[i]?.id ?? -1) ?? [])], [address, value, quality])

  const writes: readonly (readonly [address: string, Value])[] = [
    ["holding/40*0.1-40", 12.5],
    ["holding/42:float32:cdab", -2.5],
    ["holding/44:bcd32:cdab", 20260105],
    ["holding/50:string(6)", "Al-Si9"],
    ["holding/60:int64:dcba", -7],
    ["coil/20", true],
    ["holding/30.7", true],
  ]
  for (const [i, [address, value]] of writes.entries()) {
    const point = rig.point(`w${i}`, address, { kind: kindOf(value) })
    await device.write?.(point, value, signal)
    const into = new BlockWriter()
    await device.read?.([point], into, signal)
    assert.deepEqual(rowsIn(into, [point], rig).get(point.id), [value, "good"], address)
  }
  // The other bits of the register stand as they were.
  assert.deepEqual((await read()).get(points[11]?.id ?? -1), [true, "good"])
  await device.close()
}

function kindOf(value: Value | null): TagKind {
  if (typeof value === "boolean") return "boolean"
  return typeof value === "string" ? "text" : "number"
}

function rowsIn(into: BlockWriter, points: ReturnType<Rig["point"]>[], rig: Rig) {
  const head = { source: sourceId({ name: "read", epoch: "0" }), sequence: 0, received: 0 }
  const { length, tag, value, quality } = into.take(head)
  return new Map(
    Array.from({ length }, (_, i) => {
      const point = points.find(({ id }) => id === tag[i])
      const plain = point ? plainValue(value[i] ?? Number.NaN, point, rig.host.registry) : null
      return [tag[i] ?? -1, [plain, qualityName(quality[i] ?? 0)]]
    }),
  )
}
