import assert from "node:assert/strict"
import { test } from "node:test"
import { House } from "../../../test/support/house.ts"
import { silentLog } from "../../kernel/log.ts"
import { sourceId } from "../../model/block.ts"
import { type Cycle, cycleId } from "../../model/cycle.ts"
import { joinPath, parsePath } from "../../model/path.ts"
import type { PartConfig } from "../../model/plant.ts"
import type { Tag } from "../../model/tag.ts"
import { AnalyserRunner } from "./runner.ts"

const equipment = parsePath("demo/dc-1")
const source = sourceId({ name: "shots", epoch: "1" })
const verdict = joinPath(equipment, "shot", "verdict")
const tag: Tag = {
  ...{ path: verdict, equipment, kind: "number", unit: "1", name: { en: "Verdict" } },
  ...{ decimals: 0, staleAfterMs: 3_600_000, limits: [] },
}
const record = {
  ...{ name: "shot", equipment, address: "Shots" },
  fields: [{ name: "verdict", address: "Verdict", tag: verdict }],
}
const device = { name: "dc-1", connector: "replay", options: {}, points: [], records: [record] }
const analysers: PartConfig[] = [
  { name: "bad-run", kind: "bad-run", equipment, options: { run: 3 } },
]

function cycle(sequence: number, is: "good" | "bad"): Cycle {
  const end = 1_000_000 + sequence * 1000
  const values = { verdict: is === "bad" ? 1 : 0 }
  const id = cycleId(source, sequence)
  return { ...{ id, equipment, source, sequence, values, verdict: is }, start: end - 1000, end }
}

/** Shows the runner cycles as they come, then one that came late, and says so. */
async function withLate(first: readonly Cycle[], late: Cycle) {
  const house = await House.open([tag])
  const { namespace, history, store, clock, ids } = house
  const plant = { analysers, devices: [device], tags: [tag] }
  const runner = new AnalyserRunner({
    plant,
    namespace,
    history,
    store,
    clock,
    ids,
    log: silentLog,
  })
  await runner.start(new AbortController().signal)
  const bring = async (cycles: readonly Cycle[]) => {
    const samples = cycles.map(({ end: at, values }) => ({
      path: verdict,
      value: values.verdict ?? 0,
      at,
    }))
    await house.deliver("shots", samples, cycles)
    await runner.observe(cycles)
    await runner.settled()
  }
  await bring(first)
  const before = runner.list()
  await bring([late])
  const [arrived] = await store.commit({
    records: [{ kind: "late.arrived", subject: equipment, by: "test", causes: [], body: {} }],
  })
  const news = { record: arrived?.id ?? "", tags: [1], paths: new Set([verdict]), rows: 1 }
  const about = { equipment: new Set([equipment]), from: late.end, to: late.end + 1 }
  await runner.again({ ...news, ...about })
  const records = (await store.ledger.list({ limit: 50 })).toReversed()
  const after = runner.list()
  await runner.stop()
  await house.close()
  return { before, after, records, arrived }
}

test("a late good shot supersedes the run of bad ones that seemed to be; its record stays", async () => {
  const shots = [cycle(1, "bad"), cycle(2, "bad"), cycle(4, "bad")]
  const { before, after, records, arrived } = await withLate(shots, cycle(3, "good"))
  const [raised] = before
  assert.equal(raised?.open, true)
  assert.deepEqual(
    after.map(({ id, open }) => [id, open]),
    [[raised?.id, false]],
  )
  assert.deepEqual(
    records.map(({ kind }) => kind),
    ["finding.raised", "late.arrived", "finding.superseded"],
  )
  const said = records.at(-1)
  assert.deepEqual(said?.causes, [raised?.record, arrived?.id])
  assert.deepEqual(said?.body, { of: raised?.id, holds: false })
})

test("a late bad shot makes the finding that would have been raised, with its own time and its end", async () => {
  const shots = [cycle(1, "bad"), cycle(2, "bad"), cycle(4, "good")]
  const { before, after, records, arrived } = await withLate(shots, cycle(3, "bad"))
  assert.deepEqual(before, [])
  const [found] = after
  assert.deepEqual(
    [found?.at, found?.open, found?.closedAt],
    [cycle(3, "bad").end, false, cycle(4, "good").end],
  )
  assert.deepEqual(
    records.map(({ kind }) => kind),
    ["late.arrived", "finding.raised"],
  )
  assert.deepEqual(records.at(-1)?.causes, [arrived?.id])
})

test("late shots that change nothing leave every finding as it is", async () => {
  const shots = [cycle(2, "good"), cycle(3, "bad"), cycle(4, "bad"), cycle(5, "bad")]
  const { before, after, records } = await withLate(shots, cycle(1, "good"))
  assert.deepEqual([before.length, after.length, after[0]?.id], [1, 1, before[0]?.id])
  assert.deepEqual(records.filter(({ kind }) => kind === "finding.raised").length, 1)
})
