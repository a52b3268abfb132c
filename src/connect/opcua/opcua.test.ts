import assert from "node:assert/strict"
import { after, before, suite, test } from "node:test"
import { DataType, StatusCodes } from "node-opcua"
import { freePort } from "../../../test/support/free-port.ts"
import { until } from "../../../test/support/until.ts"
import { SystemNetwork } from "../../kernel/network/system.ts"
import { Problem } from "../../model/problem.ts"
import type { FoundPoint, Point } from "../connector.ts"
import { startLine } from "../testing/line.ts"
import { makeRig, type Rig } from "../testing/rig.ts"
import { begin, read } from "./testing/begin.ts"
import { address, startServer, type TestServer } from "./testing/server.ts"

suite("live values over OPC UA", () => {
  let rig: Rig
  let server: TestServer
  before(async () => {
    rig = await makeRig()
    server = await startServer({ folder: rig.folder })
  })
  after(async () => {
    await server.stop()
    await rig[Symbol.asyncDispose]()
  })

  test("every value has its source's time and a quality that says what is known of it", async () => {
    const now = Date.now()
    server.set("Good", 21.5, { at: now })
    server.set("Off", true, { at: now })
    server.set("Word", "가동", { at: now })
    server.set("TooHot", 999, { at: now })
    server.set("Broken", 3, { at: now, status: StatusCodes.BadSensorFailure })
    server.set("Old", 4, { at: now, status: StatusCodes.UncertainLastUsableValue })
    server.set("Future", 5, { at: now + 3 * 86_400_000 })
    server.set("Big", [0x7fffff, 0xfffffffe], { at: now, dataType: DataType.UInt64 })
    server.set("Wide", [1, 1], { at: now, dataType: DataType.UInt64 })
    server.set("Text", "hot", { at: now })
    server.set("Empty", null, { at: now })
    const point = (name: string, given = {}) => rig.point(name.toLowerCase(), address(name), given)
    await using line = begin(rig, server.endpoint)
    await line.connect()
    line.follow([
      point("Good"),
      point("Off", { kind: "boolean" }),
      point("Word", { kind: "text" }),
      point("TooHot", { range: [0, 400] }),
      point("Broken"),
      point("Old"),
      point("Future"),
      point("Big"),
      point("Wide"),
      point("Text"),
      point("Empty"),
      point("Gone"),
      rig.point("elsewhere", "nsu=urn:nobody;s=X"),
    ])
    await until("all are there", () => rig.sink.rows.length >= 13)
    const last = (name: string) => rig.sink.of(name).at(-1)
    const seen = (name: string) => [last(name)?.value, last(name)?.quality]
    assert.deepEqual(seen("good"), [21.5, "good"])
    assert.equal(last("good")?.at, now)
    assert.deepEqual(seen("off"), [true, "good"])
    assert.deepEqual(seen("word"), ["가동", "good"])
    assert.deepEqual(seen("toohot"), [999, "uncertainRange"])
    assert.deepEqual(seen("broken"), [3, "badSensor"])
    assert.deepEqual(seen("old"), [4, "uncertainLastUsable"])
    assert.deepEqual(seen("future"), [5, "uncertainTime"])
    assert(Math.abs((last("future")?.at ?? 0) - Date.now()) < 20_000)
    assert.equal(last("big")?.quality, "uncertain")
    assert.deepEqual(seen("wide"), [2 ** 32 + 1, "good"])
    assert.deepEqual(seen("text"), [null, "badRefused"])
    assert.deepEqual(seen("empty"), [null, "badNoData"])
    assert.deepEqual(seen("gone"), [null, "badConfig"])
    assert.deepEqual(seen("elsewhere"), [null, "badConfig"])
    assert.deepEqual(rig.sink.refused.map(({ code, message }) => `${code} ${message}`).sort(), [
      "point-unknown m1 site/m1/elsewhere: got no such namespace or node id for nsu=urn:nobody;s=X",
      `point-unknown m1 site/m1/gone: got BadNodeIdUnknown for ${address("Gone")}`,
      'value-refused m1 site/m1/text: got "hot", expected a number',
    ])
  })

  test("samples that the server had to drop are a gap, and the newest ones arrive", async () => {
    server.set("Fast", 0, { at: Date.now() })
    const point = rig.point("fast", address("Fast"))
    await using line = begin(rig, server.endpoint, {
      "queue-size": 3,
      "sampling-interval": "0ms",
      "publishing-interval": "400ms",
    })
    await line.connect()
    line.follow([point])
    await until("the first is there", () => rig.sink.of("fast").length > 0)
    const from = Date.now()
    for (let i = 1; i <= 20; i++) server.set("Fast", i, { at: from + i })
    await until("the last is there", () => rig.sink.of("fast").at(-1)?.value === 20)
    const [gap] = rig.sink.gaps
    assert.equal(gap?.because, "overflow")
    assert((gap?.to ?? 0) > (gap?.from ?? 0))
    assert.deepEqual(
      rig.sink
        .of("fast")
        .slice(-3)
        .map(({ value }) => value),
      [18, 19, 20],
    )
  })

  test("a slow historian makes the server keep the samples: all arrive, none twice", async () => {
    server.set("Slow", 0, { at: Date.now() })
    const point = rig.point("slow", address("Slow"))
    await using line = begin(rig, server.endpoint, { "sampling-interval": "0ms" })
    await line.connect()
    line.follow([point])
    await until("the first is there", () => rig.sink.of("slow").length > 0)
    const gate = Promise.withResolvers<void>()
    rig.sink.gate = gate.promise
    for (let i = 1; i <= 300; i++) {
      server.set("Slow", i, { at: Date.now() })
      if (i % 10 === 0) await new Promise((resolve) => setTimeout(resolve, 10))
    }
    assert(rig.sink.waiting <= 1)
    gate.resolve()
    rig.sink.gate = undefined
    await until("the last is there", () => rig.sink.of("slow").at(-1)?.value === 300)
    assert.deepEqual(
      rig.sink.of("slow").map(({ value }) => value),
      Array.from({ length: 301 }, (_, i) => i),
    )
  })

  test("a set point is written in its own type and read back from the machine", async () => {
    server.set("Flow", 40, { dataType: DataType.Float })
    server.set("Step", 1, { dataType: DataType.Int16 })
    server.set("Hold", false)
    const flow = rig.point("flow", address("Flow"))
    const step = rig.point("step", address("Step"))
    const hold = rig.point("hold", address("Hold"), { kind: "boolean" })
    await using line = begin(rig, server.endpoint)
    await line.connect()
    const { device, signal } = line
    await device.write?.(flow, 52.5, signal)
    await device.write?.(step, 7, signal)
    await device.write?.(hold, true, signal)
    assert.equal(server.get("Flow"), 52.5)
    assert.equal(await read(device, flow, rig), 52.5)
    assert.equal(await read(device, step, rig), 7)
    assert.equal(await read(device, hold, rig), 1)
  })

  test("what the machine or its type does not take is refused as not written", async () => {
    server.set("ScaleReadOnly", 1)
    server.set("Step", 1, { dataType: DataType.Int16 })
    await using line = begin(rig, server.endpoint)
    await line.connect()
    const { device, signal } = line
    const refusal = (point: Point, value: number) =>
      assert.rejects(device.write?.(point, value, signal) ?? Promise.resolve(), (problem) => {
        assert(problem instanceof Problem)
        assert.equal(problem.code, "write-failed")
        return true
      })
    await refusal(rig.point("scale", address("ScaleReadOnly")), 2)
    await refusal(rig.point("step", address("Step")), 1.5)
    await refusal(rig.point("step", address("Step")), 40_000)
    await refusal(rig.point("nothing", address("Nothing")), 1)
    assert.equal(server.get("Step"), 1)
  })

  test("browsing finds what can be connected, with addresses that outlive a restart", async () => {
    server.set("Browsed", 12)
    await using line = begin(rig, server.endpoint)
    await line.connect()
    const found: FoundPoint[] = []
    for await (const point of line.device.browse?.(line.signal) ?? []) found.push(point)
    const expected = { address: address("Browsed"), name: "Browsed", kind: "number" }
    assert.deepEqual(
      found.find(({ name }) => name === "Browsed"),
      { ...expected, writable: true, value: 12 },
    )
    assert.equal(found.find(({ name }) => name === "ScaleReadOnly")?.writable, false)
  })

  test("browsing takes over what the machine says of a value: unit, range, description, folder", async () => {
    const range = { low: 0, high: 400 }
    const node = { value: 5, description: "At the upper die", range }
    const celsius = { namespaceUri: "", unitId: 4408652, displayName: "deg", description: "" }
    const symbol = { ...celsius, unitId: -1, displayName: "kW" }
    server.describe({ ...node, folder: "Die", name: "Upper", unit: celsius })
    server.describe({ ...node, folder: "Meter", name: "Power", unit: symbol })
    const furlong = { ...symbol, displayName: "furlong" }
    server.describe({ ...node, folder: "Odd", name: "Length", unit: furlong })
    await using line = begin(rig, server.endpoint)
    await line.connect()
    const found: FoundPoint[] = []
    for await (const point of line.device.browse?.(line.signal) ?? []) found.push(point)
    assert.deepEqual(
      found.find(({ name }) => name === "Upper"),
      {
        ...{ address: address("Upper"), name: "Upper", within: ["Die"], unit: "Cel" },
        ...{ description: "At the upper die", range: [0, 400], kind: "number" },
        ...{ writable: true, value: 5 },
      },
    )
    assert.equal(found.find(({ name }) => name === "Power")?.unit, "kW")
    assert.equal(found.find(({ name }) => name === "Length")?.unit, undefined)
  })
})

suite("the line to an OPC UA server", () => {
  let rig: Rig
  before(async () => {
    rig = await makeRig()
  })
  after(() => rig[Symbol.asyncDispose]())

  test("a namespace that has another index after a restart is found again", async () => {
    const port = await freePort()
    const point = rig.point("shifted", address("Shifted"))
    await using line = begin(rig, `opc.tcp://127.0.0.1:${port}`)
    for (const namespacesBefore of [0, 3]) {
      await using server = await startServer({ folder: rig.folder, port, namespacesBefore })
      server.set("Shifted", namespacesBefore)
      await line.connect()
      assert.equal(await read(line.device, point, rig), namespacesBefore)
      await server.stop()
    }
  })

  test("a line that is cut ends the following with a problem that says so", async () => {
    await using server = await startServer({ folder: rig.folder })
    await using cable = await startLine(server.port)
    server.set("Any", 1)
    await using line = begin(rig, `opc.tcp://127.0.0.1:${cable.port}`)
    await line.connect()
    const done = line.follow([rig.point("any", address("Any"))])
    await until("it is followed", () => rig.sink.of("any").length > 0)
    cable.cut()
    await assert.rejects(done, (problem: Problem) => problem.code === "connection-lost")
  })

  test("a line that goes dead without a word is noticed within the time-out", async () => {
    await using server = await startServer({ folder: rig.folder })
    await using cable = await startLine(server.port)
    server.set("Mute", 1)
    await using line = begin(rig, `opc.tcp://127.0.0.1:${cable.port}`, { timeout: "1s" })
    await line.connect()
    const done = line.follow([rig.point("mute", address("Mute"))])
    await until("it is followed", () => rig.sink.of("mute").length > 0)
    const begun = performance.now()
    cable.deaden()
    await assert.rejects(done, (problem: Problem) => problem.code === "connection-lost")
    assert(performance.now() - begun < 5000)
    cable.cut()
  })

  test("what the server sampled while a secured line was cut arrives after it, once", async () => {
    await using server = await startServer({ folder: rig.folder })
    await using cable = await startLine(server.port)
    const secured = { security: "sign-and-encrypt", "sampling-interval": "0ms" }
    await using line = begin(rig, `opc.tcp://127.0.0.1:${cable.port}`, secured)
    await assert.rejects(line.connect())
    const [certificate] = await rig.trust.list()
    await rig.trust.trust(certificate?.fingerprint ?? "", "engineer-1")
    server.set("Kept", 0, { at: Date.now() })
    await line.connect()
    const point = rig.point("kept", address("Kept"))
    const done = line.follow([point])
    await until("the first is there", () => rig.sink.of("kept").length > 0)
    cable.cut()
    await assert.rejects(done)
    for (let i = 1; i <= 5; i++) server.set("Kept", i, { at: Date.now() + i })
    cable.mend()
    await line.connect()
    line.follow([point])
    await until("the last is there", () => rig.sink.of("kept").at(-1)?.value === 5)
    server.set("Kept", 6, { at: Date.now() })
    await until("it is still followed", () => rig.sink.of("kept").at(-1)?.value === 6)
    assert.deepEqual(
      [...new Set(rig.sink.of("kept").map(({ value }) => value))],
      [0, 1, 2, 3, 4, 5, 6],
    )
  })
})

suite("where an OPC UA device may connect to", () => {
  let rig: Rig
  let server: TestServer
  before(async () => {
    rig = await makeRig()
    const advertised = "opc.tcp://169.254.169.254:4840"
    server = await startServer({ folder: rig.folder, advertised })
    server.set("There", 7)
  })
  after(async () => {
    await server.stop()
    await rig[Symbol.asyncDispose]()
  })
  const forbidden = (problem: unknown) =>
    problem instanceof Problem && problem.code === "address-forbidden"

  test("what clouds keep at a link-local address is out of reach", async () => {
    for (const host of ["169.254.169.254", "0xa9fea9fe", "0.0.0.0"]) {
      await using line = begin(rig, `opc.tcp://${host}:4840`)
      await assert.rejects(line.connect(), forbidden)
    }
  })

  test("Moru's own port is out of reach, another at the same address is not", async () => {
    const own = [{ host: "127.0.0.1", port: server.port }]
    const network = new SystemNetwork({ allow: [], deny: [], own: () => own })
    await using line = begin({ ...rig, host: { ...rig.host, network } }, server.endpoint)
    await assert.rejects(line.connect(), forbidden)
    own.length = 0
    await line.connect()
  })

  test("a name is reached by its number, in clear and encrypted, wherever the server says it is", async () => {
    const endpoint = `opc.tcp://localhost:${server.port}`
    const point = rig.point("there", address("There"))
    await using clear = begin(rig, endpoint)
    await clear.connect()
    assert.equal(await read(clear.device, point, rig), 7)
    await using secure = begin(rig, endpoint, { security: "sign-and-encrypt" })
    await assert.rejects(secure.connect())
    const [seen] = await rig.trust.list()
    await rig.trust.trust(seen?.fingerprint ?? "", "engineer-1")
    await secure.connect()
    assert.equal(await read(secure.device, point, rig), 7)
  })
})

suite("who may talk to whom over OPC UA", () => {
  let rig: Rig
  let server: TestServer
  before(async () => {
    rig = await makeRig()
    server = await startServer({ folder: rig.folder, user: { name: "moru", password: "right" } })
    server.set("Secret", 42)
  })
  after(async () => {
    await server.stop()
    await rig[Symbol.asyncDispose]()
  })
  const user = { security: "sign-and-encrypt", user: "moru", password: "right" }
  const code = (expected: string) => (problem: unknown) =>
    problem instanceof Problem && problem.code === expected

  test("an unknown certificate waits until an engineer trusts it, then the machine connects", async () => {
    await using line = begin(rig, server.endpoint, user)
    await assert.rejects(line.connect(), (problem: Problem) => {
      assert.equal(problem.code, "certificate-untrusted")
      assert.match(problem.message, /SHA-256 [0-9a-f]{64}/)
      return true
    })
    const [seen] = await rig.trust.list()
    assert.equal(seen?.state, "waiting")
    assert.equal(seen?.device, "m1")
    await rig.trust.trust(seen?.fingerprint ?? "", "engineer-1")
    await line.connect()
    assert.equal(await read(line.device, rig.point("secret", address("Secret")), rig), 42)
    const records = await rig.store.ledger.list({ subject: "m1", limit: 10 })
    assert.deepEqual(
      records.map(({ kind, by }) => `${kind} ${by}`),
      ["certificate.trusted engineer-1", "certificate.seen device:m1"],
    )
    assert.deepEqual(records[0]?.causes, [records[1]?.id])
  })

  test("a wrong password is a clear problem that is not tried over and over", async () => {
    await using line = begin(rig, server.endpoint, { ...user, password: "wrong" })
    await assert.rejects(line.connect(), (problem: Problem) => {
      assert.equal(problem.code, "credentials-refused")
      assert.equal(problem.retry, false)
      assert.doesNotMatch(problem.message, /wrong/)
      return true
    })
  })

  test("a machine that wants a user does not let an anonymous one in", async () => {
    await using line = begin(rig, server.endpoint, { security: "sign" })
    await assert.rejects(line.connect(), code("credentials-refused"))
  })

  test("a certificate that was refused stays outside", async () => {
    const [known] = await rig.trust.list()
    await rig.trust.refuse(known?.fingerprint ?? "", "engineer-1")
    await using line = begin(rig, server.endpoint, user)
    await assert.rejects(line.connect(), code("certificate-untrusted"))
  })
})
