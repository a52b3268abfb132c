// The broker in the house, asked over its socket.
import assert from "node:assert/strict"
import { once } from "node:events"
import { connect as connectSocket } from "node:net"
import { after, afterEach, suite, test } from "node:test"
import { connectAsync, type IClientOptions, type MqttClient } from "mqtt"
import { until } from "../../../test/support/until.ts"
import { SystemClock } from "../../kernel/clock/system.ts"
import { nodeFiles } from "../../kernel/files/node.ts"
import { silentLog } from "../../kernel/log.ts"
import { Metrics } from "../../kernel/metrics.ts"
import type { BusMessage } from "../bus.ts"
import { passOf } from "./access.ts"
import { Broker } from "./broker.ts"
import { brokerConfig, type HouseBroker, startBroker } from "./testing/house-broker.ts"

const never = () => new AbortController().signal
const clients: MqttClient[] = []
const textOf = (payload: Uint8Array) => Buffer.from(payload).toString()

async function client(house: HouseBroker, options: IClientOptions = {}): Promise<MqttClient> {
  const made = await connectAsync({
    host: "127.0.0.1",
    port: house.broker.port,
    username: "press",
    password: "press-secret",
    reconnectPeriod: 0,
    ...options,
  })
  made.on("error", () => {})
  clients.push(made)
  return made
}

const asOven = { username: "oven", password: "oven-secret" }

function closeOf(one: MqttClient): Promise<void> {
  return new Promise((resolve) => one.once("close", () => resolve()))
}

/** What arrives in the house under a filter. */
async function heard(house: HouseBroker, filter: string): Promise<BusMessage[]> {
  const messages: BusMessage[] = []
  await house.broker.follow(filter, (message) => void messages.push(message), never())
  return messages
}

function because(house: HouseBroker): string {
  const health = house.broker.health()
  return health.state === "degraded" ? health.because : ""
}

suite("the broker in the house", () => {
  afterEach(() => {
    for (const one of clients.splice(0)) one.end(true)
  })

  suite("who may do what", () => {
    test("a publisher is heard on its own topics and not on another's", async () => {
      await using house = await startBroker()
      const messages = await heard(house, "#")
      const [press, oven] = [await client(house), await client(house, asOven)]
      await oven.subscribeAsync("press/#")
      await press.publishAsync("oven/temp", "999", { qos: 1, retain: true })
      await press.publishAsync("press/temp", "21", { qos: 1 })
      await until("its own arrives", () => messages.length > 0)
      assert.deepEqual(
        messages.map(({ topic, payload }) => [topic, textOf(payload)]),
        [["press/temp", "21"]],
      )
      assert.match(because(house), /press to publish on "oven\/temp"/)
      assert.equal(house.metrics.get("moru_broker_refused_total", { because: "publish" }), 1)
      assert(press.connected, "its other topics go on")
      const later = await heard(house, "oven/#")
      assert.deepEqual(later, [])
    })

    test("what another may follow is refused, and so is $SYS", async () => {
      await using house = await startBroker({
        publishers: brokerConfig.publishers.map((one) => ({ ...one, subscribe: ["press/+/set"] })),
      })
      const press = await client(house)
      const granted = async (filter: string) =>
        (await press.subscribeAsync(filter, { qos: 1 }).catch(() => [])).map(({ qos }) => qos)
      assert.deepEqual(await granted("press/1/set"), [1])
      for (const filter of ["#", "press/#", "press/+/+", "$SYS/#", "+/1/set"])
        assert.deepEqual(await granted(filter), [], filter)
      assert.match(because(house), /press to follow "press\/#"/)
    })

    test("a wrong password is refused and named, without the password", async () => {
      await using house = await startBroker()
      for (const username of ["press", "nobody"])
        await assert.rejects(client(house, { username, password: "guessed" }), { code: 4 })
      await assert.rejects(client(house, { username: "press", password: "oven-secret" }))
      assert.match(because(house), /a wrong password of "press" from 127\.0\.0\.1 \(2 times\)/)
      assert.match(because(house), /unknown user "nobody" from 127\.0\.0\.1/)
      assert.doesNotMatch(because(house), /guessed|secret/)
      assert.equal(house.metrics.get("moru_broker_refused_total", { because: "credential" }), 3)
    })

    test("anybody on this computer comes in where the plant says so, and nobody from elsewhere", async () => {
      const nameless = { username: undefined, password: undefined } as unknown as IClientOptions
      await using closed = await startBroker()
      await assert.rejects(client(closed, nameless))
      await using open = await startBroker({ anonymous: true })
      const messages = await heard(open, "any/where")
      await (await client(open, nameless)).publishAsync("any/where", "1", { qos: 1 })
      assert.equal(messages.length, 1)
      const config = { ...brokerConfig, anonymous: true }
      const knock = { user: undefined, password: undefined, isLoopback: false }
      assert.equal(passOf(knock, config), "no user name from another computer")
      const careless = { name: "old", password: "", publish: ["#"], subscribe: [] }
      const empty = { user: "old", password: undefined, isLoopback: true }
      const pass = passOf(empty, { ...config, publishers: [careless] })
      assert.equal(pass, 'a wrong password of "old"')
    })

    test("nobody takes another publisher's client id, and its own only with its credential", async () => {
      await using house = await startBroker()
      const press = await client(house, { clientId: "press-1" })
      await assert.rejects(client(house, { ...asOven, clientId: "press-1" }), { code: 2 })
      assert(press.connected)
      assert.match(because(house), /client id "press-1" is that of press/)
      await client(house, { clientId: "press-1" })
      await until("the older line is closed", () => !press.connected)
      assert.deepEqual(
        house.broker.clients().map(({ id, publisher }) => [id, publisher]),
        [["press-1", "press"]],
      )
    })

    test("beyond this computer it wants TLS", async () => {
      await assert.rejects(startBroker({ host: "0.0.0.0" }), { code: "config-invalid" })
    })

    test("a port that is taken is said to be", async () => {
      await using house = await startBroker()
      const [clock, log, files, metrics] = [new SystemClock(), silentLog, nodeFiles, new Metrics()]
      const config = { ...brokerConfig, port: house.broker.port }
      const second = new Broker({ config, clock, log, files, metrics })
      await assert.rejects(second.start(), { code: "port-taken" })
      assert.equal(second.health().state, "stopped")
    })
  })

  suite("messages", () => {
    test("QoS 1 is acknowledged once those who follow have taken it", async () => {
      await using house = await startBroker()
      const gate = Promise.withResolvers<void>()
      const taken: string[] = []
      const take = async ({ payload }: BusMessage) => {
        await gate.promise
        taken.push(textOf(payload))
      }
      await house.broker.follow("press/#", take, never())
      const press = await client(house)
      let acknowledged = false
      // QoS 0 is acknowledged by nobody: the control.
      await press.publishAsync("press/a", "unasked", { qos: 0 })
      const sent = press.publishAsync("press/a", "asked", { qos: 1 }).then(() => {
        acknowledged = true
      })
      const oven = await client(house, asOven)
      await oven.publishAsync("oven/a", "followed by nobody", { qos: 1 })
      assert.deepEqual([acknowledged, taken], [false, []])
      gate.resolve()
      await sent
      assert.deepEqual(taken, ["unasked", "asked"])
    })

    test("a follower that throws stops neither its next message nor the publisher", async () => {
      await using house = await startBroker()
      const taken: string[] = []
      const take = ({ payload }: BusMessage) => {
        if (textOf(payload) === "bad") throw new Error("cannot read it")
        taken.push(textOf(payload))
      }
      await house.broker.follow("press/#", take, never())
      const press = await client(house)
      for (const text of ["a", "bad", "b"]) await press.publishAsync("press/a", text, { qos: 1 })
      assert.deepEqual(taken, ["a", "b"])
    })

    test("retained messages come first, to the house and to clients, until an empty one", async () => {
      await using house = await startBroker()
      const press = await client(house)
      await press.publishAsync("press/a", "1", { qos: 1, retain: true })
      await house.broker.publish({
        topic: "house/b",
        payload: Buffer.from("2"),
        qos: 1,
        retain: true,
      })
      const messages = await heard(house, "#")
      await until("both are there", () => messages.length === 2)
      assert(messages.every(({ retained }) => retained))
      const got = new Map<string, string>()
      press.on("message", (topic, payload) => got.set(topic, textOf(payload)))
      await press.subscribeAsync("#", { qos: 1 })
      await until("both arrive", () => got.size === 2)
      await press.publishAsync("press/a", "", { qos: 1, retain: true })
      const later = await heard(house, "press/#")
      await press.publishAsync("press/b", "3", { qos: 1 })
      assert.deepEqual(
        later.map(({ topic }) => topic),
        ["press/b"],
      )
    })

    test("the last will of a lost client is published, where it may publish", async () => {
      await using house = await startBroker()
      const messages = await heard(house, "#")
      const will = (topic: string) => ({ topic, payload: Buffer.from("gone"), qos: 1 as const })
      const stray = await client(house, { will: will("oven/state") })
      const press = await client(house, { will: will("press/state") })
      stray.stream.destroy()
      press.stream.destroy()
      await until("the will arrives", () => messages.length > 0)
      await until("the other is refused", () => /"oven\/state"/.test(because(house)))
      assert.deepEqual(
        messages.map(({ topic }) => topic),
        ["press/state"],
      )
    })

    test("what the house publishes reaches clients and followers", async () => {
      await using house = await startBroker()
      const messages = await heard(house, "press/set")
      const press = await client(house)
      const got = new Promise<[string, Buffer]>((resolve) =>
        press.once("message", (topic, payload) => resolve([topic, payload])),
      )
      await press.subscribeAsync("press/set", { qos: 1 })
      const payload = Buffer.from("5")
      await house.broker.publish({ topic: "press/set", payload, qos: 1, retain: false })
      const [topic, arrived] = await got
      assert.deepEqual([topic, textOf(arrived)], ["press/set", "5"])
      await until("the follower too", () => messages.length === 1)
    })
  })

  suite("limits", () => {
    test("a message that is too long breaks the line before it is sent", async () => {
      await using house = await startBroker()
      const press = await client(house)
      const messages = await heard(house, "press/#")
      await press.publishAsync("press/a", Buffer.alloc(90_000), { qos: 1 })
      const closed = closeOf(press)
      // PUBLISH with a remaining length of 200,000,000 bytes, of which nothing follows.
      press.stream.write(Buffer.from([0x30, 0x80, 0x84, 0xaf, 0x5f]))
      await closed
      assert.equal(messages.length, 1)
      assert.match(because(house), /press from 127\.0\.0\.1: a packet of more than 100000 bytes/)
    })

    test("who is not known yet may send little", async () => {
      await using house = await startBroker({ maxMessageBytes: 10_000_000 })
      const socket = connectSocket(house.broker.port, "127.0.0.1")
      const closed = once(socket, "close")
      // CONNECT with a remaining length of 200,000 bytes.
      socket.write(Buffer.from([0x10, 0xc0, 0x9a, 0x0c]))
      await closed
      assert.match(because(house), /somebody from 127\.0\.0\.1: a packet of more than 65536 bytes/)
    })

    test("one connection too many is refused, and the others stay", async () => {
      await using house = await startBroker({ maxConnections: 2 })
      const [one, two] = [await client(house), await client(house, asOven)]
      await once(connectSocket(house.broker.port, "127.0.0.1"), "close")
      assert(one.connected && two.connected)
      assert.match(because(house), /a connection from 127\.0\.0\.1, one too many/)
      one.end(true)
      await until("its place is free", () => house.metrics.get("moru_broker_connections") === 1)
      await client(house)
    })

    test("a publisher over its rate is held back and loses nothing", async () => {
      await using house = await startBroker({ maxMessagesPerSecond: 50 })
      const [flood, other] = [await heard(house, "press/#"), await heard(house, "oven/#")]
      const [press, oven] = [await client(house), await client(house, asOven)]
      for (let i = 0; i < 560; i++) press.publish("press/n", String(i))
      await until("it may send ten seconds' worth at once", () => flood.length >= 500)
      await oven.publishAsync("oven/n", "1", { qos: 1 })
      assert.equal(other.length, 1)
      assert(flood.length < 560, `all ${flood.length} came at once`)
      await until("the rest comes", () => flood.length === 560)
      assert.deepEqual(
        flood.map(({ payload }) => Number(textOf(payload))),
        Array.from({ length: 560 }, (_, i) => i),
      )
    })

    test("ten thousand messages of one leave room for another", async () => {
      await using house = await startBroker()
      const order: string[] = []
      const take = ({ topic }: BusMessage) => void order.push(topic)
      await house.broker.follow("#", take, never())
      const [press, oven] = [await client(house), await client(house, asOven)]
      const all = Array.from({ length: 10_000 }, (_, i) =>
        press.publishAsync("press/n", String(i), { qos: 1 }),
      )
      await until("the flood has begun", () => order.length > 0)
      await oven.publishAsync("oven/n", "1", { qos: 1 })
      const place = order.indexOf("oven/n")
      assert(place >= 0 && place < 9000, `it came after ${place} messages`)
      await Promise.all(all)
      assert.equal(order.length, 10_001)
    })

    test("a client that does not read loses what is for it, and nobody else does", async () => {
      await using house = await startBroker()
      const [press, slow, quick] = [
        await client(house),
        await client(house, asOven),
        await client(house, asOven),
      ]
      let arrived = 0
      quick.on("message", () => arrived++)
      await slow.subscribeAsync("press/#")
      await quick.subscribeAsync("press/#")
      slow.stream.pause()
      const payload = Buffer.alloc(50_000)
      for (let i = 0; i < 400; i++) await press.publishAsync("press/n", payload, { qos: 1 })
      await until("the reader has all", () => arrived === 400)
      const dropped = house.metrics.get("moru_broker_dropped_total", { publisher: "oven" })
      assert(dropped > 0 && dropped < 400, `dropped ${dropped}`)
    })

    test("rubbish breaks its own line", async () => {
      await using house = await startBroker()
      const press = await client(house)
      for (const bytes of [
        [0x00, 0x00],
        [0xf0, 0x00],
        [0x36, 0x02, 0xff, 0xff],
        [0x82, 0x00],
      ]) {
        const stray = await client(house)
        const closed = closeOf(stray)
        stray.stream.write(Buffer.from(bytes))
        await closed
      }
      await press.publishAsync("press/a", "1", { qos: 1 })
    })
  })

  after(() => {
    for (const one of clients) one.end(true)
  })
})
