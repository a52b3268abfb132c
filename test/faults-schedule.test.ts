// A schedule of faults befalls the machines of a running plant, and only the log of truth knows.
import assert from "node:assert/strict"
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { test } from "node:test"
import type { Truth } from "../src/twin/twin.ts"
import { startExample } from "./support/example.ts"
import { until } from "./support/until.ts"

test("moru run --faults plays the schedule in plant time", async () => {
  const folder = await mkdtemp(join(tmpdir(), "moru-faults-"))
  const faults = join(folder, "bad-day.yaml")
  await writeFile(
    faults,
    "moru: faults\nfaults:\n  - { at: 2min, machine: dc-1, fault: cooling-clog, severity: 0.8, for: 3min }\n",
  )
  const example = await startExample({ speed: 60, faults })
  try {
    const told = async () => {
      const path = join(example.data, "machines", "dc-1", "truth.jsonl")
      const lines = (await readFile(path, "utf8")).trim().split("\n")
      const truths = lines.map((line) => JSON.parse(line) as Truth)
      const about = truths.filter(({ says }) => says.startsWith("fault"))
      return about.length === 2 && { about, started: truths[0] }
    }
    const { about, started } = await until("the fault came and went", told)
    const [on, off] = about
    assert.ok(on && off && started)
    assert.deepEqual(on.facts, { fault: "cooling-clog", severity: 0.8 })
    assert.equal(off.says, "fault cleared")
    assert.ok(on.at - started.at >= 120_000)
    assert.ok(off.at - on.at >= 180_000 - 60_000 && off.at - on.at < 180_000 + 120_000)
  } finally {
    await example.stop()
    await rm(folder, { recursive: true, force: true })
  }
})
