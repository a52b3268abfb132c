// A foreign edge node of another language, pysparkplug, at the broker in the house and at Mosquitto.
import assert from "node:assert/strict"
import { spawn } from "node:child_process"
import { createInterface } from "node:readline"
import { suite, type TestContext, test } from "node:test"
import { until } from "../../../test/support/until.ts"
import { BlockWriter } from "../../model/block.ts"
import type { TagKind, Value } from "../../model/tag.ts"
import { startBroker } from "../broker/testing/house-broker.ts"
import { mosquittoLacks, startMosquitto } from "../broker/testing/mosquitto.ts"
import type { MessageBus } from "../bus.ts"
import { ended, hasPeer, python } from "../testing/peers.ts"
import { makeRig, type Rig } from "../testing/rig.ts"
import { plainValue } from "../values.ts"
import { Edge } from "./testing/edge.ts"
import { hostOf } from "./testing/host.ts"

const expected: readonly (readonly [name: string, kind: TagKind, value: Value])[] = [
  ["int8", "number", -8],
  ["int16", "number", -1600],
  ["int32", "number", -320000],
  ["int64", "number", -9007199254740991],
  ["uint8", "number", 200],
  ["uint16", "number", 60000],
  ["uint32", "number", 4000000000],
  ["uint64", "number", 9007199254740991],
  ["float", "number", 0.5],
  ["double", "number", 0.1],
  ["boolean", "boolean", true],
  ["string", "text", "주조"],
  ["text", "text", "long"],
  ["uuid", "text", "u-1"],
]

suite("an edge node by pysparkplug", () => {
  test("at the broker in the house: births, data, commands and its death", async (t) => {
    if (!hasPysparkplug(t)) return
    await using rig = await makeRig()
    await using house = await startBroker({ anonymous: true })
    await live(rig, { port: house.broker.port, bus: house.broker, options: {} })
  })

  test("at Mosquitto: births, data, commands and its death", async (t) => {
    if (!hasPysparkplug(t) || !hasMosquitto(t)) return
    await using rig = await makeRig()
    await using house = await startBroker()
    await using broker = await startMosquitto(rig.folder)
    const [user, password] = ["moru", "foreign-secret"]
    const options = { broker: `mqtt://127.0.0.1:${broker.port}`, user, password }
    await live(rig, { port: broker.port, bus: house.broker, options, login: [user, password] })
  })
})

test("at Mosquitto, an edge node that loses its power is dead", async (t) => {
  if (!hasMosquitto(t)) return
  await using rig = await makeRig()
  await using house = await startBroker()
  await using broker = await startMosquitto(rig.folder)
  const user = { username: "moru", password: "foreign-secret" }
  const metrics = [{ name: "x", type: "Int8", value: 1, alias: 1 }] as const
  await using edge = new Edge({ port: broker.port, user, devices: { press: metrics } })
  await edge.start()
  await using host = hostOf(rig, house.broker, {
    broker: `mqtt://127.0.0.1:${broker.port}`,
    user: "moru",
    password: "foreign-secret",
  })
  await host.connect()
  const end = host.follow(rig.point("x", "press:x"))
  await until("its value is there", () => rig.sink.of("x").at(-1)?.value === 1)
  edge.kill()
  assert.match(String(await end), /the edge node plant\/edge-1 has died/)
})

interface Place {
  readonly port: number
  readonly bus: MessageBus
  readonly options: Readonly<Record<string, unknown>>
  readonly login?: readonly string[]
}

async function live(rig: Rig, { port, bus, options, login = [] }: Place): Promise<void> {
  await using peer = startPeer(String(port), ...login)
  await until("the peer has started", () => peer.said.some(({ state }) => state === "started"))
  await using host = hostOf(rig, bus, { ...options, "read-back": "5s" })
  await host.connect()
  const points = new Map(
    expected.map(([name, kind]) => [name, rig.point(name, `press:${name}`, { kind })]),
  )
  const end = host.follow(...points.values())
  const last = (name: string) => rig.sink.of(name).at(-1)
  await until("all are there", () => expected.every(([name]) => last(name)?.quality === "good"))
  for (const [name, , value] of expected) assert.deepEqual([name, last(name)?.value], [name, value])

  const asked = () => peer.said.filter(({ node }) => node === "Node Control/Rebirth").length
  const [before, born] = [asked(), rig.sink.of("int16").length]
  const rebirth = rig.point("rebirth", ":Node Control/Rebirth", { kind: "boolean" })
  await host.device.write?.(rebirth, true, host.signal)
  await until("it was asked for its birth", () => asked() > before)
  await until("it is born again", () => rig.sink.of("int16").length > born)

  peer.tell({ name: "int16", value: -7 })
  await until("a change is there", () => last("int16")?.value === -7)
  peer.tell({ name: "int16", value: 3, historicalAt: 1_700_000_000_000 })
  await until("a value of before is there", () => last("int16")?.at === 1_700_000_000_000)
  assert.match(String(last("int16")?.source), /^m1\/history@/)

  for (const [name, value] of [
    ["int32", -99],
    ["uint32", 3_000_000_000],
    ["double", 1.25],
    ["boolean", false],
    ["string", "금형"],
  ] as const) {
    const point = points.get(name)
    assert(point)
    await host.device.write?.(point, value, host.signal)
    const into = new BlockWriter()
    await host.device.read?.([point], into, host.signal)
    const block = into.take({ source: "read@now" as never, sequence: 0, received: 0 })
    assert.equal(plainValue(block.value[0] ?? Number.NaN, point, rig.host.registry), value)
    await until("the peer says so", () =>
      peer.said.some((one) => one.device === name && one.value === value),
    )
  }

  assert.deepEqual(rig.sink.gaps, [])
  peer.child.stdin?.end()
  assert.match(String(await end), /the edge node plant\/edge-1 has died/)
}

type Said = Readonly<Record<string, unknown>>

function startPeer(...options: readonly string[]) {
  const program = new URL("testing/pysparkplug_edge.py", import.meta.url).pathname
  const child = spawn(python, [program, ...options], { stdio: ["pipe", "pipe", "inherit"] })
  const said: Said[] = []
  createInterface({ input: child.stdout }).on("line", (line) => said.push(JSON.parse(line)))
  return {
    child,
    said,
    tell: (order: Said) => child.stdin.write(`${JSON.stringify(order)}\n`),
    [Symbol.asyncDispose]: () => ended(child),
  }
}

function hasPysparkplug(t: TestContext): boolean {
  return hasPeer("import pysparkplug", "pip install pysparkplug", t)
}

function hasMosquitto(t: TestContext): boolean {
  const lacks = mosquittoLacks()
  if (lacks !== undefined) t.skip(lacks)
  return lacks === undefined
}
