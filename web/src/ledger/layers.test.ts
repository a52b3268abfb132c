import assert from "node:assert/strict"
import { test } from "node:test"
import { layersOf, ringsOf } from "./layers.ts"

const finding = { id: "n:1", causes: [] }
const proposal = { id: "n:2", causes: ["n:1"] }
const other = { id: "n:3", causes: ["n:1"] }
const approval = { id: "n:4", causes: ["n:2"] }
const command = { id: "n:5", causes: ["n:2", "n:4"] }
const chain = [finding, proposal, other, approval, command]

test("a record stands to the right of all that led to it", () => {
  assert.deepEqual(layersOf(chain), [[finding], [proposal, other], [approval], [command]])
})

test("the ways of one record lead to its causes and to its effects, not to its neighbours", () => {
  assert.deepEqual([...ringsOf(chain, "n:2")].sort(), [
    ["n:1", "cause"],
    ["n:4", "effect"],
    ["n:5", "effect"],
  ])
})
