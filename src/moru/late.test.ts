import assert from "node:assert/strict"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { test } from "node:test"
import { until } from "../../test/support/until.ts"
import type { GapCause, KnownGap } from "../connect/gap.ts"
import { SimulatedClock } from "../kernel/clock/simulated.ts"
import { nodeFiles } from "../kernel/files/node.ts"
import { silentLog } from "../kernel/log.ts"
import { seededRandom } from "../kernel/random.ts"
import { parsePath } from "../model/path.ts"
import { keepAll, type Plant } from "../model/plant.ts"
import type { Tag } from "../model/tag.ts"
import { completenessOf } from "../serve/report/completeness.ts"
import { Reports } from "../serve/report/reports.ts"
import type { LedgerKind } from "../store/ledger.ts"
import { openStore } from "../store/sqlite/store.ts"
import { type Loop, openLoop } from "./loop.ts"

const equipment = parsePath("site/m1")
const temperature = parsePath("site/m1/temperature")
const mode = parsePath("site/m1/mode")
const signal = new AbortController().signal
const start = 1_700_000_000_000

const tag = {
  ...{ equipment, kind: "number", unit: "1", name: { en: "a tag" }, decimals: 1 },
  ...{ staleAfterMs: 10_000, limits: [] },
} as const satisfies Partial<Tag>

const plant: Plant = {
  name: { en: "A shop" },
  timezone: "Asia/Seoul",
  equipment: [{ path: equipment, level: "unit", name: { en: "Machine 1" } }],
  tags: [
    {
      ...tag,
      path: temperature,
      limits: [
        {
          ...{ side: "high", at: 235, priority: 2, onDelayMs: 0, offDelayMs: 0, deadband: 4 },
          suppressedIn: [],
        },
      ],
    },
    { ...tag, path: mode },
  ],
  devices: [
    {
      name: "m1",
      connector: "http",
      options: { "receive-token": "secret-of-a-machine", time: "at", "time-form": "ms" },
      points: [
        { tag: temperature, address: "temperature" },
        { tag: mode, address: "mode" },
      ],
      records: [],
    },
  ],
  cycles: [],
  states: [{ equipment, tag: mode, values: { 1: "running", 2: "stopped" } }],
  analysers: [],
  deciders: [],
  network: { allow: [], deny: [] },
  machines: [],
  storage: keepAll,
}

/** A plant in a folder, whose one machine sends documents of its own accord. */
async function openPlant(folder: string, clock: SimulatedClock) {
  const [files, log] = [nodeFiles, silentLog]
  const store = await openStore({ folder, node: "plant", clock, files, log })
  const random = seededRandom(1)
  const loop = await openLoop(
    { plant, plantFolder: folder, folder, store, clock, random, files, log },
    signal,
  )
  await until(
    "the device takes messages",
    () => loop.connections.devices()[0]?.state === "connected",
  )
  return {
    ...{ loop, store },
    send: (document: object) =>
      loop.connections.receive("m1", {
        authorization: "Bearer secret-of-a-machine",
        body: Buffer.from(JSON.stringify(document)),
      }),
    /** Each second a document with the temperature, as of its own time. */
    async sendSeconds(from: number, to: number, values: object = { temperature: 200, mode: 1 }) {
      for (let at = from; at < to; at += 1000) await this.send({ at, ...values })
    },
    async close() {
      await loop.stop()
      await store.close()
    },
  }
}

/** Late data is gathered for a moment before it is worked in. */
async function settle(loop: Loop, clock: SimulatedClock): Promise<void> {
  await clock.advance(2100)
  for (const part of loop.parts)
    if ("settled" in part && part.name === "late data")
      await (part as unknown as { settled(): Promise<void> }).settled()
}

const gapsOf = async (loop: Loop, because: GapCause): Promise<readonly KnownGap[]> =>
  (await loop.connections.gaps()).filter((gap) => gap.because === because)

const kindsOf = async (loop: Loop, kinds: readonly LedgerKind[]) =>
  (await loop.store.ledger.list({ kinds, limit: 100 })).toReversed()

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "moru-late-"))
  try {
    await work(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

test("the time that Moru was off is a gap until late data fills it; then everything of that time is computed again and nothing that a person saw is rewritten", () =>
  inFolder(async (folder) => {
    const clock = new SimulatedClock(start)
    const first = await openPlant(folder, clock)
    await first.sendSeconds(start, start + 30_000)
    await clock.advance(30_000)
    await first.close()

    await clock.advance(60_000)
    const plant2 = await openPlant(folder, clock)
    const { loop, store } = plant2
    const back = start + 90_000
    await plant2.sendSeconds(back, back + 10_000)
    await clock.advance(10_000)
    const [gap] = await gapsOf(loop, "restart")
    assert(gap?.to !== undefined, "the gap is closed by the first value")
    assert.deepEqual([gap.from, gap.to], [start + 29_000, back])
    assert.deepEqual(gap.equipment, [equipment])

    const span = { from: start + 20_000, to: back + 5000 }
    const parts = {
      ...{ plant: () => plant, namespace: loop.namespace, history: loop.history, clock },
      gaps: { list: () => loop.connections.gaps() },
    }
    const before = await completenessOf({ span }, parts, signal)
    assert.equal(before.verdict, "missing")
    assert.equal(before.devices[0]?.gaps[0]?.id, gap.id)
    const reports = new Reports(store)
    const issued = await reports.issue({
      id: "r-1",
      at: clock.now(),
      by: "person-1",
      report: before,
    })
    const meanBefore = await meanOf(loop, span)

    await plant2.sendSeconds(start + 30_000, back, { temperature: 260, mode: 2 })
    await settle(loop, clock)

    const [late] = await kindsOf(loop, ["late.arrived"])
    assert.deepEqual([late?.subject, late?.body.rows], [equipment, 120])
    assert.deepEqual([late?.body.from, late?.body.to], [start + 30_000, back - 1000 + 1])
    const [filled] = await gapsOf(loop, "restart")
    assert.deepEqual([filled?.left, filled?.from, filled?.to], [[], gap.from, gap.to])
    const [said] = await kindsOf(loop, ["gap.filled"])
    assert.deepEqual(said?.causes, [gap.id, late?.id])
    const [states] = await kindsOf(loop, ["state.superseded"])
    const spans = states?.body.spans as readonly { state: string }[]
    assert(
      spans.some(({ state }) => state === "stopped"),
      "the states say what happened",
    )
    const now = await loop.states.spans(
      equipment,
      { from: start + 40_000, to: start + 50_000 },
      signal,
    )
    assert.deepEqual(
      now.map(({ state }) => state),
      ["stopped"],
    )
    assert((await meanOf(loop, span)) > meanBefore + 20, "figures are computed on reading")
    assert.equal(loop.namespace.latest(loop.namespace.idOf(temperature) ?? 0)?.value, 200)

    const after = await completenessOf({ span }, parts, signal)
    assert.equal(after.verdict, "complete")
    const kept = await reports.get("r-1")
    assert.deepEqual(kept.report, issued.report)
    assert.equal(kept.annotations[0]?.late, late?.id)
    const [annotated] = await kindsOf(loop, ["report.annotated"])
    assert.deepEqual(annotated?.causes, [issued.record, late?.id])
    await plant2.close()
  }))

test("late data that fills a part of a gap leaves the rest, and the rest is filled later", () =>
  inFolder(async (folder) => {
    const clock = new SimulatedClock(start)
    const first = await openPlant(folder, clock)
    await first.sendSeconds(start, start + 10_000)
    await clock.advance(10_000)
    await first.close()
    await clock.advance(100_000)
    const plant2 = await openPlant(folder, clock)
    const { loop } = plant2
    const back = start + 110_000
    await plant2.sendSeconds(back, back + 2000)
    await plant2.sendSeconds(start + 10_000, start + 60_000)
    await settle(loop, clock)
    const [shrunk] = await gapsOf(loop, "restart")
    assert.equal(shrunk?.left?.length, 1)
    assert(Math.abs((shrunk?.left?.[0]?.from ?? 0) - (start + 60_000)) < 3000)
    assert.equal(shrunk?.left?.[0]?.to, back)
    await plant2.sendSeconds(start + 60_000, back)
    await settle(loop, clock)
    const [filled] = await gapsOf(loop, "restart")
    assert.deepEqual(filled?.left, [])
    const kinds = (await kindsOf(loop, ["gap.shrunk", "gap.filled"])).map(({ kind }) => kind)
    assert.deepEqual(kinds, ["gap.shrunk", "gap.filled"])
    await plant2.close()
  }))

test("a step of the clock is a record, and what comes after it is shown and kept", () =>
  inFolder(async (folder) => {
    const clock = new SimulatedClock(start)
    const plant1 = await openPlant(folder, clock)
    const { loop } = plant1
    const id = loop.namespace.idOf(temperature) ?? 0
    await plant1.send({ at: clock.now(), temperature: 200 })
    for (const [hours, value] of [
      [1, 201],
      [-2, 202],
    ] as const) {
      const before = clock.now()
      clock.jump(hours * 3_600_000)
      await clock.advance(1000)
      const jumps = await until("it is recorded", async () => {
        const found = await gapsOf(loop, "clock-jump")
        return found.length === (hours === 1 ? 1 : 2) && found
      })
      assert.equal(jumps.at(-1)?.setByMs, hours * 3_600_000)
      assert.equal(jumps.at(-1)?.device, "clock")
      assert.equal(Math.abs(clock.now() - before - 1000), Math.abs(hours * 3_600_000))
      await plant1.send({ at: clock.now(), temperature: value })
      assert.equal(loop.namespace.latest(id)?.value, value)
    }
    const kept: number[] = []
    const always = { tags: [id], from: 0, to: Number.MAX_SAFE_INTEGER }
    for await (const { value } of loop.history.read(always, signal)) kept.push(...value)
    assert.deepEqual([...new Set(kept)].toSorted(), [200, 201, 202])
    await plant1.close()
  }))

async function meanOf(loop: Loop, span: { from: number; to: number }): Promise<number> {
  const tags = [loop.namespace.idOf(temperature) ?? 0]
  for await (const { mean } of loop.history.aggregate({ tags, ...span }, 1, signal))
    return mean[0] ?? Number.NaN
  return Number.NaN
}
