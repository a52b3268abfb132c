import assert from "node:assert/strict"
import { test } from "node:test"
import fc from "fast-check"
import type { KnownGap } from "../connect/gap.ts"
import { BlockWriter, sourceId } from "../model/block.ts"
import { cycleId } from "../model/cycle.ts"
import { parsePath } from "../model/path.ts"
import { quality } from "../model/quality.ts"
import { type Audited, auditDevice } from "./audit.ts"
import { MemoryHistory } from "./memory/history.ts"
import { Numbers } from "./numbers.ts"

const equipment = parsePath("site/m1")
const live = sourceId({ name: "m1/live", epoch: "a" })
const signal = new AbortController().signal
const hour = 3_600_000
/** Two tags each second, from `from` on for an hour: rows 0 to 7199 of the source. */
const from = 1_700_000_000_000
const shift = { from: from + 600_000, to: from + 1_200_000 }

const device = {
  name: "m1",
  connector: "opcua",
  options: {},
  points: [],
  records: [{ name: "shots", equipment, address: "", fields: [] }],
}
const tags = [1, 2].map((id) => ({ id, path: parsePath(`site/m1/tag-${id}`), equipment }))

async function seconds(keep: (row: number) => boolean = () => true): Promise<MemoryHistory> {
  const history = new MemoryHistory()
  for (let row = 0; row < 7200; row++) {
    if (!keep(row)) continue
    const rows = new BlockWriter(1)
    rows.add((row % 2) + 1, from + Math.floor(row / 2) * 1000, row, quality.good)
    await history.append(rows.take({ source: live, sequence: row, received: 0 }))
  }
  return history
}

function ask(history: MemoryHistory, given: Partial<Audited & { span: typeof shift }> = {}) {
  const asked = { device, tags, silentMs: 10_000, gaps: [], jumps: [], now: from + 2 * hour }
  return auditDevice(history, { ...asked, span: shift, ...given }, signal)
}

const gap: KnownGap = {
  id: "plant:7",
  device: "m1",
  source: live,
  because: "connection-lost",
  from: from + 700_000,
  to: from + 800_000,
}

test("an interval without a hole is complete, and the evidence names its first and last row", async () => {
  const part = await ask(await seconds())
  assert.equal(part.verdict, "complete")
  assert.deepEqual(part.doubts, [])
  assert.equal(part.rows, 1200)
  const [source] = part.sources
  assert.deepEqual([source?.first, source?.last, source?.missing], [1200, 2399, 0])
  assert.deepEqual([source?.firstAt, source?.lastAt], [shift.from, shift.to - 1000])
})

test("the same rows give the same digest, however they were cut; another value gives another", async () => {
  const one = await ask(await seconds())
  const again = await ask(await seconds())
  assert.deepEqual(again, one)
  const changed = await seconds((row) => row !== 1500)
  const rows = new BlockWriter(1)
  rows.add(1, from + 750_000, -1, quality.good)
  await changed.append(rows.take({ source: live, sequence: 1500, received: 0 }))
  const other = await ask(changed)
  assert.equal(other.verdict, "complete")
  assert.notEqual(other.digest, one.digest)
})

test("whatever row of the interval is removed, the report finds its number", async () => {
  const rows = fc.uniqueArray(fc.integer({ min: 1200, max: 2399 }), { minLength: 1, maxLength: 5 })
  const property = fc.asyncProperty(rows, async (removed) => {
    const part = await ask(await seconds((row) => !removed.includes(row)))
    assert.equal(part.verdict, "missing")
    assert.equal(part.sources[0]?.missing, removed.length)
    const found = part.sources[0]?.holes.flatMap(({ first, last }) =>
      Array.from({ length: last - first + 1 }, (_, i) => first + i),
    )
    assert.deepEqual(
      found,
      removed.toSorted((a, b) => a - b),
    )
  })
  await fc.assert(property, { numRuns: 15, examples: [[[1200]], [[2399]], [[1200, 1201, 2399]]] })
})

test("rows beyond the interval that lack are the matter of another report", async () => {
  const part = await ask(await seconds((row) => row !== 100 && row !== 7000))
  assert.equal(part.verdict, "complete")
})

test("a row that stands at quite another time than its number is not missing", async () => {
  const history = await seconds((row) => row !== 1500)
  const rows = new BlockWriter(1)
  rows.add(1, from - 40 * hour, 3, quality.good)
  await history.append(rows.take({ source: live, sequence: 1500, received: 0 }))
  const part = await ask(history)
  assert.deepEqual([part.verdict, part.sources[0]?.missing], ["complete", 0])
})

test("a source whose beginning is not in history leaves a doubt, not a loss", async () => {
  const part = await ask(await seconds((row) => row >= 1200))
  assert.deepEqual([part.verdict, part.doubts], ["unknown", ["begins-late"]])
})

test("a gap of any cause is missing until late data has filled it", async () => {
  const history = await seconds((row) => row < 1400 || row >= 1600)
  for (const because of ["connection-lost", "overflow", "storage-full", "restart"] as const) {
    const part = await ask(await seconds(), { gaps: [{ ...gap, because }] })
    assert.deepEqual([part.verdict, part.gaps[0]?.because], ["missing", because])
  }
  assert.equal((await ask(history, { gaps: [gap] })).verdict, "missing")
  const filled = { ...gap, left: [], filled: { rows: 200, at: from + hour } }
  const part = await ask(await seconds(), { gaps: [filled] })
  assert.deepEqual([part.verdict, part.gaps[0]?.filledRows], ["complete", 200])
})

test("a loss at one moment counts, and a gap beyond the interval does not", async () => {
  const history = await seconds()
  const at = { ...gap, because: "refused", to: gap.from, size: 3 } as const
  assert.equal((await ask(history, { gaps: [at] })).verdict, "missing")
  const before = { ...gap, from, to: from + 1000 }
  assert.deepEqual((await ask(history, { gaps: [before] })).gaps, [])
})

test("a silence without a gap is a doubt; a gap or a step of the clock explains it", async () => {
  /** Numbers without holes, times with one: the machine had nothing to say, or was not asked. */
  const history = new MemoryHistory()
  const rows = new BlockWriter(1200)
  for (let row = 0; row < 1200; row++) {
    const second = row < 600 ? row : row + 60
    rows.add(1, from + 500_000 + second * 1000, row, quality.good)
  }
  await history.append(rows.take({ source: live, sequence: 0, received: 0 }))
  const part = await ask(history)
  assert.deepEqual([part.verdict, part.doubts, part.silences.length], ["unknown", ["silence"], 1])
  const [silence = shift] = part.silences
  assert.ok(Math.abs(silence.from - (from + 1_100_000)) < 5000)
  assert.ok(Math.abs(silence.to - silence.from - 60_000) < 6000)
  const jump: KnownGap = {
    ...{ id: "plant:8", device: "clock", source: live, because: "clock-jump" },
    ...{ from: from + 1_099_000, to: from + 1_160_000, setByMs: 60_000 },
  }
  assert.equal((await ask(history, { jumps: [jump] })).verdict, "complete")
})

test("numbers that a machine gave to values nobody wanted are no loss", async () => {
  const history = await seconds((row) => row % 3 !== 0)
  const part = await ask(history, { device: { ...device, connector: "mtconnect" } })
  assert.deepEqual([part.verdict, part.sources[0]?.missing], ["complete", 0])
  assert.equal((await ask(history)).verdict, "missing")
})

test("rows that come while the interval is read are not missing", async () => {
  const history = await seconds((row) => row < 2300)
  let isLate = false
  const growing = {
    ...{ cycles: history.cycles },
    async *read(range: Parameters<MemoryHistory["read"]>[0], s: AbortSignal) {
      for (const tag of range.tags) {
        yield* history.read({ ...range, tags: [tag] }, s)
        if (isLate) continue
        isLate = true
        const rows = new BlockWriter(100)
        for (let row = 2300; row < 2400; row++)
          rows.add((row % 2) + 1, from + Math.floor(row / 2) * 1000, row, quality.good)
        await history.append(rows.take({ source: live, sequence: 2300, received: 0 }))
      }
    },
  } as unknown as MemoryHistory
  assert.deepEqual((await ask(growing)).sources[0]?.missing, 0)
})

test("without rows nothing is known, and an interval that is not over cannot be complete", async () => {
  const none = await ask(new MemoryHistory())
  assert.deepEqual([none.verdict, none.doubts], ["unknown", ["no-rows"]])
  const now = shift.to - 60_000
  const running = await ask(await seconds((row) => row < 2280), { now })
  assert.deepEqual([running.verdict, running.doubts], ["unknown", ["not-over"]])
})

test("a tag that said nothing is named, and a machine's own count of its shots is checked", async () => {
  const history = await seconds((row) => row % 2 === 0)
  const source = sourceId({ name: "m1/shots", epoch: "e" })
  const cycle = (sequence: number) => ({
    ...{ id: cycleId(source, sequence), equipment, source, sequence, values: {} },
    ...{ start: shift.from, end: shift.from + sequence * 1000 },
  })
  const rows = new BlockWriter(1)
  rows.add(1, from, 1, quality.good)
  const block = rows.take({ source, sequence: 1, received: 0 })
  await history.append(block, [4, 5, 7].map(cycle))
  const part = await ask(history)
  assert.deepEqual(part.silentTags, ["site/m1/tag-2"])
  const [shots] = part.cycles
  assert.deepEqual([shots?.first, shots?.last, shots?.cycles, shots?.missing], [4, 7, 3, 1])
  assert.equal(part.verdict, "missing")
})

test("numbers know their holes, as a sorted list of them would", () => {
  const number = fc.integer({ min: 0, max: 400_000 })
  fc.assert(
    fc.property(fc.uniqueArray(number, { minLength: 1, maxLength: 40 }), (all) => {
      const numbers = new Numbers()
      for (const n of [...all, ...all]) numbers.add(n)
      const sorted = all.toSorted((a, b) => a - b)
      const expected = sorted.slice(1).flatMap((n, i) => {
        const before = sorted[i] ?? 0
        return n - before > 1 ? [{ first: before + 1, last: n - 1 }] : []
      })
      assert.deepEqual(numbers.holes(1000), expected)
      assert.equal(numbers.size, all.length)
    }),
    { examples: [[[0, 65_535, 65_536, 300_000]]] },
  )
})
