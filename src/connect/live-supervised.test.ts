// Two machines of a kind under the real supervisor: what happens to one is a gap of its own and nothing to the other.
import assert from "node:assert/strict"
import { after, before, suite, test } from "node:test"
import { until } from "../../test/support/until.ts"
import { Metrics } from "../kernel/metrics.ts"
import type { Path } from "../model/path.ts"
import type { DeviceConfig } from "../model/plant.ts"
import { Connections } from "./supervisor/connections.ts"
import { type LiveMachine, liveKinds } from "./testing/live.ts"
import { makeRig, type Rig } from "./testing/rig.ts"

const names = ["a", "b"] as const
type Name = (typeof names)[number]

for (const kind of liveKinds) {
  suite(`two machines of type ${kind.type}`, { skip: kind.missing?.() ?? false }, () => {
    let rigs: Record<Name, Rig>
    let machines: Record<Name, LiveMachine>
    let connections: Connections

    const shows = (name: Name, value: number) => () => {
      const row = rigs.a.sink.of(`${name}/number`).filter((r) => r.source.includes("/live@"))
      return row.at(-1)?.value === value
    }
    const gapsOf = async (name: Name) =>
      (await connections.gaps()).filter(({ device }) => device === name)
    const health = (name: Name) => connections.devices().find(({ device }) => device === name)

    /** What happens to the one is over when it delivers again; the other goes on meanwhile. */
    async function harm(value: number, with_: { harm: () => unknown; heal: () => unknown }) {
      const before = (await gapsOf("a")).length
      await with_.harm()
      const gap = await until("the gap is open", async () =>
        (await gapsOf("a")).slice(before).find(({ to }) => to === undefined),
      )
      await machines.b.set({ number: value })
      await until("the other goes on", shows("b", value))
      assert(health("a")?.problem, "the lost device says why")
      await machines.a.set({ number: value })
      await with_.heal()
      await until("it is back", shows("a", value))
      const closed = await until("the gap is closed", async () =>
        (await gapsOf("a")).find(({ id, to }) => id === gap.id && to !== undefined),
      )
      assert((closed.to ?? 0) >= closed.from)
    }

    before(async () => {
      rigs = { a: await makeRig("a"), b: await makeRig("b") }
      const { make } = await kind.load()
      machines = { a: await make(rigs.a), b: await make(rigs.b) }
      connections = connectionsOf(rigs.a, machines)
      for (const machine of Object.values(machines)) {
        await machine.set({ number: 1, other: 2 })
        await machine.start()
      }
      await connections.start()
      await until("both deliver", () => names.every((name) => shows(name, 1)()))
    })
    after(async () => {
      await connections.stop()
      for (const name of names) {
        await machines[name][Symbol.asyncDispose]()
        await rigs[name][Symbol.asyncDispose]()
      }
    })

    test("one is killed and starts anew", () =>
      harm(10, { harm: () => machines.a.kill(), heal: () => machines.a.start() }))

    test("the line to one is cut", () =>
      harm(11, { harm: () => machines.a.cut(), heal: () => machines.a.mend() }))

    test("one goes dead without a word", (t) => {
      const { stall } = machines.a
      if (!stall) return t.skip("this machine never speaks unasked, and is not asked")
      return harm(12, { harm: () => stall.call(machines.a), heal: () => machines.a.mend() })
    })

    test("one sends rubbish, and speaks well again", async () => {
      await machines.a.babble()
      await machines.a.set({ number: 13 })
      await machines.b.set({ number: 13 })
      await until("the other goes on", shows("b", 13))
      await until("it delivers again", shows("a", 13))
    })

    test("the other never lost a thing", async () => {
      assert.deepEqual(await gapsOf("b"), [])
      assert.equal(health("b")?.reconnects, 0)
      assert.equal(health("b")?.state, "connected")
      assert.equal(rigs.a.sink.doubles, 0)
    })
  })
}

function connectionsOf(rig: Rig, machines: Record<Name, LiveMachine>): Connections {
  const points = names.map((name) =>
    rig.point(`${name}/number`, machines[name].addresses.number, { kind: "number" }),
  )
  rig.sink.know(points)
  const devices = names.map((name, i): DeviceConfig => {
    const { options, connector } = machines[name]
    const tag = points[i]?.tag.path ?? ("" as Path)
    const address = machines[name].addresses.number
    return {
      name,
      connector: connector.type,
      options,
      points: [{ tag, address }],
      records: [],
    }
  })
  const { host, store, trust, sink } = rig
  const { clock, random, log, files, folder, plantFolder, registry, network } = host
  const { connector } = machines.a
  return new Connections({
    devices,
    cycles: [],
    tags: (path) => points.find(({ tag }) => tag.path === path),
    connectors: { [connector.type]: async () => connector },
    clock,
    random,
    log,
    files,
    folder,
    plantFolder,
    registry,
    trust,
    network,
    store,
    metrics: new Metrics(),
    deliver: sink.deliver,
    lastSequence: sink.lastSequence,
    lastRow: sink.lastRow,
    lastAt: sink.lastAt,
    silences: async () => ({ left: [], rows: 0 }),
  })
}
