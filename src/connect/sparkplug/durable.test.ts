// When a message that came with QoS 1 is acknowledged, and what becomes of it where it cannot be kept.
import assert from "node:assert/strict"
import { suite, test } from "node:test"
import { connectAsync, type MqttClient } from "mqtt"
import { until } from "../../../test/support/until.ts"
import { encodePayload } from "../../codec/sparkplug.ts"
import { formatTopic } from "../../codec/sparkplug-topic.ts"
import { Problem } from "../../model/problem.ts"
import { startBroker } from "../broker/testing/house-broker.ts"
import { makeRig } from "../testing/rig.ts"
import { type Edge, group, node, now } from "./testing/edge.ts"
import { edgeOf, hostOf, values } from "./testing/host.ts"

/** The edge node's own data, but with QoS 1, over a line of its own. */
async function sender(port: number, edge: Edge) {
  const client: MqttClient = await connectAsync({ host: "127.0.0.1", port, reconnectPeriod: 0 })
  client.on("error", () => {})
  let acknowledged = 0
  return {
    client,
    get acknowledged() {
      return acknowledged
    },
    send(value: number): void {
      const timestamp = now()
      const metrics = [{ alias: 1, timestamp, type: "Double", value } as const]
      const payload = encodePayload({ timestamp, metrics, seq: edge.seq }, "without-types")
      edge.seq = (edge.seq + 1) % 256
      const topic = formatTopic({ group, node, type: "DDATA", device: "press" })
      client.publish(topic, Buffer.from(payload), { qos: 1 }, (error) => {
        if (!error) acknowledged++
      })
    },
    [Symbol.asyncDispose]: () => client.endAsync(true),
  }
}

async function setUp() {
  await using stack = new AsyncDisposableStack()
  const rig = stack.use(await makeRig())
  const house = stack.use(await startBroker({ anonymous: true }))
  const edge = stack.use(await edgeOf(house))
  const host = stack.use(hostOf(rig, house.broker))
  await host.connect()
  const ended = host.follow(rig.point("temperature", "press:Temperature"))
  await until("the birth is durable", () => values(rig, "temperature").length === 1)
  const line = stack.use(await sender(house.broker.port, edge))
  const all = stack.move()
  return { rig, house, edge, host, ended, line, [Symbol.asyncDispose]: () => all.disposeAsync() }
}

suite("a message of an edge node with QoS 1", () => {
  test("is acknowledged once its rows are durable; many are under way, and gather while one block is", async () => {
    await using set = await setUp()
    const { rig, line } = set
    const gate = Promise.withResolvers<void>()
    rig.sink.gate = gate.promise
    for (let value = 1; value <= 30; value++) line.send(value)
    await until("a block waits", () => rig.sink.waiting === 1)
    await line.client.publishAsync("elsewhere", "1", { qos: 0 })
    assert.deepEqual([line.acknowledged, values(rig, "temperature")], [0, [20]])
    gate.resolve()
    await until("all are acknowledged", () => line.acknowledged === 30)
    const told = Array.from({ length: 30 }, (_, i) => i + 1)
    assert.deepEqual(values(rig, "temperature"), [20, ...told])
  })

  test("waits where there is no room for it, and is kept once as soon as there is", async () => {
    await using set = await setUp()
    const { rig, line } = set
    const full = Promise.reject(new Problem("storage-full", "history", "there is no room"))
    full.catch(() => {})
    rig.sink.gate = full
    for (const value of [1, 2]) line.send(value)
    await until("it was tried", () => rig.sink.waiting >= 1)
    assert.equal(rig.sink.isKept, true, "the house knows that the sender waits")
    assert.equal(line.acknowledged, 0)
    rig.sink.gate = undefined
    await until("both are acknowledged", () => line.acknowledged === 2)
    assert.deepEqual([values(rig, "temperature"), rig.sink.doubles], [[20, 1, 2], 0])
  })

  test("is not acknowledged where it cannot be kept: its sender is sent away, sends it again, and it is there once", async () => {
    await using set = await setUp()
    const { rig, house, edge, host, ended, line } = set
    const broken = Promise.reject(new Problem("option-invalid", "history", "it never will be"))
    broken.catch(() => {})
    rig.sink.gate = broken
    const closed = new Promise<void>((resolve) => line.client.once("close", () => resolve()))
    line.send(1)
    await closed
    assert.equal(line.acknowledged, 0)
    assert.match(String(await ended), /it never will be/)
    rig.sink.gate = undefined
    // As the supervisor does after a failure.
    await host.connect()
    host.follow(rig.point("temperature", "press:Temperature"))
    await until("it is born again", () => values(rig, "temperature").length === 2)
    await using again = await sender(house.broker.port, edge)
    again.send(1)
    await until("it is acknowledged", () => again.acknowledged === 1)
    assert.deepEqual([values(rig, "temperature"), rig.sink.doubles], [[20, 20, 1], 0])
  })
})
