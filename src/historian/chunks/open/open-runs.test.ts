import assert from "node:assert/strict"
import { suite, test } from "node:test"
import fc from "fast-check"
import { type Block, BlockWriter, sourceId } from "../../../model/block.ts"
import { mergeRuns } from "../merge.ts"
import { AddedRows, fullRun } from "./open-run.ts"
import { OpenRuns } from "./open-runs.ts"

type Row = readonly [at: number, value: number]

function block(rows: readonly Row[], sequence: number): Block {
  const writer = new BlockWriter()
  for (const [at, value] of rows) writer.add(1, at, value, 0)
  return writer.take({ source: sourceId({ name: "dc-1", epoch: "a" }), sequence, received: 0 })
}

const add = (runs: OpenRuns, rows: readonly Row[], sequence = 0, origin = 0) =>
  runs.add(new AddedRows(block(rows, sequence), origin))

const steady = (from: number, length: number): Row[] =>
  Array.from({ length }, (_, i) => [from + i, i])

const nothing = async () => undefined

suite("open runs", () => {
  test("keep their rows in order, each once, however they came", () => {
    const appended = fc.record({
      rows: fc.array(fc.tuple(fc.integer({ min: 0, max: 9 }), fc.nat()), { maxLength: 40 }),
      sequence: fc.nat({ max: 20 }),
      origin: fc.nat({ max: 1 }),
      freezes: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.array(appended, { maxLength: 12 }), (all) => {
        const runs = new OpenRuns()
        const model = new Map<string, number[]>()
        for (const { rows, sequence, origin, freezes } of all) {
          add(runs, rows, sequence, origin)
          for (const [i, [at, value]] of rows.entries())
            model.set([at, origin, sequence + i].join(), [at, origin, sequence + i, value])
          if (freezes) for (const _ of runs.freezeBefore(1));
        }
        const sorted = [...model.values()].sort(
          ([a = 0, b = 0, c = 0], [x = 0, y = 0, z = 0]) => a - x || b - y || c - z,
        )
        const { at, origin, number, value } = mergeRuns(runs.runsOf(1))
        assert.deepEqual(
          Array.from(at, (_, i) => [at[i], origin[i], number[i], value[i]]),
          sorted,
        )
      }),
    )
  })

  test("freeze when they are full, and a late row stretches no run that came after it", () => {
    const runs = new OpenRuns()
    add(runs, steady(1000, fullRun + 5))
    add(runs, [[3, 1]], 5000)
    add(runs, [[9999, 1]], 6000)
    assert.deepEqual(
      runs.runsOf(1).map(({ at }) => [at[0], at.at(-1)]),
      [
        [1000, 1000 + fullRun - 1],
        [3, 3],
        [1000 + fullRun, 9999],
      ],
    )
    assert.deepEqual([runs.frozenRows, runs.openRows], [fullRun, 7])
  })

  test("what a reader was given stays as it was, whatever comes after", () => {
    const runs = new OpenRuns()
    add(runs, steady(1, fullRun))
    const [lent] = runs.runsOf(1)
    runs.release(1)
    add(runs, steady(2000, fullRun), fullRun)
    assert.deepEqual(
      [...(lent?.at ?? [])],
      steady(1, fullRun).map(([at]) => at),
    )
  })

  test("say how far back their oldest row is", () => {
    const runs = new OpenRuns()
    assert.equal(runs.oldestGeneration(), Infinity)
    runs.generation = 3
    add(runs, steady(1, 2))
    runs.generation = 4
    add(runs, steady(3, fullRun - 2), 10)
    assert.equal(runs.oldestGeneration(), 3)
    runs.release(1)
    assert.equal(runs.oldestGeneration(), Infinity)
  })

  test("know the newest row by its time, of chunks too, which are asked once", async () => {
    const runs = new OpenRuns()
    let asked = 0
    const lookUp = async () => {
      asked++
      return { at: 50, value: 5, quality: 0 }
    }
    const latest = async () => (await runs.latest(1, lookUp))?.at
    assert.deepEqual(await Promise.all([latest(), latest()]), [50, 50])
    add(runs, steady(20, 5))
    assert.equal(await latest(), 50)
    add(runs, steady(60, 5), 10)
    assert.equal(await latest(), 64)
    for (const _ of runs.freezeBefore(1));
    runs.release(1)
    assert.equal(await latest(), 64)
    assert.equal(asked, 1)
    runs.forgetSealed()
    assert.equal(await runs.latest(1, nothing), undefined)
  })
})
