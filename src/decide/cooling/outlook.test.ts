import assert from "node:assert/strict"
import { test } from "node:test"
import { sourceId } from "../../model/block.ts"
import type { Cycle } from "../../model/cycle.ts"
import { parsePath } from "../../model/path.ts"
import type { Tag } from "../../model/tag.ts"
import { ifIgnored, outlookOf } from "./outlook.ts"

const equipment = parsePath("demo/dc-1")
const limit = { priority: 2, onDelayMs: 0, offDelayMs: 0, deadband: 0, suppressedIn: [] } as const
const tag: Tag = {
  path: parsePath("demo/dc-1/heat"),
  equipment,
  kind: "number",
  unit: "Cel",
  name: { en: "Heat" },
  decimals: 1,
  staleAfterMs: 1,
  limits: [
    { ...limit, side: "high-high", at: 270 },
    { ...limit, side: "high", at: 235 },
    { ...limit, side: "low", at: 160 },
  ],
}

const cyclesOf = (...values: readonly number[]): readonly Cycle[] =>
  values.map((heat, i) => ({
    id: `shots#${i}`,
    equipment,
    source: sourceId({ name: "shots", epoch: "1" }),
    sequence: i,
    start: i * 120_000,
    end: (i + 1) * 120_000,
    values: { heat },
    verdict: "good",
  }))

function said(deviation: number, ...values: readonly number[]): string {
  const outlook = outlookOf(cyclesOf(...values), "heat")
  assert.ok(outlook)
  return ifIgnored(outlook, deviation, tag).en
}

test("a rising value says when it meets the next limit on its side", () => {
  assert.equal(
    said(15, 200, 205, 210, 215),
    "Now 215.0 °C. At +5.0 °C a cycle it meets the high limit of 235 °C in about 4 cycles (8 min).",
  )
  assert.match(
    said(40, 225, 230, 235, 240),
    /meets the high-high limit of 270 °C in about 6 cycles/,
  )
})

test("a value that stays away says how far from its normal it stays", () => {
  assert.equal(
    said(20, 220, 220, 220, 220),
    "Now 220.0 °C, 20.0 °C above its normal. In 10 cycles it stands near 220.0 °C.",
  )
})

test("a falling value is measured against the lower limits", () => {
  assert.match(said(-10, 190, 185, 180, 175), /low limit of 160 °C in about 3 cycles/)
})

test("one value is no trend", () => {
  assert.equal(outlookOf(cyclesOf(200), "heat"), undefined)
})
