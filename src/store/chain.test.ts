import assert from "node:assert/strict"
import { suite, test } from "node:test"
import fc from "fast-check"
import { canonicalJson, firstHash, hashOf, ledgerId, numberIn } from "./chain.ts"
import type { LedgerRecord } from "./ledger.ts"

suite("ledger chain", () => {
  test("the same content has the same text whatever the order of its names", () => {
    const json = fc.jsonValue()
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(fc.string(), json), { selector: ([k]) => k }),
        (entries) => {
          const one = canonicalJson(Object.fromEntries(entries))
          assert.equal(canonicalJson(Object.fromEntries(entries.toReversed())), one)
          assert.equal(canonicalJson(JSON.parse(one)), one)
        },
      ),
    )
    assert.equal(
      canonicalJson({ b: [1, null], a: { d: "금", c: true } }),
      '{"a":{"c":true,"d":"금"},"b":[1,null]}',
    )
  })

  test("a record's hash changes with each of its parts and with what stands before", () => {
    const record: Omit<LedgerRecord, "hash"> = {
      ...{ id: "plant:2", number: 2, at: 5, kind: "gap.opened" as const, subject: "m", by: "p1" },
      ...{ causes: ["plant:1"], body: { a: 1 } },
    }
    const changes = [
      ...[{ number: 3 }, { at: 6 }, { kind: "gap.closed" }, { subject: "n" }, { by: "p2" }],
      ...[{ causes: [] }, { body: { a: 2 } }, { id: "plant:3" }],
    ] as Partial<LedgerRecord>[]
    const hashes = new Set([
      hashOf(firstHash, record),
      hashOf("1".repeat(64), record),
      ...changes.map((change) => hashOf(firstHash, { ...record, ...change })),
    ])
    assert.equal(hashes.size, changes.length + 2)
  })

  test("only ids of the own chain have a number", () => {
    assert.equal(numberIn("plant", ledgerId("plant", 4711)), 4711)
    for (const id of [
      "other:1",
      "plant",
      "plant:",
      "plant:0",
      "plant:-1",
      "plant:1.5",
      "plant:1e3",
      "plant: 1",
      "plant:9999999999999999",
    ])
      assert.equal(numberIn("plant", id), undefined)
  })
})
