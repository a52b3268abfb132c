// A broker elsewhere that is not there, is none, refuses or floods.
import assert from "node:assert/strict"
import { once } from "node:events"
import { createServer, type Socket } from "node:net"
import { test } from "node:test"
import { Type } from "typebox"
import { freePort } from "../../../test/support/free-port.ts"
import { until } from "../../../test/support/until.ts"
import { Problem } from "../../model/problem.ts"
import { brokerConfig, startBroker } from "../broker/testing/house-broker.ts"
import type { Connector, Host } from "../connector.ts"
import { parseOptions } from "../options.ts"
import { startLine } from "../testing/line.ts"
import { makeRig } from "../testing/rig.ts"
import { type BusOptions, busProperties, openBus } from "./options.ts"

const connector = { options: Type.Object(busProperties) } as unknown as Connector<BusOptions>
const never = () => new AbortController().signal

function open(host: Host, port: number, given: Partial<BusOptions> = {}) {
  const options = {
    broker: `mqtt://127.0.0.1:${port}`,
    user: "press",
    password: "press-secret",
    timeout: "500ms",
    "keep-alive": "1s",
    ...given,
  }
  return openBus(parseOptions(connector, options, "test"), host, { signal: never() })
}

/** A server that does with each client what it is told to. */
async function serve(met: (socket: Socket) => void) {
  const server = createServer((socket) => {
    socket.on("error", () => {})
    met(socket)
  })
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  const place = server.address()
  return {
    port: typeof place === "object" && place ? place.port : 0,
    [Symbol.asyncDispose]: async () => {
      server.close()
    },
  }
}

test("nobody, nobody who answers and nobody who speaks MQTT are told apart", async () => {
  await using rig = await makeRig()
  await assert.rejects(open(rig.host, await freePort()), { code: "connection-refused" })
  const silent: Socket[] = []
  await using mute = await serve((socket) => silent.push(socket))
  await assert.rejects(open(rig.host, mute.port), { code: "connection-timeout" })
  for (const socket of silent) socket.destroy()
  await using web = await serve((socket) => socket.write("HTTP/1.1 400 Bad Request\r\n\r\n"))
  await assert.rejects(open(rig.host, web.port), { code: "protocol-error" })
  await using shut = await serve((socket) => socket.destroy())
  await assert.rejects(open(rig.host, shut.port), { code: "connection-lost" })
})

test("an address that the plant's policy forbids is never called", async () => {
  await using rig = await makeRig()
  let called = false
  await using server = await serve(() => {
    called = true
  })
  const reach = () => {
    throw new Problem("address-forbidden", "m1", "got an address that is forbidden")
  }
  const host = { ...rig.host, network: { reach } }
  await assert.rejects(open(host, server.port), { code: "address-forbidden" })
  assert.equal(called, false)
})

test("without a broker in the house it says what to do", async () => {
  await using rig = await makeRig()
  await assert.rejects(open(rig.host, 1, { broker: "embedded" }), (problem) => {
    assert(problem instanceof Problem)
    assert.equal(problem.code, "option-invalid")
    assert.match(problem.message, /the plant has no `broker`; add one/)
    return true
  })
})

test("a filter that the broker refuses is said to be", async () => {
  await using rig = await makeRig()
  await using house = await startBroker({
    publishers: brokerConfig.publishers.map((one) => ({ ...one, subscribe: ["press/#"] })),
  })
  const bus = await open(rig.host, house.broker.port)
  await bus.follow("press/a", () => {}, never())
  await assert.rejects(
    bus.follow("oven/a", () => {}, never()),
    { code: "credentials-refused" },
  )
  await bus.close()
})

test("who has ended to follow hears nothing more, and the other goes on", async () => {
  await using rig = await makeRig()
  await using house = await startBroker()
  const bus = await open(rig.host, house.broker.port)
  const [first, second]: [string[], string[]] = [[], []]
  const stop = new AbortController()
  await bus.follow("press/+", ({ topic }) => void first.push(topic), stop.signal)
  await bus.follow("press/+", ({ topic }) => void second.push(topic), never())
  const tell = (topic: string) =>
    bus.publish({ topic, payload: Buffer.from("1"), qos: 1, retain: false })
  await tell("press/a")
  await until("both hear", () => first.length === 1 && second.length === 1)
  stop.abort()
  await tell("press/b")
  await until("the other hears", () => second.length === 2)
  assert.deepEqual(first, ["press/a"])
  await bus.close()
})

test("rubbish in the middle and a line that goes dead end the connection with a word", async () => {
  await using rig = await makeRig()
  await using house = await startBroker()
  await using line = await startLine(house.broker.port)
  const dead = await open(rig.host, line.port)
  line.deaden()
  assert.match((await dead.lost).message, /fell silent/)
  await assert.rejects(
    dead.publish({ topic: "press/a", payload: Buffer.from("1"), qos: 1, retain: false }),
    { code: "connection-lost" },
  )
  let to: Socket | undefined
  await using odd = await serve((socket) => {
    to = socket
    // CONNACK: accepted.
    socket.write(Buffer.from([0x20, 2, 0, 0]))
  })
  const babbled = await open(rig.host, odd.port)
  to?.write(Buffer.from([0x00, 0x01, 0x02]))
  const why = await babbled.lost
  assert(why instanceof Problem)
  assert.equal(why.code, "protocol-error")
  to?.destroy()
})
