// How the broker takes many messages at once, and how long it waits for the next.
import assert from "node:assert/strict"
import { once } from "node:events"
import { connect as connectSocket, type Socket } from "node:net"
import { suite, test } from "node:test"
import { connectAsync, type MqttClient } from "mqtt"
import { until } from "../../../test/support/until.ts"
import { type BusMessage, NotTaken } from "../bus.ts"
import { startBroker } from "./testing/house-broker.ts"

const never = () => new AbortController().signal
const textOf = (payload: Uint8Array) => Buffer.from(payload).toString()

async function client(port: number): Promise<MqttClient> {
  const as = { username: "press", password: "press-secret", reconnectPeriod: 0 }
  const made = await connectAsync({ host: "127.0.0.1", port, ...as })
  made.on("error", () => {})
  return made
}

/** Lets a publisher in with a keep-alive of one second. */
async function quick(port: number, name: string): Promise<Socket> {
  const socket = connectSocket(port, "127.0.0.1")
  const words = [`${name}-1`, name, `${name}-secret`].flatMap((word) => [
    ...[0, word.length, ...Buffer.from(word)],
  ])
  const rest = [0, 4, ...Buffer.from("MQTT"), 4, 0xc2, 0, 1, ...words]
  socket.write(Buffer.from([0x10, rest.length, ...rest]))
  const [answer] = await once(socket, "data")
  assert.equal(answer[3], 0, "it is let in")
  return socket
}

suite("the broker's messages", () => {
  test("of one publisher are under way many at once, and are acknowledged in their order", async () => {
    await using house = await startBroker()
    const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const taken: string[] = []
    const take = ({ payload }: BusMessage) => {
      taken.push(textOf(payload))
      return gates[Number(textOf(payload)) % 2]?.promise
    }
    await house.broker.follow("press/#", take, never())
    const press = await client(house.broker.port)
    const acknowledged: number[] = []
    const sent = Array.from({ length: 40 }, async (_, i) => {
      await press.publishAsync("press/a", String(i), { qos: 1 })
      acknowledged.push(i)
    })
    await until("all are taken before any is durable", () => taken.length === 40)
    gates[1]?.resolve()
    await press.publishAsync("oven/a", "refused, and acknowledged in its turn", { qos: 0 })
    assert.deepEqual(acknowledged, [], "the second waits for the first")
    gates[0]?.resolve()
    await Promise.all(sent)
    const order = Array.from({ length: 40 }, (_, i) => i)
    assert.deepEqual([taken.map(Number), acknowledged], [order, order])
  })

  test("that cannot be taken are not acknowledged, nor those after them, and their sender is sent away", async () => {
    await using house = await startBroker()
    const gate = Promise.withResolvers<void>()
    const take = ({ payload }: BusMessage) =>
      textOf(payload) === "kept" ? undefined : gate.promise
    await house.broker.follow("press/#", take, never())
    const press = await client(house.broker.port)
    await press.publishAsync("press/a", "kept", { qos: 1 })
    const closed = new Promise<void>((resolve) => press.once("close", () => resolve()))
    let acknowledged = 0
    for (const text of ["lost", "kept"])
      press.publish("press/a", text, { qos: 1 }, (error) => {
        if (!error) acknowledged++
      })
    await until(
      "both are there",
      () => house.metrics.get("moru_broker_messages_total", { publisher: "press" }) === 3,
    )
    gate.reject(new NotTaken("the disk is full"))
    await closed
    assert.equal(acknowledged, 0)
  })

  test("end for who falls silent for longer than its keep-alive, and go on for who publishes", async () => {
    await using house = await startBroker()
    const [silent, press] = [
      await quick(house.broker.port, "oven"),
      await quick(house.broker.port, "press"),
    ]
    const from = performance.now()
    const gone = once(silent, "close")
    const message = [0, 7, ...Buffer.from("press/a"), 49]
    const publishing = setInterval(
      () => press.write(Buffer.from([0x30, message.length, ...message])),
      100,
    )
    await gone
    clearInterval(publishing)
    assert.ok(performance.now() - from >= 1400, "half as long again")
    assert.equal(press.destroyed, false)
    press.destroy()
  })
})
