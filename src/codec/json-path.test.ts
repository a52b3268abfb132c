import assert from "node:assert/strict"
import { test } from "node:test"
import fc from "fast-check"
import { jsonLeaves, jsonPathText, parseJsonPath, pickJson } from "./json-path.ts"

const document = {
  values: { temp: [71.5, 72], "a.b": { c: true }, 온도: "x", none: null },
  $: 1,
}

test("a path leads to a value, by names, positions and names in quotes", () => {
  const at = (text: string) => pickJson(document, parseJsonPath(text) ?? ["?"])
  assert.equal(at("values.temp[1]"), 72)
  assert.equal(at("$.values.temp[0]"), 71.5)
  assert.equal(at('values["a.b"].c'), true)
  assert.equal(at("values.온도"), "x")
  assert.equal(at("values.none"), null)
  assert.equal(at("$"), document)
  assert.equal(at('["$"]'), 1)
})

test("what a document has not is undefined, also what every object has", () => {
  for (const text of ["values.gone", "values.temp[2]", "values.temp.length.x", "toString", "a.b.c"])
    assert.equal(pickJson(document, parseJsonPath(text) ?? []), undefined, text)
})

test("what is no path is none", () => {
  for (const text of ["", ".", ".a", "a.", "a..b", "a[", "a[-1]", "a[x]", 'a["b', 'a["\\x"]', "a]"])
    assert.equal(parseJsonPath(text), undefined, text)
})

test("every leaf of any document is found again by the text of its path", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
      for (const leaf of jsonLeaves(value)) {
        const path = parseJsonPath(jsonPathText(leaf.path))
        assert.deepEqual(path, leaf.path)
        assert.equal(pickJson(value, path ?? []), leaf.value)
      }
    }),
    { seed: 3, numRuns: 500 },
  )
})
