import assert from "node:assert/strict"
import { test } from "node:test"
import { House } from "../../../test/support/house.ts"
import { silentLog } from "../../kernel/log.ts"
import { joinPath, parsePath } from "../../model/path.ts"
import { quality } from "../../model/quality.ts"
import type { Tag } from "../../model/tag.ts"
import { StatesFromTags } from "./states.ts"

const equipment = parsePath("demo/dc-1")
const path = joinPath(equipment, "mode")
const tag: Tag = {
  path,
  equipment,
  kind: "text",
  unit: "1",
  name: { en: "Mode" },
  decimals: 0,
  staleAfterMs: 10_000,
  limits: [],
}

async function start(house: House): Promise<StatesFromTags> {
  const { namespace, history, store, clock } = house
  const values = { 가동: "running", 정지: "stopped" } as const
  const states = [{ equipment, tag: path, values }]
  const registry = store.registry
  const parts = new StatesFromTags({ states, namespace, history, registry, clock, log: silentLog })
  await parts.start(new AbortController().signal)
  return parts
}

test("the state is what the tag says, since when it says so, and unknown without fresh or usable data", async () => {
  const house = await House.open([tag])
  const states = await start(house)
  const { clock } = house
  const say = async (word: string, q = 0) => {
    await house.sample(path, word, { quality: q })
    await clock.advance(0)
  }
  assert.equal(states.now(equipment)?.state, "unknown")
  const began = clock.now()
  await say("가동")
  await clock.advance(8000)
  await say("가동")
  assert.deepEqual(states.now(equipment), { state: "running", since: began })
  await clock.advance(8000)
  await say("정지")
  const stopped = clock.now()
  assert.deepEqual(states.now(equipment), { state: "stopped", since: stopped })
  await clock.advance(11_000)
  assert.deepEqual(states.now(equipment), { state: "unknown", since: stopped + 10_000 })
  await say("가동", quality.badNotConnected)
  assert.equal(states.now(equipment)?.state, "unknown")
  await say("whatever the machine says")
  assert.equal(states.now(equipment)?.state, "unknown")
  assert.equal(states.now(parsePath("demo/other")), undefined)
  await states.stop()
  await house.close()
})

test("past states are read from history, and a restart knows since when the present one lasts", async () => {
  let house = await House.open([tag])
  let states = await start(house)
  const began = house.clock.now()
  for (let i = 0; i < 4; i++) {
    await house.sample(path, i < 2 ? "가동" : "정지")
    await house.clock.advance(5000)
  }
  await states.stop()
  house = await house.reopen([tag])
  states = await start(house)
  const range = { from: began - 1000, to: began + 3_600_000 }
  assert.deepEqual(await states.spans(equipment, range, new AbortController().signal), [
    { from: began - 1000, to: began, state: "unknown" },
    { from: began, to: began + 10_000, state: "running" },
    { from: began + 10_000, to: began + 20_000, state: "stopped" },
  ])
  await house.sample(path, "정지")
  await house.clock.advance(0)
  assert.deepEqual(states.now(equipment), { state: "stopped", since: began + 10_000 })
  await states.stop()
  await house.close()
})
