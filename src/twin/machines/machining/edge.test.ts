// The cell's edge node at Mosquitto, its births read by a foreign Sparkplug library.
import assert from "node:assert/strict"
import { after, before, suite, test } from "node:test"
import { connectAsync, type MqttClient } from "mqtt"
import { get } from "sparkplug-payload"
import { until } from "../../../../test/support/until.ts"
import { decodePayload, encodePayload } from "../../../codec/sparkplug.ts"
import type { Payload } from "../../../codec/sparkplug-payload.ts"
import {
  encodeState,
  type MessageType,
  parseTopic,
  stateTopic,
} from "../../../codec/sparkplug-topic.ts"
import {
  type Mosquitto,
  mosquittoLacks,
  startMosquitto,
} from "../../../connect/broker/testing/mosquitto.ts"
import { giveOrder } from "../control-client.ts"
import type { SpawnedMachine } from "../spawn.ts"
import { plantStart, Workshop } from "../testing/machine.ts"

interface Heard {
  readonly type: MessageType
  readonly device: string
  readonly bytes: Uint8Array
  readonly payload: Payload
}

const login = { username: "moru", password: "foreign-secret" }

/** Whoever listens to everything, and may command. */
class Listener {
  readonly heard: Heard[] = []
  readonly #client: MqttClient

  private constructor(client: MqttClient) {
    this.#client = client
    client.on("message", (topic, bytes) => {
      const at = parseTopic(topic)
      if (!at) return
      const { type, device = "" } = at
      this.heard.push({ type, device, bytes, payload: decodePayload(bytes, topic) })
    })
  }

  static async at(port: number): Promise<Listener> {
    const client = await connectAsync(`mqtt://127.0.0.1:${port}`, login)
    const listener = new Listener(client)
    await client.subscribeAsync("spBv1.0/moru/#", { qos: 1 })
    return listener
  }

  /** Numbers of the messages that count, in their order. */
  get seqs(): number[] {
    return this.heard.flatMap(({ payload }) => payload.seq ?? [])
  }

  of(type: MessageType): Heard[] {
    return this.heard.filter((one) => one.type === type)
  }

  /** What the last births say: names by alias. */
  names(): Map<number, string> {
    const births = this.heard.filter(({ type }) => type.endsWith("BIRTH"))
    const metrics = births.flatMap(({ payload }) => payload.metrics)
    return new Map(metrics.map(({ alias, name = "" }) => [Number(alias), name]))
  }

  /** The newest value of a device's metric. */
  value(device: string, metric: string): unknown {
    const names = this.names()
    for (const { payload, device: from } of [...this.heard].reverse()) {
      if (from !== device) continue
      const found = payload.metrics.find(
        ({ name, alias }) => (name ?? names.get(Number(alias))) === metric,
      )
      if (found) return found.value
    }
    return undefined
  }

  async command(type: "NCMD" | "DCMD", payload: Payload): Promise<void> {
    const topic = `spBv1.0/moru/${type}/machining${type === "DCMD" ? "/MC1" : ""}`
    await this.#client.publishAsync(topic, Buffer.from(encodePayload(payload)), { qos: 1 })
  }

  async state(online: boolean, timestamp: number): Promise<void> {
    const payload = Buffer.from(encodeState({ online, timestamp }))
    await this.#client.publishAsync(stateTopic("boss"), payload, { qos: 1, retain: true })
  }

  async close(): Promise<void> {
    await this.#client.endAsync()
  }
}

const lacks = mosquittoLacks()
const births = 3

suite("a machining cell as a Sparkplug B edge node at Mosquitto", { skip: lacks ?? false }, () => {
  let workshop: Workshop
  let broker: Mosquitto
  let listener: Listener
  let cell: SpawnedMachine
  const startedAt = Date.now()
  const speed = 20

  async function start(options: Record<string, unknown> = {}) {
    const usual = {
      broker: `mqtt://127.0.0.1:${broker.port}`,
      user: "moru",
      password: "foreign-secret",
    }
    return workshop.start(
      "machining",
      { port: undefined, "control-port": 0, ...usual, ...options },
      { name: "cell-1", speed, startedAt },
    )
  }

  const order = (fault: Parameters<typeof giveOrder>[1]["fault"], state: "on" | "off") =>
    giveOrder(Number(cell.ready.control?.split(":")[1]), { fault, state, severity: 1 })
  const isBorn = (count = 1) => until("it is born", () => listener.of("DBIRTH").length >= 2 * count)

  before(async () => {
    workshop = await Workshop.open()
    broker = await startMosquitto(workshop.folder)
    listener = await Listener.at(broker.port)
    cell = await start()
    await isBorn()
  })

  after(async () => {
    await listener.close()
    await workshop.close()
    await broker[Symbol.asyncDispose]()
  })

  test("a foreign library reads its births: all metrics with type, alias and unit", () => {
    const read = (heard: Heard | undefined) => {
      const library = get("spBv1.0")
      assert.ok(heard && library)
      return library.decodePayload(heard.bytes)
    }
    const node = read(listener.of("NBIRTH")[0])
    const names = (node.metrics ?? []).map(({ name }) => name)
    assert.deepEqual(names, ["bdSeq", "Node Control/Rebirth", "Parts/Waiting"])
    assert.equal(Number(node.seq), 0)
    const [first, second] = listener.of("DBIRTH")
    assert.deepEqual([first?.device, second?.device], ["MC1", "MC2"])
    const metrics = read(first).metrics ?? []
    const load = metrics.find(({ name }) => name === "Spindle/Load")
    assert.equal(load?.type, "Float")
    assert.equal(load?.properties?.engUnit?.value, "%")
    const aliases = [first, second].flatMap((one) =>
      (read(one).metrics ?? []).map(({ alias }) => Number(alias)),
    )
    assert.equal(new Set(aliases).size, aliases.length)
    assert.equal(metrics.length, 17)
  })

  test("its messages are numbered without a gap", async () => {
    await until("there are some", () => listener.heard.length > 40)
    const { seqs } = listener
    for (const [i, seq] of seqs.entries()) assert.equal(seq, i % 256)
  })

  test("data tells by alias what has changed, in plant time, and both machines make parts", async () => {
    const [data] = listener.of("DDATA")
    assert.ok(data?.payload.metrics.every(({ name, type, alias }) => alias && !name && !type))
    const count = (device: string) => Number(listener.value(device, "Part/Counter"))
    await until("parts are made", () => count("MC1") > 0 && count("MC2") > 0)
    const at = data?.payload.timestamp ?? 0
    assert.ok(Math.abs(at - (plantStart + (Date.now() - startedAt) * speed)) < 3_600_000)
  })

  test("asked for a rebirth it tells everything again, numbered from 0", async () => {
    const before = listener.heard.length
    const metrics = [{ name: "Node Control/Rebirth", type: "Boolean", value: true } as const]
    await listener.command("NCMD", { metrics })
    await until("it is reborn", () => listener.of("DBIRTH").length === 4)
    const again = listener.heard.slice(before).filter(({ type }) => type.endsWith("BIRTH"))
    assert.deepEqual(
      again.map(({ type, payload }) => [type, payload.seq]),
      [
        ["NBIRTH", 0],
        ["DBIRTH", 1],
        ["DBIRTH", 2],
      ],
    )
    const bdSeqs = listener.of("NBIRTH").map(({ payload }) => payload.metrics[0]?.value)
    assert.equal(bdSeqs[0], bdSeqs[1], "the connection is the same")
  })

  test("a command sets the feed; what the controller refuses shows as it was", async () => {
    const feed = (value: number) =>
      listener.command("DCMD", { metrics: [{ name: "Feed/Override", type: "Float", value }] })
    await feed(80)
    await until("it is set", () => listener.value("MC1", "Feed/Override") === 80)
    const before = listener.of("DDATA").length
    await feed(500)
    const told = () =>
      listener
        .of("DDATA")
        .slice(before)
        .some(({ payload, device }) =>
          payload.metrics.some(
            ({ alias, value }) =>
              device === "MC1" &&
              listener.names().get(Number(alias)) === "Feed/Override" &&
              value === 80,
          ),
        )
    await until("it is told again", told)
    assert.equal(listener.value("MC1", "Feed/Override"), 80)
    assert.equal(listener.value("MC2", "Feed/Override"), 100)
  })

  test("cut off, the broker tells its death; back, it is born anew and tells what was missed", async () => {
    const bdSeq = () => Number(listener.of("NBIRTH").at(-1)?.payload.metrics[0]?.value)
    const before = bdSeq()
    await order("connection-lost", "on")
    await until("it is dead", () => listener.of("NDEATH").length === 1)
    const [death] = listener.of("NDEATH")
    assert.deepEqual(
      death?.payload.metrics.map(({ name, value }) => [name, value]),
      [["bdSeq", before]],
    )
    assert.equal(death?.payload.seq, undefined)
    const diedAt = Date.now()
    await until("something happens that nobody hears", () => Date.now() - diedAt > 1000)
    const from = listener.heard.length
    await order("connection-lost", "off")
    const since = () => listener.heard.slice(from)
    const missed = () =>
      since().flatMap(({ payload }) => payload.metrics.filter((m) => m.isHistorical))
    await until("it goes on", () =>
      since().some(({ type, payload }) => type === "DDATA" && !payload.metrics[0]?.isHistorical),
    )
    assert.equal(bdSeq(), before + 1)
    assert.deepEqual(
      since()
        .slice(0, births)
        .map(({ type }) => type),
      ["NBIRTH", "DBIRTH", "DBIRTH"],
    )
    assert.deepEqual(
      since().flatMap(({ payload }) => payload.seq ?? []),
      since().map((_, i) => i),
    )
    const bornAt = since()[0]?.payload.timestamp ?? 0
    const times = new Set(missed().map(({ timestamp = 0 }) => timestamp))
    assert.ok(times.size >= 5, `${times.size} times`)
    for (const at of times) assert.ok(at <= bornAt && at > bornAt - 120_000, `${bornAt - at}`)
  })

  test("a clock that is an hour fast shows in its times", async () => {
    await order("clock-wrong", "on")
    const fast = () => {
      const at = listener.of("DDATA").at(-1)?.payload.timestamp ?? 0
      return at - (plantStart + (Date.now() - startedAt) * speed) > 3_500_000
    }
    await until("it is fast", fast)
    await order("clock-wrong", "off")
    await until("it is right again", () => !fast())
  })

  test("a duplicate sends under the same name with numbers of its own", async () => {
    const before = listener.of("NBIRTH").length
    await order("duplicate-sender", "on")
    await until("it is born too", () => listener.of("NBIRTH").length > before)
    const from = listener.heard.length
    await until("both send", () => {
      const seqs = listener.heard.slice(from).flatMap(({ payload }) => payload.seq ?? [])
      return seqs.some((seq, i) => i > 0 && seq !== ((seqs[i - 1] ?? 0) + 1) % 256)
    })
    const deaths = listener.of("NDEATH").length
    await order("duplicate-sender", "off")
    await until("it takes its leave", () => listener.of("NDEATH").length > deaths)
  })

  test("stopped in order it says that devices and node go; after a restart bdSeq goes on", async () => {
    const bdSeq = () => Number(listener.of("NBIRTH").at(-1)?.payload.metrics[0]?.value)
    const known = listener.of("NBIRTH").length
    await listener.command("NCMD", {
      metrics: [{ name: "Node Control/Rebirth", type: "Boolean", value: true }],
    })
    await until("its own birth is the last", () => listener.of("NBIRTH").length > known)
    const [before, from] = [bdSeq(), listener.heard.length]
    await cell.stop()
    await until("it is dead", () =>
      listener.heard.slice(from).some(({ type }) => type === "NDEATH"),
    )
    const left = listener.heard.slice(from).filter(({ type }) => type.endsWith("DEATH"))
    assert.deepEqual(
      left.map(({ type, device }) => `${type} ${device}`.trim()),
      ["DDEATH MC1", "DDEATH MC2", "NDEATH"],
    )
    const count = Number(listener.value("MC1", "Part/Counter"))
    const born = listener.of("DBIRTH").length
    cell = await start()
    await until("it is born", () => listener.of("DBIRTH").length >= born + 2)
    assert.equal(bdSeq(), before + 1)
    assert.ok(Number(listener.value("MC1", "Part/Counter")) >= count)
    assert.equal(listener.value("MC1", "Feed/Override"), 80)
  })

  test("with a primary host it publishes only while that is online", async () => {
    await cell.stop()
    await listener.state(false, 1)
    const from = listener.heard.length
    cell = await start({ "primary-host": "boss" })
    await order("clock-wrong", "off")
    assert.equal(listener.heard.length, from, "nothing before the host is there")
    const onlineAt = plantStart + (Date.now() - startedAt) * speed
    await listener.state(true, 2)
    await until(
      "it is born",
      () => listener.heard.slice(from).filter(({ type }) => type === "DBIRTH").length === 2,
    )
    const bornAt = listener.of("NBIRTH").at(-1)?.payload.timestamp ?? 0
    assert.ok(bornAt >= onlineAt - 1000, `${bornAt - onlineAt}`)
    await listener.state(false, 3)
    await until("it goes with its host", () =>
      listener.heard.slice(from).some(({ type }) => type === "NDEATH"),
    )
  })
})
