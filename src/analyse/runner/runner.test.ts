import assert from "node:assert/strict"
import { suite, test } from "node:test"
import { House } from "../../../test/support/house.ts"
import { digestOf } from "../../historian/digest.ts"
import { silentLog } from "../../kernel/log.ts"
import { seededRandom } from "../../kernel/random.ts"
import { sourceId } from "../../model/block.ts"
import { type Cycle, cycleId, type Verdict } from "../../model/cycle.ts"
import { joinPath, parsePath } from "../../model/path.ts"
import type { PartConfig } from "../../model/plant.ts"
import type { Tag } from "../../model/tag.ts"
import type { Finding } from "../finding.ts"
import { AnalyserRunner } from "./runner.ts"

const equipment = parsePath("demo/dc-1")
const source = sourceId({ name: "shots", epoch: "1" })
const verdictPath = joinPath(equipment, "shot", "verdict")
const heatPath = joinPath(equipment, "shot", "heat")
const flowPath = joinPath(equipment, "flow-set")
const cycleMs = 120_000

const tag: Tag = {
  path: verdictPath,
  equipment,
  kind: "number",
  unit: "1",
  name: { en: "Verdict" },
  decimals: 1,
  staleAfterMs: 3_600_000,
  limits: [],
}
const writable = { min: 0, max: 100, maxStep: 10, minIntervalMs: 0, interlocks: [] }
const tags = [tag, { ...tag, path: heatPath, unit: "Cel" }, { ...tag, path: flowPath, writable }]
const record = {
  name: "shot",
  equipment,
  address: "Shots",
  fields: [
    { name: "verdict", address: "Verdict", tag: verdictPath },
    { name: "heat", address: "Heat", tag: heatPath },
  ],
}
const device = { name: "dc-1", connector: "replay", options: {}, points: [], records: [record] }
const badRun: PartConfig = { name: "bad-run", kind: "bad-run", equipment, options: { run: 3 } }
const drift: PartConfig = {
  name: "drift",
  kind: "drift",
  equipment,
  options: { fields: ["heat"], "set-points": ["flow-set"] },
}

function cycleAt(sequence: number, verdict: Verdict, heat = 0): Cycle {
  const end = 1_000_000 + sequence * cycleMs
  const id = cycleId(source, sequence)
  const values = { verdict: verdict === "bad" ? 1 : 0, heat }
  return { id, equipment, source, sequence, start: end - cycleMs, end, values, verdict }
}

/** `g` for good, `b` for bad, in the order of their numbers. */
function cyclesOf(verdicts: string, from = 1): readonly Cycle[] {
  return [...verdicts].map((v, i) => cycleAt(from + i, v === "b" ? "bad" : "good"))
}

async function store(house: House, cycles: readonly Cycle[]): Promise<void> {
  const samples = cycles.flatMap(({ values, end: at }) => [
    { path: verdictPath, value: values.verdict ?? 0, at },
    { path: heatPath, value: values.heat ?? 0, at },
  ])
  await house.deliver("shots", samples, cycles)
}

async function start(house: House, analysers: readonly PartConfig[]): Promise<AnalyserRunner> {
  const { namespace, history, store: kept, clock, ids } = house
  const plant = { analysers, devices: [device], tags }
  const parts = { plant, namespace, history, store: kept, clock, ids, log: silentLog }
  const runner = new AnalyserRunner(parts)
  await runner.start(new AbortController().signal)
  return runner
}

const told = async (house: House) =>
  (await house.store.ledger.list({ limit: 1000 })).toReversed().map((r) => r.kind)

suite("the runner of analysers", () => {
  test("a finding is in the ledger with the digest of the samples it stands on, and closes with its cause", async () => {
    const house = await House.open(tags)
    const runner = await start(house, [badRun])
    const heard: Finding[] = []
    runner.onChange((finding) => heard.push(finding))
    const cycles = cyclesOf("gbbbg")
    await store(house, cycles)
    await runner.observe(cycles)
    await runner.settled()
    const [raised, closed] = heard
    assert.equal(raised?.open, true)
    assert.equal(raised?.record, "plant:1")
    assert.equal(closed?.open, false)
    assert.equal(closed?.closedAt, cycles[4]?.end)
    assert.deepEqual(runner.list(), [closed])
    const [evidence] = raised?.because ?? []
    assert.ok(evidence)
    const id = house.namespace.idOf(evidence.tag) ?? -1
    const asked = { tags: [id], from: evidence.from, to: evidence.to }
    const read = house.history.read(asked, new AbortController().signal)
    assert.equal(evidence.digest, await digestOf(read))
    const records = await house.store.ledger.list({ limit: 10 })
    assert.deepEqual(
      records.map((r) => [r.kind, r.causes]),
      [
        ["finding.closed", ["plant:1"]],
        ["finding.raised", []],
      ],
    )
    await runner.stop()
    await house.close()
  })

  test("after a crash no cycle is analysed twice or left out, whether it was handed over or only stored", async () => {
    let house = await House.open(tags)
    let runner = await start(house, [badRun])
    const first = cyclesOf("gbbbgbb")
    await store(house, first)
    await runner.observe(first)
    await runner.settled()
    // Stored, and then the power went before anybody could look at it.
    const second = cyclesOf("bg", 8)
    await store(house, second)
    await runner.stop()
    house = await house.reopen(tags)
    runner = await start(house, [badRun])
    await runner.observe([...first, ...second])
    await runner.settled()
    assert.deepEqual(await told(house), [
      "finding.raised",
      "finding.closed",
      "finding.raised",
      "finding.closed",
    ])
    assert.deepEqual(
      runner.list().map((finding) => [finding.measures.run, finding.record]),
      [
        [3, "plant:1"],
        [3, "plant:3"],
      ],
    )
    await runner.stop()
    await house.close()
  })

  test("cycles that come twice or out of order are judged once, by their end", async () => {
    const house = await House.open(tags)
    const runner = await start(house, [badRun])
    const cycles = cyclesOf("bbgb")
    await store(house, cycles)
    await runner.observe([...cycles, ...cycles].toReversed())
    await runner.settled()
    assert.deepEqual(await told(house), [])
    await runner.stop()
    await house.close()
  })

  test("a set point that is changed explains what follows; a value sent again changes nothing", async () => {
    for (const changed of [true, false]) {
      const house = await House.open(tags)
      const runner = await start(house, [drift])
      const random = seededRandom(5)
      const hotter = (n: number) => (n > 150 ? 12 : 0)
      for (let n = 1; n <= 200; n++) {
        const cycle = cycleAt(n, "good", 200 + random.normal() + hotter(n))
        const flow = changed && n > 150 ? 30 : 40
        await house.sample(flowPath, flow, { at: cycle.start + 1 })
        await house.clock.advance(0)
        await store(house, [cycle])
        await runner.observe([cycle])
        await runner.settled()
      }
      assert.equal(runner.list().length, changed ? 0 : 1)
      await runner.stop()
      await house.close()
    }
  })

  test("20,000 cycles pass in a few seconds", async () => {
    const house = await House.open(tags)
    const runner = await start(house, [badRun, drift])
    const random = seededRandom(1)
    const cycles = Array.from({ length: 20_000 }, (_, i) =>
      cycleAt(i + 1, random.next() < 0.1 ? "bad" : "good", 200 + random.normal()),
    )
    const began = performance.now()
    for (let i = 0; i < cycles.length; i += 500) await runner.observe(cycles.slice(i, i + 500))
    await runner.settled()
    const seconds = (performance.now() - began) / 1000
    assert.ok(seconds < 15, `${seconds} s`)
    assert.ok(runner.list().length > 0)
    await runner.stop()
    await house.close()
  })
})
