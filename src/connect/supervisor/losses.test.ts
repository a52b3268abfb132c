import assert from "node:assert/strict"
import { test } from "node:test"
import { until } from "../../../test/support/until.ts"
import { Metrics } from "../../kernel/metrics.ts"
import { BlockWriter } from "../../model/block.ts"
import { Problem } from "../../model/problem.ts"
import { quality } from "../../model/quality.ts"
import {
  type Connector,
  type Deliver,
  type Delivery,
  liveSource,
  type Wanted,
} from "../connector.ts"
import type { KnownGap } from "../gap.ts"
import { equipment, makeRig, type Rig, tagOf } from "../testing/rig.ts"
import { Connections } from "./connections.ts"

const source = liveSource({ device: "m1", epoch: "e" })
const full = new Problem("storage-full", "history", "got no room")

/** A device whose values a test hands over, and a store that is full when the test says so. */
async function open(rig: Rig) {
  let deliver: Deliver | undefined
  const state = { full: false, tries: 0 }
  const connector = {
    ...{ type: "test", summary: "", evidence: "simulated", options: {} },
    create: () => ({
      connect: async () => {},
      close: async () => {},
      follow: async (_wanted: Wanted, given: Deliver, _resume: unknown, signal: AbortSignal) => {
        deliver = given
        await new Promise<void>((end) => signal.addEventListener("abort", () => end()))
      },
    }),
  } as unknown as Connector
  const tag = tagOf("temp")
  const point = { id: rig.host.registry.tagId(tag.path, tag.kind), tag, address: "t" }
  const { clock, random, log, files, registry, network } = rig.host
  const connections = new Connections({
    devices: [
      {
        name: "m1",
        connector: "test",
        options: {},
        points: [{ tag: tag.path, address: "t" }],
        records: [],
      },
    ],
    ...{ cycles: [], connectors: { test: async () => connector }, clock, random, log, files },
    ...{ registry, network, metrics: new Metrics(), trust: rig.trust, store: rig.store },
    ...{ tags: () => point, folder: rig.folder, plantFolder: rig.folder },
    deliver: async (delivery) => {
      state.tries += 1
      if (state.full) throw full
      await rig.sink.deliver(delivery)
    },
    ...{ lastSequence: rig.sink.lastSequence, lastRow: rig.sink.lastRow, lastAt: rig.sink.lastAt },
    silences: async () => ({ left: [], rows: 0 }),
  })
  await connections.start()
  await until("it is followed", () => deliver !== undefined)
  let next = 0
  const rows = (count: number, at: number) => {
    const writer = new BlockWriter(count)
    for (let i = 0; i < count; i++) writer.add(point.id, at + i, i, quality.good)
    const block = writer.take({ source, sequence: next, received: at })
    next += count
    return block
  }
  const send = (delivery: Delivery) => (deliver as Deliver)(delivery)
  const gaps = () => rig.store.list<KnownGap>("gap")
  return { connections, state, rows, send, gaps }
}

test("what comes while the disk is full is a gap with its size where the machine keeps nothing, and the line stands", async () => {
  await using rig = await makeRig()
  const { connections, state, rows, send, gaps } = await open(rig)
  const at = Date.now()
  await send({ block: rows(2, at) })
  state.full = true
  await send({ block: rows(5, at + 1000) })
  await send({ block: rows(3, at + 2000) })
  const [health] = connections.devices()
  assert.deepEqual([health?.state, health?.problem?.code], ["connected", "storage-full"])
  state.full = false
  await send({ block: rows(1, at + 3000) })
  const [gap, ...more] = await gaps()
  assert.deepEqual(more, [])
  assert.deepEqual(
    [gap?.because, gap?.from, gap?.to, gap?.size, gap?.equipment],
    ["storage-full", at + 1000, at + 3000, 8, [equipment]],
  )
  assert.equal(connections.devices()[0]?.problem, undefined)
  assert.equal(rig.sink.rows.length, 3)
  await connections.stop()
})

test("who keeps what was not stored gets it back, and loses nothing", async () => {
  await using rig = await makeRig()
  const { connections, state, rows, send, gaps } = await open(rig)
  state.full = true
  const block = rows(4, Date.now())
  await assert.rejects(send({ block, kept: true }), (thrown) => thrown === full)
  state.full = false
  await send({ block, kept: true })
  assert.equal(rig.sink.rows.length, 4)
  assert.deepEqual(await gaps(), [])
  await connections.stop()
})

test("a numbered buffer waits until there is room", async () => {
  await using rig = await makeRig()
  const { connections, state, rows, send, gaps } = await open(rig)
  state.full = true
  const shots = { ...rows(4, Date.now()), source: "m1/shots@e" as typeof source }
  const sent = send({ block: shots })
  await until("it was tried again", () => state.tries >= 2)
  state.full = false
  await sent
  assert.equal(rig.sink.rows.length, 4)
  assert.deepEqual(await gaps(), [])
  await connections.stop()
})

test("values that were refused are one gap with their number, until none is refused for a while", async () => {
  await using rig = await makeRig()
  const { connections, rows, send, gaps } = await open(rig)
  const at = Date.now() - 200_000
  const refused = [
    new Problem("value-refused", "m1", "got a word"),
    new Problem("point-unknown", "m1", "no"),
  ]
  await send({ block: rows(2, at), refused })
  await send({ block: rows(2, at + 1000), refused: refused.slice(0, 1) })
  const [open1] = await gaps()
  assert.deepEqual([open1?.because, open1?.to], ["refused", undefined])
  await send({ block: rows(1, at + 2000) })
  const [gap, ...more] = await gaps()
  assert.deepEqual(more, [])
  assert.deepEqual([gap?.from, gap?.to, gap?.size], [at, at + 1001, 2])
  await connections.stop()
})
