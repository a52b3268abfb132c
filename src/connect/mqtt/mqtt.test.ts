// The connector at the broker in the house.
import assert from "node:assert/strict"
import { test } from "node:test"
import { connectAsync, type MqttClient } from "mqtt"
import { until } from "../../../test/support/until.ts"
import { BlockWriter, sourceId } from "../../model/block.ts"
import { qualityName } from "../../model/quality.ts"
import { type HouseBroker, startBroker } from "../broker/testing/house-broker.ts"
import type { Device, Host, Point } from "../connector.ts"
import { parseOptions } from "../options.ts"
import { makeRig } from "../testing/rig.ts"
import { mqtt } from "./mqtt.ts"
import { Topics } from "./topics.ts"

const never = () => new AbortController().signal

function deviceAt(host: Host, house: HouseBroker, given: Record<string, unknown> = {}): Device {
  return mqtt.create(parseOptions(mqtt, given, "test"), { ...host, broker: house.broker })
}

async function press(house: HouseBroker): Promise<MqttClient & AsyncDisposable> {
  const { port } = house.broker
  const credential = { username: "press", password: "press-secret" }
  const client = await connectAsync({ host: "127.0.0.1", port, ...credential, reconnectPeriod: 0 })
  return Object.assign(client, { [Symbol.asyncDispose]: async () => void client.end(true) })
}

test("a message with QoS 1 is acknowledged once its rows are durable", async () => {
  await using rig = await makeRig()
  await using house = await startBroker()
  const points = [rig.point("temp", "press/temp")]
  rig.sink.know(points)
  const device = deviceAt(rig.host, house)
  await device.connect(never())
  const stop = new AbortController()
  const done = device.follow?.(
    { points, records: [] },
    rig.sink.deliver,
    async () => 0,
    stop.signal,
  )
  await using client = await press(house)
  const gate = Promise.withResolvers<void>()
  rig.sink.gate = gate.promise
  let acknowledged = 0
  const sent = Promise.all(
    Array.from({ length: 50 }, (_, i) =>
      client.publishAsync("press/temp", String(i), { qos: 1 }).then(() => acknowledged++),
    ),
  )
  await until("a delivery waits", () => rig.sink.waiting > 0)
  await client.publishAsync("press/none", "followed by nobody", { qos: 0 })
  assert.equal(acknowledged, 0)
  gate.resolve()
  await sent
  assert.deepEqual(
    rig.sink.rows.map(({ value }) => value),
    Array.from({ length: 50 }, (_, i) => i),
  )
  stop.abort()
  await done
  await device.close()
})

test("what could not be made durable is not acknowledged, its sender is sent away, and the device says why", async () => {
  await using rig = await makeRig()
  await using house = await startBroker()
  const points = [rig.point("temp", "press/temp")]
  const device = deviceAt(rig.host, house)
  await device.connect(never())
  const fail = async () => {
    throw new Error("the disk is full")
  }
  const told = assert.rejects(
    device.follow?.({ points, records: [] }, fail, async () => 0, never()) ?? Promise.resolve(),
    /the disk is full/,
  )
  await using client = await press(house)
  let acknowledged = false
  client.publish("press/temp", "1", { qos: 1 }, (error) => {
    acknowledged = !error
  })
  await told
  await until("the line to its sender is broken", () => !client.connected)
  assert.equal(acknowledged, false)
  await device.close()
})

test("a set point takes a plain value, or a JSON document made around it", async () => {
  await using rig = await makeRig()
  await using house = await startBroker()
  const device = deviceAt(rig.host, house)
  await device.connect(never())
  await using client = await press(house)
  const got: string[] = []
  client.on("message", (topic, payload) => got.push(`${topic} ${payload}`))
  await client.subscribeAsync("set/#", { qos: 1 })
  const write = (address: string, value: number | boolean | string) =>
    device.write?.(rig.point("p", address), value, never())
  await write("press/a > set/a", 182.5)
  await write("press/b > set/b", true)
  await write('press/s#c > set/c#zone["a.b"].temp', "hot")
  await until("all are there", () => got.length === 3)
  assert.deepEqual(got, ["set/a 182.5", "set/b true", 'set/c {"zone":{"a.b":{"temp":"hot"}}}'])
  const unsettable = ["press/a", "press/a > set/+", "press/a > set/a#list[0]"]
  for (const address of unsettable)
    await assert.rejects(write(address, 1) ?? Promise.resolve(), { code: "write-unsupported" })
  await device.close()
})

test("what was not told since the line stands has no value to read", async () => {
  await using rig = await makeRig()
  await using house = await startBroker()
  const device = deviceAt(rig.host, house)
  await device.connect(never())

  const into = new BlockWriter()
  await device.read?.([rig.point("temp", "press/temp")], into, never())
  const source = sourceId({ name: "read", epoch: "0" })
  const block = into.take({ source, sequence: 0, received: 0 })
  assert.deepEqual([...block.quality].map(qualityName), ["badNoData"])
  await device.close()
})

test("no message is followed by two filters", async () => {
  await using rig = await makeRig()
  const points: Point[] = ["press/a", "press/b#x", "press/b#y", "oven/a"].map((address, i) =>
    rig.point(`p${i}`, address),
  )
  const filters = (topics?: readonly string[]) =>
    new Topics(points, parseOptions(mqtt, { topics }, "test"), rig.host).filters
  assert.deepEqual(filters(), ["press/a", "press/b", "oven/a"])
  assert.deepEqual(filters(["press/#", "press/+"]), ["press/#", "oven/a"])
})

test("a place of the time that cannot be read is refused", async () => {
  await using rig = await makeRig()
  await using house = await startBroker()
  const device = deviceAt(rig.host, house, { time: "a..b" })
  await device.connect(never())
  const following = device.follow?.(
    { points: [], records: [] },
    async () => {},
    async () => 0,
    never(),
  )
  await assert.rejects(following ?? Promise.resolve(), /option "time": got "a\.\.b"/)
  await device.close()
})

test("an address on the command line says the broker and who asks", () => {
  assert.deepEqual(mqtt.optionsOf?.(new URL("mqtts://moru:a%40b@broker.lan:8883")), {
    broker: "mqtts://broker.lan:8883",
    user: "moru",
    password: "a@b",
  })
})
