import assert from "node:assert/strict"
import { test } from "node:test"
import fc from "fast-check"
import type { KnownState } from "../state.ts"
import { foldStates, type StateSample } from "./fold.ts"

const range = { from: 100, to: 200, holdMs: 30 }

test("a state lasts from its sample to the next one that says something else", () => {
  const spans = foldStates(
    [
      { at: 95, state: "running" },
      { at: 110, state: "running" },
      { at: 130, state: "idle" },
      { at: 150, state: "idle" },
      { at: 175, state: "running" },
    ],
    range,
  )
  assert.deepEqual(spans, [
    { from: 100, to: 130, state: "running" },
    { from: 130, to: 175, state: "idle" },
    { from: 175, to: 200, state: "running" },
  ])
})

test("without fresh samples the state is unknown, not the last one", () => {
  const spans = foldStates(
    [
      { at: 100, state: "running" },
      { at: 160, state: "running" },
    ],
    range,
  )
  assert.deepEqual(spans, [
    { from: 100, to: 130, state: "running" },
    { from: 130, to: 160, state: "unknown" },
    { from: 160, to: 190, state: "running" },
    { from: 190, to: 200, state: "unknown" },
  ])
})

test("a lost connection is unknown until the next sample, however long", () => {
  const spans = foldStates(
    [
      { at: 100, state: "running" },
      { at: 110, state: "unknown" },
      { at: 195, state: "stopped" },
    ],
    range,
  )
  assert.deepEqual(spans, [
    { from: 100, to: 110, state: "running" },
    { from: 110, to: 195, state: "unknown" },
    { from: 195, to: 200, state: "stopped" },
  ])
})

test("whatever the samples, the spans fill the range without holes and no two neighbours are equal", () => {
  const sample = fc.record({
    at: fc.integer({ min: 50, max: 250 }),
    state: fc.constantFrom<KnownState>("running", "idle", "stopped", "unknown"),
  })
  fc.assert(
    fc.property(fc.array(sample), (samples: StateSample[]) => {
      const spans = foldStates(
        samples.toSorted((a, b) => a.at - b.at),
        range,
      )
      assert.equal(spans[0]?.from, 100)
      assert.equal(spans.at(-1)?.to, 200)
      for (const [i, span] of spans.entries()) {
        assert.ok(span.to > span.from)
        const next = spans[i + 1]
        if (!next) continue
        assert.equal(next.from, span.to)
        assert.notEqual(next.state, span.state)
      }
    }),
  )
})
