import assert from "node:assert/strict"
import { suite, type TestContext, test } from "node:test"
import NodeS7 from "nodes7"
import { freePort } from "../../../test/support/free-port.ts"
import { until } from "../../../test/support/until.ts"
import { BlockWriter, sourceId } from "../../model/block.ts"
import { Problem } from "../../model/problem.ts"
import { qualityName } from "../../model/quality.ts"
import type { TagKind, Value } from "../../model/tag.ts"
import type { Device } from "../connector.ts"
import { parseOptions } from "../options.ts"
import { hasPeer, startPeer } from "../testing/peers.ts"
import { makeRig, type Rig } from "../testing/rig.ts"
import { plainValue } from "../values.ts"
import { s7 } from "./s7.ts"
import { TestPlc } from "./testing/plc.ts"

const never = new AbortController().signal

function deviceAt(port: number, rig: Rig, given: Readonly<Record<string, unknown>> = {}): Device {
  const options = { host: "127.0.0.1", port, period: "20ms", timeout: "500ms", ...given }
  return s7.create(parseOptions(s7, options, "test"), rig.host)
}

async function readOne(device: Device, rig: Rig, address: string, kind: TagKind) {
  const point = rig.point(`r-${address.toLowerCase().replace(/[^a-z0-9]/g, "-")}`, address, {
    kind,
  })
  const into = new BlockWriter()
  await device.read?.([point], into, never)
  const head = { source: sourceId({ name: "read", epoch: "0" }), sequence: 0, received: 0 }
  const { value, quality } = into.take(head)
  const plain = plainValue(value[0] ?? Number.NaN, point, rig.host.registry)
  return [plain, qualityName(quality[0] ?? 0)]
}

function kindOf(value: Value | null): TagKind {
  if (typeof value === "boolean") return "boolean"
  return typeof value === "string" ? "text" : "number"
}

suite("a controller by Snap7", () => {
  test("every type is read, and what is written is read back", async (t) => {
    if (!hasSnap7(t)) return
    await using rig = await makeRig()
    const port = await freePort()
    const program = new URL("testing/snap7_server.py", import.meta.url)
    await using _peer = startPeer(program, [String(port)])
    const device = deviceAt(port, rig)
    await until("the peer answers", () =>
      device.connect(never).then(
        () => true,
        () => false,
      ),
    )
    for (const [address, value, quality = "good"] of [
      ["DB1,REAL0", 1.5],
      ["DB1,INT4*0.1", -23.5],
      ["DB1,WORD6", 54321],
      ["DB1,DINT8", -123456789],
      ["DB1,UDINT12", 3123456789],
      ["DB1,LREAL16", 0.1],
      ["DB1,LINT24", -9007199254740991],
      ["DB1,SINT32", -5],
      ["DB1,X33.3", true],
      ["DB1,X33.2", false],
      ["DB1,STRING34.10", "Moru7"],
      ["M4.2", true],
      ["M,BYTE4", 4],
      ["DB1,REAL98", null, "badConfig"],
      ["DB7,REAL0", null, "badConfig"],
    ] as const)
      assert.deepEqual(
        [address, ...(await readOne(device, rig, address, kindOf(value)))],
        [address, value, quality],
      )
    for (const [address, value] of [
      ["DB1,REAL50", -2.25],
      ["DB1,INT54*0.1", 12.3],
      ["DB1,LINT56", -7],
      ["DB1,X64.5", true],
      ["DB1,STRING70.8", "Al-Si9"],
      ["M,WORD8", 4711],
    ] as const) {
      const kind = kindOf(value)
      await device.write?.(rig.point("w", address, { kind }), value, never)
      assert.deepEqual(await readOne(device, rig, address, kind), [value, "good"], address)
    }
    await device.close()
  })
})

/** The releases after 2 have a server of their own instead of Snap7's, which writes no bits. */
function hasSnap7(t: TestContext): boolean {
  const check = `import importlib.metadata as m; assert m.version("python-snap7")[:2] == "2."`
  return hasPeer(check, "pip install python-snap7==2.0.2", t)
}

suite("a controller of our own", () => {
  test("is understood by nodes7, a client of others", async () => {
    const plc = new TestPlc()
    const port = await freePort()
    await plc.start(port)
    plc.db.writeFloatBE(1.5, 0)
    plc.db.writeInt16BE(-235, 4)
    plc.db[6] = 0b100
    const client = new NodeS7({ silent: true })
    const place = { host: "127.0.0.1", port, rack: 0, slot: 1, timeout: 2000 }
    await new Promise<void>((resolve, reject) =>
      client.initiateConnection(place, (error) => (error ? reject(error) : resolve())),
    )
    client.addItems(["DB1,REAL0", "DB1,INT4", "DB1,X6.2", "DB9,INT0"])
    const values = await new Promise((resolve) =>
      client.readAllItems((_, read) => resolve({ ...read })),
    )
    assert.deepEqual(values, {
      "DB1,REAL0": 1.5,
      "DB1,INT4": -235,
      "DB1,X6.2": true,
      "DB9,INT0": "BAD 255",
    })
    await new Promise((resolve) => client.writeItems("DB1,REAL100", 7.5, resolve))
    assert.equal(plc.db.readFloatBE(100), 7.5)
    await new Promise((resolve) => client.writeItems("DB1,X6.5", true, resolve))
    assert.equal(plc.db[6], 0b100100)
    await new Promise<void>((resolve) => client.dropConnection(resolve))
    await plc.stop()
  })

  test("spoils only the point that it has not, and reads hundreds in few requests", async () => {
    await using rig = await makeRig()
    const plc = new TestPlc()
    const port = await freePort()
    await plc.start(port)
    for (let i = 0; i < 100; i++) plc.db.writeInt16BE(i, 2 * i)
    const device = deviceAt(port, rig, { "retry-refused": "200ms" })
    const points = [
      ...Array.from({ length: 100 }, (_, i) => rig.point(`p${i}`, `DB1,INT${2 * i}`)),
      rig.point("behind", "DB1,INT200"),
      rig.point("wrong", "DB1,FLOT0"),
    ]
    await device.connect(never)
    rig.sink.know(points)
    const stop = new AbortController()
    const wanted = { points, records: [] }
    const done = device.follow?.(wanted, rig.sink.deliver, rig.sink.lastSequence, stop.signal)
    await until("all were read twice", () => rig.sink.of("p99").length > 1)
    for (let i = 0; i < 100; i++) assert.equal(rig.sink.of(`p${i}`)[1]?.value, i)
    assert.equal(rig.sink.of("behind")[0]?.quality, "badConfig")
    const said = rig.sink.refused.map(({ message }) => message)
    assert.match(
      said[0] ?? "",
      /^m1 site\/m1\/wrong: got type "FLOT", expected one of X, .* for DB1,FLOT0$/,
    )
    assert.match(said[1] ?? "", /^m1 site\/m1\/behind: got result 5 \(address out of range/)
    await until("it is asked again", () => rig.sink.of("behind").length > 1)
    stop.abort()
    await done
    await device.close()
    await plc.stop()
  })

  test("is not sent what its memory cannot hold", async () => {
    await using rig = await makeRig()
    const plc = new TestPlc()
    const port = await freePort()
    await plc.start(port)
    const device = deviceAt(port, rig)
    await device.connect(never)
    const refused = (address: string, value: Value, because: RegExp) =>
      assert.rejects(
        async () => device.write?.(rig.point("w", address), value, never),
        (thrown) => {
          assert(thrown instanceof Problem)
          assert.equal(thrown.code, "write-failed")
          assert.match(thrown.message, because)
          return true
        },
      )
    await refused(
      "DB1,INT0",
      40_000,
      /got 40000 for DB1,INT0, expected what INT holds; nothing was sent/,
    )
    await refused("DB1,INT0*0.1", 0.55, /nothing was sent/)
    await refused("DB1,X0.0", 2, /nothing was sent/)
    await refused("DB1,STRING0.2", "주조", /nothing was sent/)
    await refused("DB1,REAL400", 1, /got result 5/)
    assert.equal(plc.written, undefined)
    await device.close()
    await plc.stop()
  })
})

test("an address alone says how to reach a controller", () => {
  assert.deepEqual(s7.optionsOf?.(new URL("s7://10.0.0.9?rack=0&slot=2")), {
    host: "10.0.0.9",
    rack: "0",
    slot: "2",
  })
})
