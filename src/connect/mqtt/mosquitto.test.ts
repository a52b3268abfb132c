// Mosquitto and its tools as foreign peers: clients of the broker in the house, and a broker elsewhere.
import assert from "node:assert/strict"
import { suite, test } from "node:test"
import { until } from "../../../test/support/until.ts"
import { makeCertificates } from "../broker/testing/certificates.ts"
import { startBroker } from "../broker/testing/house-broker.ts"
import {
  mosquittoRun as mosquitto,
  mosquittoLacks,
  startMosquitto,
} from "../broker/testing/mosquitto.ts"
import { type BusOptions, openBus } from "../bus/options.ts"
import type { OpenBus } from "../bus.ts"
import { parseOptions } from "../options.ts"
import { Caller } from "../testing/caller.ts"
import { makeRig, type Rig } from "../testing/rig.ts"
import { mqtt } from "./mqtt.ts"

const lacks = mosquittoLacks()
const never = () => new AbortController().signal
const textOf = (payload: Uint8Array) => Buffer.from(payload).toString()

suite("Mosquitto's tools at the broker in the house", { skip: lacks ?? false }, () => {
  const press = ["-u", "press", "-P", "press-secret", "-h", "127.0.0.1"]
  const at = (port: number) => [...press, "-p", String(port)]

  test("publish and follow with each quality of service", async () => {
    await using house = await startBroker()
    const got: string[] = []
    await house.broker.follow("#", ({ payload }) => void got.push(textOf(payload)), never())
    const { port } = house.broker
    const heard = mosquitto("mosquitto_sub", ...at(port), "-t", "press/#", "-C", "3", "-q", "2")
    await until("it follows", () => house.broker.clients()[0]?.filters.length === 1)
    for (const qos of ["0", "1", "2"])
      await mosquitto("mosquitto_pub", ...at(port), "-t", "press/a", "-m", qos, "-q", qos)
    assert.deepEqual((await heard).trim().split("\n"), ["0", "1", "2"])
    assert.deepEqual(got, ["0", "1", "2"])
  })

  test("a retained message waits for them", async () => {
    await using house = await startBroker()
    const to = at(house.broker.port)
    await mosquitto("mosquitto_pub", ...to, "-t", "press/a", "-m", "kept", "-r", "-q", "1")
    assert.equal(await mosquitto("mosquitto_sub", ...to, "-t", "press/a", "-C", "1"), "kept\n")
  })

  test("are refused with a wrong credential", async () => {
    await using house = await startBroker()
    const to = ["-h", "127.0.0.1", "-p", String(house.broker.port), "-t", "press/a", "-m", "1"]
    await assert.rejects(
      mosquitto("mosquitto_pub", ...to, "-u", "press", "-P", "guessed"),
      /bad user name or password/i,
    )
    await assert.rejects(mosquitto("mosquitto_pub", ...to), /bad user name or password/i)
  })

  test("come over TLS where they trust the authority, and not without it", async () => {
    await using rig = await makeRig()
    const { ca, ...tls } = await makeCertificates(rig.folder)
    await using house = await startBroker({ tls, host: "127.0.0.1", anonymous: false })
    const got: string[] = []
    await house.broker.follow("#", ({ payload }) => void got.push(textOf(payload)), never())
    const to = [...at(house.broker.port), "-t", "press/a", "-q", "1", "-m"]
    await mosquitto("mosquitto_pub", ...to, "secured", "--cafile", ca)
    await assert.rejects(mosquitto("mosquitto_pub", ...to, "system", "--capath", "/etc/ssl/certs"))
    await assert.rejects(mosquitto("mosquitto_pub", ...to, "plain"))
    assert.deepEqual(got, ["secured"])
  })
})

suite("Mosquitto as a broker elsewhere", { skip: lacks ?? false }, () => {
  const optionsOf = (port: number, given: Record<string, unknown> = {}) =>
    parseOptions(
      mqtt,
      {
        broker: `mqtt://127.0.0.1:${port}`,
        user: "moru",
        password: "foreign-secret",
        timeout: "3s",
        "keep-alive": "1s",
        ...given,
      },
      "test",
    )
  const open = (options: BusOptions, rig: Rig): Promise<OpenBus> =>
    openBus(options, rig.host, { signal: never() })

  test("its values are followed, its loss is told, and after its return it is followed again", async () => {
    await using rig = await makeRig()
    const first = await startMosquitto(rig.folder)
    const { port } = first
    const to = ["-h", "127.0.0.1", "-p", String(port), "-u", "moru", "-P", "foreign-secret"]
    const tell = (topic: string, value: string) =>
      mosquitto("mosquitto_pub", ...to, "-t", topic, "-m", value, "-q", "1")
    const points = [
      rig.point("temp", "press/temp > press/temp/set"),
      rig.point("zone", "press/state#zones[0]"),
    ]
    rig.sink.know(points)
    const device = mqtt.create(optionsOf(port), rig.host)
    const newest = (name: string) => rig.sink.of(name).at(-1)?.value
    await device.connect(never())
    const done = new Caller({ device, points, rig }).follow(never())
    await until("a value of each topic came", async () => {
      await tell("press/temp", "21.5")
      await tell("press/state", '{"zones":[180]}')
      return newest("temp") === 21.5 && newest("zone") === 180
    })
    const set = mosquitto("mosquitto_sub", ...to, "-t", "press/temp/set", "-C", "1")
    await until("the set point is told", async () => {
      if (points[0]) await device.write?.(points[0], 25, never())
      return Promise.race([set, rig.host.clock.sleep(100).then(() => false as const)])
    })
    assert.equal(await set, "25\n")
    const told = assert.rejects(done, { code: "connection-lost" })
    await first.kill()
    await told
    await assert.rejects(device.connect(never()), { code: "connection-refused" })
    await using _ = await startMosquitto(rig.folder, { port })
    await new Caller({ device, points, rig }).while(() =>
      until("values come again", async () => {
        await tell("press/temp", "22.5")
        return newest("temp") === 22.5
      }),
    )
    await device.close()
  })

  test("browsing hears topics and JSON leaves", async () => {
    await using rig = await makeRig()
    await using elsewhere = await startMosquitto(rig.folder)
    const bus = await open(optionsOf(elsewhere.port, { "client-id": "press" }), rig)
    const tell = (topic: string, payload: string) =>
      bus.publish({ topic, payload: Buffer.from(payload), qos: 1, retain: true })
    await tell("press/temp", "21.5")
    await tell("press/state", '{"zones":[{"temp":180}],"on":true,"a.b":"x"}')
    await tell("spBv1.0/group/NBIRTH/edge", "1")
    const device = mqtt.create(optionsOf(elsewhere.port, { "browse-for": "500ms" }), rig.host)
    await device.connect(never())
    const found = await Array.fromAsync(device.browse?.(never()) ?? [])
    await device.close()
    await bus.close()
    assert.deepEqual(
      found.map(({ address, kind, value }) => [address, kind, value]),
      [
        ["press/state#zones[0].temp", "number", 180],
        ["press/state#on", "boolean", true],
        ['press/state#["a.b"]', "text", "x"],
        ["press/temp", "number", 21.5],
      ],
    )
  })

  test("a wrong password, an unknown authority and a missing one are told apart", async () => {
    await using rig = await makeRig()
    const tls = await makeCertificates(rig.folder)
    await using elsewhere = await startMosquitto(rig.folder, { tls })
    const secured = (given: Record<string, unknown>) => open(optionsOf(elsewhere.port, given), rig)
    for (const host of ["localhost", "127.0.0.1"]) {
      const broker = `mqtts://${host}:${elsewhere.port}`
      await (await secured({ broker, ca: "ca.pem" })).close()
      await assert.rejects(secured({ broker, ca: "ca.pem", password: "guessed" }), (problem) => {
        assert(problem instanceof Error)
        assert.doesNotMatch(problem.message, /guessed/)
        assert.equal((problem as { code?: string }).code, "credentials-refused")
        return true
      })
      await assert.rejects(secured({ broker }), { code: "certificate-refused" })
      await assert.rejects(secured({ broker, ca: "none.pem" }), { code: "config-unreadable" })
    }
  })

  test("it publishes the will when the line is cut, and not after a goodbye", async () => {
    await using rig = await makeRig()
    await using elsewhere = await startMosquitto(rig.folder)
    const watch = await open(optionsOf(elsewhere.port, { "client-id": "watch" }), rig)
    const got: string[] = []
    await watch.follow("will/#", ({ topic }) => void got.push(topic), never())
    const will = (topic: string) =>
      ({ topic, payload: Buffer.from("0"), qos: 1, retain: false }) as const
    const open2 = (id: string, topic: string) =>
      openBus(optionsOf(elsewhere.port, { "client-id": id }), rig.host, {
        signal: never(),
        will: will(topic),
      })
    await (await open2("polite", "will/polite")).close()
    const taken = await open2("same", "will/taken")
    const taker = await open2("same", "will/taker")
    assert.match((await taken.lost).message, /closed the connection/)
    await until("the will of the line that was taken over", () => got.length > 0)
    assert.deepEqual(got, ["will/taken"])
    await taker.close()
    await watch.close()
  })

  test("QoS 1 is acknowledged once those who follow have taken it", async () => {
    await using rig = await makeRig()
    // One at a time: the next is sent when the one before is acknowledged. QoS 0 is the control.
    const lines = ["max_inflight_messages 1"]
    await using elsewhere = await startMosquitto(rig.folder, { lines })
    const reader = await open(optionsOf(elsewhere.port, { "client-id": "reader" }), rig)
    const writer = await open(optionsOf(elsewhere.port, { "client-id": "writer" }), rig)
    const gate = Promise.withResolvers<void>()
    const got: string[] = []
    await reader.follow("slow", () => gate.promise, never())
    await reader.follow("quick", ({ qos }) => void got.push(`QoS ${qos}`), never())
    const tell = (topic: string, qos: 0 | 1) =>
      writer.publish({ topic, payload: Buffer.from("1"), qos, retain: false })
    await tell("slow", 1)
    await tell("quick", 1)
    await tell("quick", 0)
    await until("the unacknowledged one passes", () => got.length > 0)
    assert.deepEqual(got, ["QoS 0"])
    gate.resolve()
    await until("the other comes", () => got.length === 2)
    assert.deepEqual(got, ["QoS 0", "QoS 1"])
    await reader.close()
    await writer.close()
  })

  test("more messages than are taken at once wait, in their order, and the line stays", async () => {
    await using rig = await makeRig()
    await using elsewhere = await startMosquitto(rig.folder)
    const reader = await open(optionsOf(elsewhere.port, { "client-id": "reader" }), rig)
    const writer = await open(optionsOf(elsewhere.port, { "client-id": "writer" }), rig)
    const gate = Promise.withResolvers<void>()
    const got: number[] = []
    const take = async ({ payload }: { payload: Uint8Array }) => {
      await gate.promise
      got.push(Number(textOf(payload)))
    }
    await reader.follow("n", take, never())
    const count = 3000
    for (let i = 0; i < count; i++)
      await writer.publish({ topic: "n", payload: Buffer.from(String(i)), qos: 0, retain: false })
    // Twice as long as the broker would wait for a sign of life.
    const lost = reader.lost.then(() => "lost")
    const rest = rig.host.clock.sleep(3000).then(() => "stays")
    assert.equal(await Promise.race([lost, rest]), "stays")
    gate.resolve()
    await until("all are there", () => got.length === count)
    assert.deepEqual(
      got,
      Array.from({ length: count }, (_, i) => i),
    )
    await reader.close()
    await writer.close()
  })
})
