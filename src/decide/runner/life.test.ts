import assert from "node:assert/strict"
import { test } from "node:test"
import type { Decision, DecisionState } from "../decide.ts"
import { isOpen, mayBecome } from "./life.ts"

const states: readonly DecisionState[] = [
  "proposed",
  "approved",
  "rejected",
  "expired",
  "acting",
  "done",
  "failed",
  "rolled-back",
  "measured",
  "advice",
]

test("a decision goes only the way from proposal to effect, and what is closed stays closed", () => {
  const ways = states.flatMap((from) =>
    states.filter((to) => mayBecome(from, to)).map((to) => `${from} -> ${to}`),
  )
  assert.deepEqual(ways, [
    "proposed -> approved",
    "proposed -> rejected",
    "proposed -> expired",
    "proposed -> acting",
    "approved -> acting",
    "approved -> failed",
    "acting -> done",
    "acting -> failed",
    "done -> rolled-back",
    "done -> measured",
    "failed -> rolled-back",
    "measured -> rolled-back",
  ])
})

test("a decision bars the next one while it waits, is carried out or is measured", () => {
  const expected = {} as NonNullable<Decision["expected"]>
  const base = { expected, findings: ["f1"], expiresAt: 100 } as unknown as Decision
  const open = (more: Partial<Decision>, at = 50, finding = true) =>
    isOpen({ ...base, ...more }, { at, isFindingOpen: () => finding })
  const states = (["proposed", "approved", "acting", "done"] as const).map((state) =>
    open({ state }),
  )
  assert.deepEqual(states, [true, true, true, true])
  assert.equal(
    open({ state: "done", effect: { state: "not-measurable", because: { en: "" } } }),
    false,
  )
  assert.equal(open({ state: "measured" }), false)
  assert.equal(open({ state: "rejected" }), false)
  assert.equal(open({ state: "advice" }), true)
  assert.equal(open({ state: "advice" }, 101), false)
  assert.equal(open({ state: "advice" }, 50, false), false)
})
