import assert from "node:assert/strict"
import { test } from "node:test"
import { sourceId } from "../../model/block.ts"
import type { Verdict } from "../../model/cycle.ts"
import { joinPath, parsePath } from "../../model/path.ts"
import { badRun } from "./bad-run.ts"

const equipment = parsePath("demo/dc-1")
const source = sourceId({ name: "shots", epoch: "1" })
const place = {
  equipment,
  tagOfField: (field: string) => joinPath(equipment, "shot", field),
  tag: () => undefined,
}
const verdicts: Readonly<Record<string, Verdict | undefined>> = { g: "good", b: "bad", t: "trial" }

/** Cycles as letters (good, bad, trial, `?` for none); gives `+` where a finding is raised and `-` where it is closed. */
function play(letters: string, run = 3): string {
  const analyser = badRun.create({ run }, place)
  let memory = analyser.initial
  return [...letters]
    .map((letter, i) => {
      const verdict = verdicts[letter]
      const head = { id: `shots#${i}`, equipment, source, sequence: i, start: i, end: i + 1 }
      const cycle = { ...head, values: {}, ...(verdict ? { verdict } : {}) }
      const values = { at: i, get: () => undefined, ageMs: () => undefined }
      const seen = analyser.observe({ at: i, cycles: [cycle], values, changes: [] }, memory)
      memory = seen.memory
      if (seen.raise.length > 0) return "+"
      return seen.close.length > 0 ? "-" : "."
    })
    .join("")
}

test("three bad cycles in a row are one finding, closed by the next good one", () => {
  assert.equal(play("gbbgbbbbbggbbb"), "......+..-...+")
})

test("trial cycles and cycles without a verdict break no row and make none", () => {
  assert.equal(play("bbtb?tb"), "...+...")
  assert.equal(play("tttttt"), "......")
  assert.equal(play("bbb?tg"), "..+..-")
})

test("the finding names the interval of the row", () => {
  const analyser = badRun.create({ run: 2 }, place)
  const cycles = [10, 20].map((start) => ({
    id: `shots#${start}`,
    equipment,
    source,
    sequence: start,
    start,
    end: start + 10,
    values: {},
    verdict: "bad" as const,
  }))
  const values = { at: 30, get: () => undefined, ageMs: () => undefined }
  const { raise } = analyser.observe({ at: 30, cycles, values, changes: [] }, analyser.initial)
  assert.deepEqual(raise[0]?.because, [
    {
      tag: "demo/dc-1/shot/verdict",
      from: 10,
      to: 31,
      share: 1,
      says: { en: "2 cycles in a row were judged bad", ko: "2회 연속 불량 판정" },
    },
  ])
  assert.equal(raise[0]?.title.ko, "연속 불량 2회")
})
