import assert from "node:assert/strict"
import { suite, test } from "node:test"
import fc from "fast-check"
import { seededRandom } from "../kernel/random.ts"
import { encodeChunk, maxChunkSamples } from "./chunk.ts"
import {
  DamagedChunk,
  decodeRows,
  decodeSamples,
  encodeRows,
  type RowColumns,
  rowsIn,
} from "./chunk-rows.ts"

function rowsOf(length: number, of: (i: number) => { origin: number; number: number }): RowColumns {
  const some = Array.from({ length }, (_, i) => of(i))
  return {
    at: Float64Array.from(some, (_, i) => 1.7e12 + i * 1000),
    value: Float64Array.from(some, (_, i) => i % 7),
    quality: new Uint8Array(length),
    origin: Uint32Array.from(some, (row) => row.origin),
    number: Float64Array.from(some, (row) => row.number),
  }
}

function blank(length: number): RowColumns {
  return rowsOf(length, () => ({ origin: 0, number: 0 }))
}

/** Packs, unpacks into the middle of other columns and compares; gives the bytes a row that the origins take. */
function kept(rows: RowColumns): number {
  const bytes = encodeRows(rows)
  const { length } = rows.at
  assert.equal(rowsIn(bytes), length)
  const into = blank(length + 2)
  assert.equal(decodeRows(bytes, into, 1), length)
  const samples = blank(length + 2)
  assert.equal(decodeSamples(bytes, samples, 1), length)
  for (const column of ["at", "value", "quality", "origin", "number"] as const)
    assert.deepEqual(into[column].slice(1, length + 1), rows[column])
  for (const column of ["at", "value", "quality"] as const)
    assert.deepEqual(samples[column], into[column])
  assert.deepEqual([into.number[0], into.number[length + 1]], [0, 0], "wrote beside its rows")
  return (bytes.length - encodeChunk(rows).length) / length
}

suite("a chunk with its rows' origins", () => {
  test("costs next to nothing where a device sends its tags in the same order", () => {
    const steady = rowsOf(1000, (i) => ({ origin: 3, number: 1e9 + i * 50 }))
    assert.ok(kept(steady) < 0.022)
    const shifts = rowsOf(1000, (i) => ({ origin: 3, number: 1e9 + i * 50 + (i >> 7) }))
    assert.ok(kept(shifts) < 0.06)
    const restarted = rowsOf(1000, (i) => ({ origin: i < 400 ? 3 : 4, number: (i % 400) * 50 }))
    assert.ok(kept(restarted) < 0.06)
    const alternate = rowsOf(1000, (i) => ({
      origin: i % 2,
      number: (i >> 1) * 50 + (i % 2) * 1e6,
    }))
    assert.ok(kept(alternate) < 0.18)
  })

  test("stays small where the order jitters or only changes are sent", () => {
    const random = seededRandom(1)
    const jitter = rowsOf(1000, (i) => ({
      origin: 3,
      number: 1e9 + i * 1000 + Math.floor(random.next() * 8),
    }))
    assert.ok(kept(jitter) < 0.5)
    let number = 0
    const changes = rowsOf(1000, () => {
      number += 1 + Math.floor(random.next() * 50)
      return { origin: 3, number }
    })
    assert.ok(kept(changes) < 0.9)
  })

  test("gives back any origins and numbers", () => {
    const number = fc.oneof(
      fc.nat(),
      fc.nat({ max: 100 }),
      fc.maxSafeNat(),
      fc.constantFrom(0, Number.MAX_SAFE_INTEGER),
    )
    const origin = fc.oneof(fc.nat({ max: 3 }), fc.constantFrom(2 ** 32 - 1))
    fc.assert(
      fc.property(
        fc.array(fc.tuple(origin, number), { minLength: 1, maxLength: 400 }),
        fc.constantFrom(0, 1, 7, -3),
        fc.boolean(),
        (some, step, isNear) => {
          const middle = 2 ** 20
          kept(
            rowsOf(some.length, (i) => {
              const [one, n] = some[i] as [number, number]
              return { origin: one, number: isNear ? middle + i * step + (n % 5) : n }
            }),
          )
        },
      ),
      { numRuns: 500 },
    )
    kept(rowsOf(maxChunkSamples, (i) => ({ origin: i, number: i % 2 ? 2 ** 53 - 1 : 0 })))
  })

  test("any byte that changed or is missing is found, and nothing else than damage is thrown", () => {
    const random = seededRandom(2)
    const number = () => Math.floor(random.next() * 1e6)
    for (const rows of [
      rowsOf(300, (i) => ({ origin: 1, number: i * 3 })),
      rowsOf(300, (i) => ({ origin: i % 3, number: number() })),
      rowsOf(40, (i) => ({ origin: i >> 4, number: i % 2 ? 2 ** 53 - 1 : 0 })),
    ]) {
      const bytes = encodeRows(rows)
      const into = blank(400)
      for (let i = 0; i < bytes.length; i++) {
        assert.throws(() => decodeRows(bytes.subarray(0, i), into), DamagedChunk)
        for (const flip of [1, 16, 128, 255]) {
          const damaged = bytes.slice()
          damaged[i] = (damaged[i] ?? 0) ^ flip
          assert.throws(() => decodeRows(damaged, into), DamagedChunk)
        }
      }
      assert.throws(() => decodeRows(bytes, blank(39)), DamagedChunk)
      assert.throws(() => decodeRows(Buffer.concat([bytes, bytes]), into), DamagedChunk)
    }
  })

  test("columns of other lengths are refused", () => {
    const rows = blank(3)
    assert.throws(() => encodeRows({ ...rows, origin: new Uint32Array(2) }), RangeError)
    assert.throws(() => encodeRows({ ...rows, number: new Float64Array(4) }), RangeError)
    assert.throws(() => encodeRows(blank(0)), RangeError)
  })
})
