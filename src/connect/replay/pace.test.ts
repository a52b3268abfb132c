import assert from "node:assert/strict"
import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { test } from "node:test"
import { until } from "../../../test/support/until.ts"
import { SimulatedClock } from "../../kernel/clock/simulated.ts"
import { parseOptions } from "../options.ts"
import { makeRig } from "../testing/rig.ts"
import { replay } from "./replay.ts"

test("rows come in the order of their times over all files, as many times as fast as asked", async () => {
  await using rig = await makeRig()
  const files = {
    "a.csv": "datetime,A\n2019-01-02 16:00:00,1\n2019-01-02 16:02:00,3\n",
    "b.csv": "datetime,A\n2019-01-02 16:01:00,2\n2019-01-02 16:03:00,4\n",
  }
  for (const [name, text] of Object.entries(files)) await writeFile(join(rig.folder, name), text)
  const clock = new SimulatedClock(Date.UTC(2026, 0, 1))
  const options = parseOptions(replay, { files: "*.csv", speed: 60 }, "test")
  const device = replay.create(options, { ...rig.host, clock })
  const stop = new AbortController()
  const buffer = rig.buffer("shots", "", { A: "number" })
  await device.connect(stop.signal)
  const wanted = { points: [], records: [buffer] }
  const done = device.follow?.(wanted, rig.sink.deliver, rig.sink.lastSequence, stop.signal)
  const seen = () => rig.sink.cycles.map(({ values }) => values.A)
  await until("the first has come", () => seen().length === 1)
  for (const expected of [
    [1, 2],
    [1, 2, 3],
    [1, 2, 3, 4],
  ]) {
    await clock.advance(900)
    assert.deepEqual(seen(), expected.slice(0, -1))
    await clock.advance(100)
    await until("the next has come", () => seen().length === expected.length)
    assert.deepEqual(seen(), expected)
  }
  stop.abort()
  await done
})
