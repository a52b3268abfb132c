import assert from "node:assert/strict"
import { test } from "node:test"
import { sourceId } from "../model/block.ts"
import { parsePath } from "../model/path.ts"
import type { CycleConfig } from "../model/plant.ts"
import { cycleOf } from "./cycles.ts"

const config: CycleConfig = {
  equipment: parsePath("site/dc-1"),
  durationField: "cycle-time",
  toolField: "mould",
  verdicts: [
    { field: "trial", is: [1, "D"], verdict: "trial" },
    { field: "bad", is: [1], verdict: "bad" },
    { field: "bad", is: [0], verdict: "good" },
  ],
}
const source = sourceId({ name: "dc-1/shots", epoch: "e1" })
const cycle = (values: Record<string, number | string>) =>
  cycleOf({ source, number: 7, at: 100_000, values }, config)

test("a cycle ends with its record and begins its duration before", () => {
  const { id, start, end, sequence } = cycle({ "cycle-time": 62.5 })
  assert.deepEqual(
    { id, start, end, sequence },
    {
      id: "dc-1/shots@e1#7",
      start: 37_500,
      end: 100_000,
      sequence: 7,
    },
  )
})

test("a duration that is missing or senseless makes a cycle without length", () => {
  assert.equal(cycle({}).start, 100_000)
  assert.equal(cycle({ "cycle-time": -3 }).start, 100_000)
  assert.equal(cycle({ "cycle-time": "long" }).start, 100_000)
})

test("the tool may be a number or a name", () => {
  assert.equal(cycle({ mould: 8722 }).tool, "8722")
  assert.equal(cycle({ mould: "8722-A" }).tool, "8722-A")
  assert.equal("tool" in cycle({}), false)
})

test("the first rule that matches gives the verdict, as number or text; none gives none", () => {
  assert.equal(cycle({ trial: "D", bad: 0 }).verdict, "trial")
  assert.equal(cycle({ trial: "1", bad: 1 }).verdict, "trial")
  assert.equal(cycle({ trial: "A", bad: 1 }).verdict, "bad")
  assert.equal(cycle({ bad: 0 }).verdict, "good")
  assert.equal("verdict" in cycle({ bad: 3 }), false)
})
