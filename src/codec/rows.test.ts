import assert from "node:assert/strict"
import { suite, test } from "node:test"
import fc from "fast-check"
import { type Block, type SourceId, sourceId } from "../model/block.ts"
import { DamagedRows, decodeRows, encodeRows, type Rows } from "./rows.ts"

function block(source: SourceId, sequence: number, values: readonly number[]): Block {
  const { length } = values
  return {
    source,
    sequence,
    received: sequence + 0.5,
    length,
    tag: Uint32Array.from(values, (_, i) => i * 7),
    at: Float64Array.from(values, (_, i) => 1.7e12 + i / 3),
    value: Float64Array.from(values),
    quality: Uint8Array.from(values, (_, i) => i % 256),
  }
}

const a = sourceId({ name: "dc-1", epoch: "a" })
const b = sourceId({ name: "노-1", epoch: "b" })
const rows: Rows = {
  blocks: [block(a, 3, [1, -0, Number.NaN]), block(b, 2 ** 52, []), block(a, 6, [1e300])],
  more: { cycles: [{ id: "사출" }] },
}

suite("rows", () => {
  test("come back as they were, every bit, with what goes with them", () => {
    assert.deepEqual(decodeRows(encodeRows(rows)), rows)
    assert.deepEqual(decodeRows(encodeRows({ blocks: [] })), { blocks: [] })
  })

  test("are read at any place in a buffer", () => {
    const bytes = encodeRows(rows)
    for (let offset = 0; offset < 9; offset++) {
      const within = new Uint8Array(bytes.length + offset)
      within.set(bytes, offset)
      assert.deepEqual(decodeRows(within.subarray(offset)), rows)
    }
  })

  test("whose bytes were changed or cut are damaged rows or other rows, never another failure", () => {
    const bytes = encodeRows(rows)
    for (let length = 0; length < bytes.length; length++)
      assert.throws(() => decodeRows(bytes.slice(0, length)), DamagedRows)
    let damaged = 0
    const changed = fc.tuple(fc.nat({ max: bytes.length - 1 }), fc.integer({ min: 1, max: 255 }))
    fc.assert(
      fc.property(fc.array(changed, { minLength: 1, maxLength: 3 }), (changes) => {
        const copy = bytes.slice()
        for (const [at, bits] of changes) copy[at] = (copy[at] ?? 0) ^ bits
        try {
          decodeRows(copy)
        } catch (thrown) {
          assert.ok(thrown instanceof DamagedRows, String(thrown))
          damaged += 1
        }
      }),
      { numRuns: 2000 },
    )
    assert.ok(damaged > 100)
  })
})
