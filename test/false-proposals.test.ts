// A plant without faults must not be bothered by proposals, and one with a fault must be helped.
import assert from "node:assert/strict"
import { test } from "node:test"
import type { Decision } from "../src/decide/decide.ts"
import type { Hands } from "../src/decide/runner/carry-out.ts"
import type { Plant } from "../src/model/plant.ts"
import { examplePlant } from "./support/example-plant.ts"
import { SimulatedPlant } from "./support/simulated-plant.ts"

const hour = 3_600_000
const seeds = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]

const noHands: Hands = {
  act: () => assert.fail("nobody approved anything"),
  measure: () => assert.fail("nothing was done"),
  resultOf: () => undefined,
}

/** Runs the plant for 8 hours without a fault, then clogs the cooling; gives what was proposed in each part. */
async function eightHours(seed: number, plant: Plant) {
  const simulated = await SimulatedPlant.open({ seed, plant, hands: noHands })
  try {
    await simulated.run(8 * hour)
    const before = simulated.decide.list()
    const at = simulated.house.clock.now()
    simulated.machine.inject("cooling-clog")
    await simulated.run(0.25 * hour)
    const after = simulated.decide.list().slice(before.length)
    const hot = (d: Decision) => d.kind === "set-point" && d.at > at
    return { before, after, answer: after.find(hot), at, findings: simulated.analyse.list() }
  } finally {
    await simulated.close()
  }
}

test("8 hours without a fault bring at most one proposal over 10 seeds, a clogged cooling brings one in each", async (t) => {
  const plant = await examplePlant()
  let wrong = 0
  for (const seed of seeds) {
    const { before, answer, at, findings } = await eightHours(seed, plant)
    wrong += before.length
    const after = answer ? `after ${Math.round((answer.at - at) / 1000)} s` : "never"
    t.diagnostic(
      `seed ${seed}: ${before.length} false proposals, ${findings.filter((f) => f.at <= at).length} findings; clogged cooling: proposal ${after}`,
    )
    assert.ok(answer, `seed ${seed}: nothing was proposed against the clogged cooling`)
    const [write] = "writes" in answer.body ? answer.body.writes : []
    assert.equal(write?.value, 50, `seed ${seed}`)
    assert.equal(write?.expect, 40, `seed ${seed}`)
    assert.ok(answer.expected && answer.expected.change < 0, `seed ${seed}`)
  }
  assert.ok(wrong <= 1, `${wrong} false proposals over seeds ${seeds.join(", ")}`)
})
