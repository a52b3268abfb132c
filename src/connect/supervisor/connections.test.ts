import assert from "node:assert/strict"
import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { suite, test } from "node:test"
import { DataType } from "node-opcua"
import { freePort } from "../../../test/support/free-port.ts"
import { until } from "../../../test/support/until.ts"
import { Metrics } from "../../kernel/metrics.ts"
import type { Path } from "../../model/path.ts"
import type { CycleConfig, DeviceConfig } from "../../model/plant.ts"
import { Problem } from "../../model/problem.ts"
import type { Tag } from "../../model/tag.ts"
import type { DeviceHealth } from "../connector.ts"
import type { KnownGap } from "../gap.ts"
import { address, startServer } from "../opcua/testing/server.ts"
import { connectors } from "../registry.ts"
import { equipment, makeRig, type Rig, tagOf } from "../testing/rig.ts"
import { Connections } from "./connections.ts"

const opcua = (port: number, options: object = {}) => ({
  endpoint: `opc.tcp://127.0.0.1:${port}`,
  security: "none",
  policy: "Basic256Sha256",
  "publishing-interval": "20ms",
  "sampling-interval": "0ms",
  outage: "10s",
  timeout: "5s",
  ...options,
})

const writable = { min: 0, max: 100, maxStep: 100, minIntervalMs: 0, interlocks: [] }

const tags: readonly Tag[] = [
  tagOf("temp"),
  tagOf("flow", { writable }),
  tagOf("shots/a"),
  tagOf("other"),
]

const points = [
  { tag: `${equipment}/temp` as Path, address: address("Temp") },
  { tag: `${equipment}/flow` as Path, address: address("Flow") },
]

const records = [
  {
    name: "shots",
    equipment,
    address: address("Shots"),
    fields: [{ name: "a", address: "A", tag: `${equipment}/shots/a` as Path }],
  },
]

function deviceOf(name: string, given: Partial<DeviceConfig>): DeviceConfig {
  return { name, connector: "opcua", options: {}, points: [], records: [], ...given }
}

function connectionsOf(rig: Rig, devices: readonly DeviceConfig[], cycles: CycleConfig[] = []) {
  const metrics = new Metrics()
  const { clock, random, log, files, registry } = rig.host
  const tagsOf = (path: Path) => {
    const tag = tags.find((t) => t.path === path)
    return tag && { id: registry.tagId(path, tag.kind), tag }
  }
  for (const tag of tags) rig.sink.know([{ ...tagOf("x"), ...pointOf(tag) }])
  function pointOf(tag: Tag) {
    return { id: registry.tagId(tag.path, tag.kind), tag, address: "" }
  }
  const connections = new Connections({
    devices,
    cycles,
    tags: tagsOf,
    connectors,
    clock,
    random,
    log,
    files,
    folder: join(rig.folder, "devices"),
    plantFolder: rig.folder,
    registry,
    trust: rig.trust,
    network: rig.host.network,
    store: rig.store,
    metrics,
    deliver: rig.sink.deliver,
    lastSequence: rig.sink.lastSequence,
    lastRow: rig.sink.lastRow,
    lastAt: rig.sink.lastAt,
    silences: async () => ({ left: [], rows: 0 }),
  })
  return { connections, metrics }
}

const stateOf = (connections: Connections, device: string) =>
  connections.devices().find((d) => d.device === device)

const signal = new AbortController().signal

suite("the devices of a plant", () => {
  test("a machine that is killed and started again comes back by itself: nothing of its ring is lost, its live values have a gap", async () => {
    await using rig = await makeRig()
    const port = await freePort()
    const ring = { capacity: 100, epoch: "e1", fields: { A: DataType.Double } }
    const shot = (n: number) => ({ at: Date.now() - 1000 + n, values: { A: n } })
    const first = await startServer({ folder: rig.folder, port, ring })
    const setAt = Date.now()
    first.set("Temp", 20, { at: setAt })
    first.set("Flow", 40, { at: setAt })
    first.shoot(shot(1), shot(2))
    const device = deviceOf("m1", { options: opcua(port), points, records })
    const { connections, metrics } = connectionsOf(rig, [device])
    const states: string[] = []
    connections.onHealth(({ state }) => states.push(state))
    await connections.start()
    await until(
      "all is there",
      () => rig.sink.of("flow").length >= 1 && rig.sink.cycles.length === 2,
    )
    await first.stop()
    await until("the loss is noticed", () => stateOf(connections, "m1")?.state === "lost")
    await until(
      "the values are marked",
      () => rig.sink.of("temp").at(-1)?.quality === "badNotConnected",
    )
    assert.equal(rig.sink.of("temp").at(-1)?.value, 20)
    assert.equal(connections.health().state, "degraded")
    const [open] = await rig.store.list<KnownGap>("gap")
    assert.equal(open?.because, "connection-lost")
    assert.equal(open?.to, undefined)

    const before = [1, 2, 3, 4, 5].map(shot)
    await using second = await startServer({ folder: rig.folder, port, ring: { ...ring, before } })
    second.set("Temp", 21)
    second.set("Flow", 40, { at: setAt })
    await until("it is back", () => stateOf(connections, "m1")?.state === "connected")
    await until("all cycles are there", () => rig.sink.cycles.length === 5)
    assert.deepEqual(
      rig.sink.cycles.map(({ sequence }) => sequence),
      [1, 2, 3, 4, 5],
    )
    await until("an unchanged value stands again", () => {
      const last = rig.sink.of("flow").at(-1)
      return last?.quality === "good" && last.at > setAt
    })
    const gap = await until("the gap is closed", async () =>
      (await rig.store.list<KnownGap>("gap")).find(({ to }) => to !== undefined),
    )
    assert((gap.to ?? 0) >= gap.from)
    const kinds = (await rig.store.ledger.list({ subject: "m1", limit: 10 })).map((r) => r.kind)
    assert.deepEqual(kinds, ["gap.closed", "gap.opened"])
    await connections.stop()
    assert.equal(rig.sink.doubles, 0)
    assert.deepEqual(
      states.filter((s, i, all) => s !== "connecting" && s !== all[i - 2]),
      ["connected", "lost", "connected", "stopped"],
    )
    assert.equal(stateOf(connections, "m1")?.reconnects, 1)
    assert.equal(metrics.get("moru_device_cycles_total", { device: "m1" }), 5)
  })

  test("how long nobody listened is a gap after Moru was stopped and started again", async () => {
    await using rig = await makeRig()
    await using server = await startServer({ folder: rig.folder })
    server.set("Temp", 20)
    server.set("Flow", 40)
    const device = deviceOf("m1", { options: opcua(server.port), points })
    const first = connectionsOf(rig, [device]).connections
    await first.start()
    await until("it is followed", () => rig.sink.of("temp").length > 0)
    await first.stop()
    const stopped = Date.now()
    const second = connectionsOf(rig, [device]).connections
    await second.start()
    await until("it is connected", () => stateOf(second, "m1")?.state === "connected")
    server.set("Temp", 22)
    const gap = await until("the gap is closed", async () =>
      (await rig.store.list<KnownGap>("gap")).find(({ to }) => to !== undefined),
    )
    assert.equal(gap.because, "restart")
    assert(gap.from <= stopped)
    await second.stop()
  })

  test("one device that cannot connect holds up no other, and says what to do", async () => {
    await using rig = await makeRig()
    await writeFile(join(rig.folder, "shots.csv"), "datetime,A\n2026-01-05 08:00:00,1\n")
    const file = { files: "shots.csv", zone: "UTC", speed: "max", columns: {} }
    const { connections } = connectionsOf(rig, [
      deviceOf("dead", { options: opcua(await freePort()), points }),
      deviceOf("odd", { connector: "opcau" }),
      deviceOf("tape", {
        connector: "replay",
        options: file,
        records: records.map((record) => ({ ...record, address: "" })),
      }),
    ])
    await connections.start()
    await until("the tape plays", () => rig.sink.cycles.length === 1)
    const dead = await until("it has failed", () => {
      const health = stateOf(connections, "dead")
      return health?.problem && health
    })
    assert.equal(dead.problem?.code, "connection-refused")
    assert((dead.problem?.hint.length ?? 0) > 20)
    const odd = await until("it waits", () => {
      const health = stateOf(connections, "odd")
      return health?.state === "waiting" && health.problem && health
    })
    assert.match(odd.problem?.message ?? "", /got connector "opcau", which is unknown/)
    assert.equal(stateOf(connections, "tape")?.state, "connected")
    await connections.stop()
  })

  test("a changed device begins anew and the others go on undisturbed", async () => {
    await using rig = await makeRig()
    await using server = await startServer({ folder: rig.folder })
    server.set("Temp", 20)
    server.set("Other", 5)
    const stays = deviceOf("stays", { options: opcua(server.port), points: points.slice(0, 1) })
    const changes = deviceOf("changes", { options: opcua(await freePort()) })
    const { connections } = connectionsOf(rig, [stays, changes])
    const told: DeviceHealth[] = []
    await connections.start()
    await until("it is followed", () => rig.sink.of("temp").length > 0)
    connections.onHealth((health) => told.push(health))
    const other = [{ tag: `${equipment}/other` as Path, address: address("Other") }]
    connections.update([stays, { ...changes, options: opcua(server.port), points: other }], [])
    await until("the other is followed", () => rig.sink.of("other").length > 0)
    connections.update([stays], [])
    await until("it is gone", () => told.some(({ state }) => state === "stopped"))
    assert.deepEqual(
      connections.devices().map(({ device }) => device),
      ["stays"],
    )
    assert(told.every(({ device }) => device === "changes"))
    await connections.stop()
  })

  test("a machine whose certificate is trusted at last is connected without waiting for the next try", async () => {
    await using rig = await makeRig()
    await using server = await startServer({ folder: rig.folder })
    server.set("Temp", 20)
    server.set("Flow", 40)
    const options = opcua(server.port, { security: "sign-and-encrypt" })
    const { connections } = connectionsOf(rig, [deviceOf("m1", { options, points })])
    await connections.start()
    const waiting = await until("it waits", () => {
      const health = stateOf(connections, "m1")
      return health?.state === "waiting" && health.problem && health
    })
    assert.equal(waiting.problem?.code, "certificate-untrusted")
    const [seen] = await rig.trust.list()
    await rig.trust.trust(seen?.fingerprint ?? "", "engineer-1")
    await until("it is followed", () => rig.sink.of("temp").length > 0)
    assert.equal(stateOf(connections, "m1")?.problem, undefined)
    await connections.stop()
  })
})

suite("the way of the gate to the machines", () => {
  test("a set point is written and read at the machine itself; nothing else is", async () => {
    await using rig = await makeRig()
    const server = await startServer({ folder: rig.folder })
    server.set("Temp", 20)
    server.set("Flow", 40)
    const device = deviceOf("m1", { options: opcua(server.port), points })
    const { connections } = connectionsOf(rig, [device])
    await connections.start()
    await until("it is followed", () => rig.sink.of("flow").length > 0)
    const [temp, flow] = points.map(({ tag }) => tag)
    assert(temp && flow)
    assert.equal(connections.canWrite(flow), true)
    assert.equal(connections.canWrite(temp), false)
    await connections.write({ target: flow, value: 55 }, signal)
    assert.equal(server.get("Flow"), 55)
    assert.equal(await connections.read(flow, signal), 55)
    const code = (expected: string) => (p: unknown) => p instanceof Problem && p.code === expected
    await assert.rejects(
      connections.write({ target: temp, value: 1 }, signal),
      code("write-unsupported"),
    )
    const found: string[] = []
    for await (const { name } of connections.browse("m1", signal)) found.push(name)
    assert.deepEqual(found.sort(), ["Flow", "Temp"])
    await server.stop()
    await until("the loss is noticed", () => stateOf(connections, "m1")?.state === "lost")
    await assert.rejects(
      connections.write({ target: flow, value: 60 }, signal),
      (p: Problem) => p.code === "write-failed" && /nothing was sent/.test(p.message),
    )
    await assert.rejects(connections.read(flow, signal), code("connection-lost"))
    await connections.stop()
  })
})
