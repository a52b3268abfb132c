// What a host application says: its state, requests for births, commands; and what it shows of an edge node.
import assert from "node:assert/strict"
import { createServer } from "node:net"
import { suite, test } from "node:test"
import { Aedes, type AedesOptions } from "aedes"
import { connectAsync, type IPublishPacket } from "mqtt"
import { until } from "../../../test/support/until.ts"
import { decodePayload } from "../../codec/sparkplug.ts"
import type { DataType, PropertySet } from "../../codec/sparkplug-payload.ts"
import { decodeState, type HostState } from "../../codec/sparkplug-topic.ts"
import { BlockWriter } from "../../model/block.ts"
import { Problem } from "../../model/problem.ts"
import { type HouseBroker, startBroker } from "../broker/testing/house-broker.ts"
import type { Device, FoundPoint, Point } from "../connector.ts"
import { startLine } from "../testing/line.ts"
import { makeRig, type Rig } from "../testing/rig.ts"
import { plainValue } from "../values.ts"
import { Edge, type EdgeMetric, type EdgeOptions, now } from "./testing/edge.ts"
import { hostOf } from "./testing/host.ts"

const press = (): EdgeMetric[] => [
  { name: "Set/Temperature", type: "Float", value: 20, alias: 1 },
  { name: "Set/Count", type: "UInt8", value: 3 },
  { name: "Set/On", type: "Boolean", value: false, alias: 3 },
  { name: "Set/Program", type: "String", value: "a", alias: 4 },
  { name: "Curve", type: "FloatArray", value: [1], alias: 5 },
]

async function edgeOf(house: HouseBroker, options: Partial<EdgeOptions> = {}): Promise<Edge> {
  const edge = new Edge({ port: house.broker.port, devices: { press: press() }, ...options })
  await edge.start()
  return edge
}

/** Everything under a filter, as another client at the broker hears it. */
async function hear(house: HouseBroker, filter: string) {
  const messages: { topic: string; payload: Uint8Array; packet: IPublishPacket }[] = []
  const client = await connectAsync({ host: "127.0.0.1", port: house.broker.port })
  client.on("message", (topic, payload, packet) => messages.push({ topic, payload, packet }))
  await client.subscribeAsync(filter, { qos: 1 })
  return { messages, [Symbol.asyncDispose]: () => client.endAsync(true) }
}

function read(rig: Rig, device: Device) {
  return async (point: Point) => {
    const into = new BlockWriter()
    await device.read?.([point], into, new AbortController().signal)
    const block = into.take({ source: "read@now" as never, sequence: 0, received: 0 })
    return plainValue(block.value[0] ?? Number.NaN, point, rig.host.registry)
  }
}

suite("the state of the host application", () => {
  const stateOf = (message: { payload: Uint8Array } | undefined): HostState | undefined =>
    message && decodeState(message.payload)

  test("it is said when everything is followed, retained with QoS 1, and taken back at the end", async () => {
    await using rig = await makeRig()
    await using house = await startBroker({ anonymous: true })
    await using edge = await edgeOf(house)
    await using states = await hear(house, "spBv1.0/STATE/#")
    const host = hostOf(rig, house.broker)
    const before = now()
    await host.connect()
    await until("it is online", () => stateOf(states.messages[0])?.online === true)
    const [birth] = states.messages
    assert.equal(birth?.topic, "spBv1.0/STATE/moru")
    assert.equal(birth?.packet.qos, 1)
    assert(Math.abs((stateOf(birth)?.timestamp ?? 0) - before) < 5000)
    assert.deepEqual(Object.keys(JSON.parse(Buffer.from(birth?.payload ?? []).toString())), [
      "online",
      "timestamp",
    ])
    await using later = await hear(house, "spBv1.0/STATE/#")
    await until("it is retained", () => later.messages[0]?.packet.retain === true)
    await host[Symbol.asyncDispose]()
    await until("it is offline", () => stateOf(states.messages.at(-1))?.online === false)
    assert.equal(states.messages.length, 2)
    assert.equal(edge.asked, 1)
  })

  test("an edge node that waits for its host and is born at once is heard", async () => {
    await using rig = await makeRig()
    await using house = await startBroker({ anonymous: true })
    const edge = new Edge({ port: house.broker.port, devices: { press: press() } })
    edge.answersRebirths = false
    await using states = await hear(house, "spBv1.0/STATE/moru")
    await using host = hostOf(rig, house.broker)
    const connecting = host.connect()
    await until("the host is there", () => stateOf(states.messages[0])?.online === true)
    await edge.start()
    await connecting
    await edge[Symbol.asyncDispose]()
  })

  test("a broker elsewhere says it is gone when its line is lost, with the time of its birth", async () => {
    await using rig = await makeRig()
    await using house = await startBroker({ anonymous: true })
    await using line = await startLine(house.broker.port)
    await using _edge = await edgeOf(house)
    await using states = await hear(house, "spBv1.0/STATE/moru")
    await using host = hostOf(rig, house.broker, { broker: `mqtt://127.0.0.1:${line.port}` })
    await host.connect()
    const end = host.follow(rig.point("t", "press:Set/Temperature"))
    await until("it is online", () => stateOf(states.messages[0])?.online === true)
    line.cut()
    await until("its will is there", () => stateOf(states.messages[1])?.online === false)
    assert.equal(stateOf(states.messages[0])?.timestamp, stateOf(states.messages[1])?.timestamp)
    assert.equal(states.messages[1]?.packet.qos, 1)
    await using later = await hear(house, "spBv1.0/STATE/#")
    await until("it is retained", () => later.messages[0]?.packet.retain === true)
    assert((await end) instanceof Problem)
  })

  test("where somebody says that it is gone, it says that it is not", async () => {
    await using rig = await makeRig()
    await using house = await startBroker({ anonymous: true })
    await using edge = await edgeOf(house)
    await using states = await hear(house, "spBv1.0/STATE/moru")
    await using host = hostOf(rig, house.broker)
    await host.connect()
    const gone = Buffer.from(JSON.stringify({ online: false, timestamp: now() }))
    await edge.publish("spBv1.0/STATE/moru", gone)
    await until(
      "it is online again",
      () => states.messages.map((one) => stateOf(one)?.online).join() === "true,false,true",
    )
  })

  test("of two devices behind one host id, only the last takes it back", async () => {
    await using rig = await makeRig()
    await using house = await startBroker({ anonymous: true })
    await using _edge = await edgeOf(house)
    await using states = await hear(house, "spBv1.0/STATE/moru")
    const [one, other] = [hostOf(rig, house.broker), hostOf(rig, house.broker)]
    await one.connect()
    await other.connect()
    await one[Symbol.asyncDispose]()
    await other[Symbol.asyncDispose]()
    await until("it is offline", () => stateOf(states.messages.at(-1))?.online === false)
    const said = states.messages.map((message) => stateOf(message)?.online)
    assert.deepEqual(said, [true, true, false])
  })
})

suite("the connection of the host application to a broker elsewhere", () => {
  test("will, subscriptions, birth and death stand in the order of the standard", async () => {
    await using rig = await makeRig()
    await using house = await startBroker()
    const seen: string[] = []
    const said = (payload: string | Buffer) => decodeState(Buffer.from(payload))?.online
    let will: Parameters<NonNullable<AedesOptions["preConnect"]>>[1]["will"]
    const aedes = await Aedes.createBroker({
      preConnect: (_, packet, done) => {
        will = packet.will
        seen.push(`CONNECT clean=${packet.clean} ${will?.topic} ${will?.qos} ${will?.retain}`)
        done(null, true)
      },
      authorizeSubscribe: (_, wanted, done) => {
        seen.push(`SUBSCRIBE ${wanted.topic} ${wanted.qos}`)
        done(null, wanted)
      },
      authorizePublish: (_, { topic, payload, qos, retain }, done) => {
        seen.push(`PUBLISH ${topic} ${said(payload) ?? ""} ${qos} ${retain}`)
        done(null)
      },
    })
    aedes.on("clientDisconnect", () => seen.push("DISCONNECT"))
    const server = createServer(aedes.handle)
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
    const place = server.address()
    const port = typeof place === "object" && place ? place.port : 0
    const broker = `mqtt://127.0.0.1:${port}`
    const host = hostOf(rig, house.broker, { broker, "birth-timeout": "200ms", "host-id": "h1" })
    await assert.rejects(host.connect(), { code: "connection-timeout" })
    await until("it has gone", () => seen.includes("DISCONNECT"))
    await host[Symbol.asyncDispose]()
    await new Promise<void>((resolve) => aedes.close(resolve))
    await new Promise((resolve) => server.close(resolve))
    assert.deepEqual(seen, [
      "CONNECT clean=true spBv1.0/STATE/h1 1 true",
      "SUBSCRIBE spBv1.0/plant/+/edge-1/# 1",
      "SUBSCRIBE spBv1.0/STATE/h1 1",
      "PUBLISH spBv1.0/STATE/h1 true 1 true",
      "PUBLISH spBv1.0/plant/NCMD/edge-1  0 false",
      "PUBLISH spBv1.0/STATE/h1 false 1 true",
      "DISCONNECT",
    ])
    assert.equal(said(will?.payload ?? ""), false)
  })
})

suite("commands", () => {
  test("a birth is asked for by name, with QoS 0 and not retained", async () => {
    await using rig = await makeRig()
    await using house = await startBroker({ anonymous: true })
    await using _edge = await edgeOf(house)
    await using heard = await hear(house, "spBv1.0/+/NCMD/#")
    await using host = hostOf(rig, house.broker)
    await host.connect()
    const [request] = await until("it is asked", () => heard.messages.length > 0 && heard.messages)
    assert.equal(request?.topic, "spBv1.0/plant/NCMD/edge-1")
    assert.deepEqual([request?.packet.qos, request?.packet.retain], [0, false])
    const payload = decodePayload(request?.payload ?? new Uint8Array(), "test")
    assert(payload.timestamp)
    assert.equal(payload.seq, undefined)
    assert.deepEqual(payload.metrics, [
      {
        name: "Node Control/Rebirth",
        timestamp: payload.timestamp,
        type: "Boolean",
        value: true,
      },
    ])
  })

  test("a set point is sent in the type of its birth, by alias where it has one, and read back", async () => {
    await using rig = await makeRig()
    await using house = await startBroker({ anonymous: true })
    await using edge = await edgeOf(house)
    await using heard = await hear(house, "spBv1.0/+/DCMD/#")
    await using host = hostOf(rig, house.broker)
    await host.connect()
    const cases: readonly [string, number | string | boolean, object][] = [
      ["Set/Temperature", 21.5, { alias: 1, type: "Float", value: 21.5 }],
      ["Set/Count", 255, { name: "Set/Count", type: "UInt8", value: 255 }],
      ["Set/On", 1, { alias: 3, type: "Boolean", value: true }],
      ["Set/Program", "b", { alias: 4, type: "String", value: "b" }],
    ]
    for (const [name, value, sent] of cases) {
      const kind = typeof value === "string" ? "text" : "number"
      const point = rig.point(name.toLowerCase().replace("/", "-"), `press:${name}`, { kind })
      await until("the device is born", async () =>
        host.device.write?.(point, value, host.signal).then(
          () => true,
          () => false,
        ),
      )
      assert.equal(await read(rig, host.device)(point), value)
      const command = await until("it is heard", () => heard.messages.at(-1))
      assert.equal(command.topic, "spBv1.0/plant/DCMD/edge-1/press")
      assert.deepEqual([command.packet.qos, command.packet.retain], [0, false])
      const payload = decodePayload(command.payload, "test")
      assert.equal(payload.seq, undefined)
      const { timestamp, ...metric } = payload.metrics[0] ?? {}
      assert.deepEqual([metric, timestamp], [sent, payload.timestamp])
    }
    assert.equal(edge.commands.filter(({ topic }) => topic.includes("DCMD")).length, cases.length)
  })

  test("a metric of the node itself is commanded by NCMD", async () => {
    await using rig = await makeRig()
    await using house = await startBroker({ anonymous: true })
    await using edge = await edgeOf(house)
    await using host = hostOf(rig, house.broker)
    await host.connect()
    const { asked } = edge
    const point = rig.point("rebirth", ":Node Control/Rebirth", { kind: "boolean" })
    await host.device.write?.(point, true, host.signal)
    await until("it obeys", () => edge.asked > asked)
  })

  test("what does not fit the type, or has nobody to go to, is not sent", async () => {
    await using rig = await makeRig()
    await using house = await startBroker({ anonymous: true })
    await using edge = await edgeOf(house)
    await using host = hostOf(rig, house.broker)
    await host.connect()
    const found = async () => (await all(host.device)).length > 1
    await until("the device is born", found)
    const refused = async (address: string, value: number | string, because: RegExp) => {
      const point = rig.point("set", address)
      await assert.rejects(host.device.write?.(point, value, host.signal) ?? Promise.resolve(), {
        code: "write-failed",
        message: because,
      })
    }
    await refused("press:Set/Count", 256, /got 256, expected a UInt8; nothing was sent/)
    await refused("press:Set/Count", 1.5, /got 1.5, expected a UInt8/)
    await refused("press:Set/Count", "7", /got 7, expected a UInt8/)
    await refused("press:Set/On", 2, /got 2, expected a Boolean/)
    await refused("press:Curve", 1, /expected a FloatArray/)
    await refused("press:Nothing", 1, /the edge node has no press:Nothing/)
    await refused("nothing", 1, /the edge node has no nothing/)
    await edge.send("DDEATH", "press", { metrics: [] })
    await until("the device is dead", async () => !(await found()))
    await refused("press:Set/Count", 7, /device "press" is dead/)
    assert(!edge.commands.some(({ topic }) => topic.includes("DCMD")))
  })

  test("a node that tells nothing after a write is read as it was told last", async () => {
    await using rig = await makeRig()
    await using house = await startBroker({ anonymous: true })
    await using edge = await edgeOf(house)
    edge.obeys = false
    await using host = hostOf(rig, house.broker, { "read-back": "100ms" })
    await host.connect()
    const point = rig.point("t", "press:Set/Temperature")
    await until("the device is born", async () =>
      host.device.write?.(point, 99, host.signal).then(
        () => true,
        () => false,
      ),
    )
    assert.equal(await read(rig, host.device)(point), 20)
  })
})

suite("browsing an edge node", () => {
  const property = (type: DataType, value: number | string | boolean) => ({ type, value })

  test("its metrics come with kind, unit, range, description and whether they may be written", async () => {
    await using rig = await makeRig()
    await using house = await startBroker({ anonymous: true })
    const properties: PropertySet = new Map([
      ["engUnit", property("String", "°C")],
      ["engLow", property("Double", 0)],
      ["engHigh", property("Double", 400)],
      ["documentation", property("String", "upper die")],
      ["readOnly", property("Boolean", true)],
    ])
    const die: EdgeMetric = { name: "Die/Upper", type: "Float", value: 180, properties }
    await using _edge = await edgeOf(house, { devices: { press: [die, ...press()] } })
    await using host = hostOf(rig, house.broker)
    await host.connect()
    const found = await all(host.device)
    assert.deepEqual(
      found.map(({ address, kind, writable, value }) => [address, kind, writable, value]),
      [
        [":Node Control/Rebirth", "boolean", true, false],
        ["press:Die/Upper", "number", false, 180],
        ["press:Set/Temperature", "number", true, 20],
        ["press:Set/Count", "number", true, 3],
        ["press:Set/On", "boolean", true, false],
        ["press:Set/Program", "text", true, "a"],
      ],
    )
    const { name, within, unit, range, description } = found[1] ?? {}
    assert.deepEqual(
      [name, within, unit, range, description],
      ["Upper", ["press", "Die"], "Cel", [0, 400], "upper die"],
    )
  })
})

async function all(device: Device): Promise<FoundPoint[]> {
  return Array.fromAsync(device.browse?.(new AbortController().signal) ?? [])
}
