import assert from "node:assert/strict"
import { suite, test } from "node:test"
import { crc32 } from "node:zlib"
import fc from "fast-check"
import { seededRandom } from "../kernel/random.ts"
import {
  DamagedChunk,
  decodeChunk,
  encodeChunk,
  maxChunkSamples,
  type SampleColumns,
  samplesOf,
} from "./chunk.ts"

type Rows = Partial<Record<keyof SampleColumns, ArrayLike<number>>>

/** Columns of the longest given; the others are a second apart, 0 and good. */
function columns({ at, value, quality }: Rows): SampleColumns {
  const length = Math.max(at?.length ?? 0, value?.length ?? 0, quality?.length ?? 0)
  const some = Array.from({ length })
  return {
    at: Float64Array.from(some, (_, i) => at?.[i] ?? 1.7e12 + i * 1000),
    value: Float64Array.from(some, (_, i) => value?.[i] ?? 0),
    quality: Uint8Array.from(some, (_, i) => quality?.[i] ?? 0),
  }
}

function blank(length: number): SampleColumns {
  return columns({ quality: new Uint8Array(length) })
}

const bits = (column: Float64Array) => new BigUint64Array(column.buffer, column.byteOffset)

/** Packs, unpacks into the middle of other columns and compares every bit; gives the packed size. */
function kept(samples: SampleColumns): number {
  const bytes = encodeChunk(samples)
  const { length } = samples.at
  assert.equal(samplesOf(bytes), length)
  const into = blank(length + 2)
  assert.equal(decodeChunk(bytes, into, 1), length)
  const rows = (column: Float64Array) => column.slice(1, length + 1)
  assert.deepEqual(bits(rows(into.at)), bits(samples.at.slice()))
  assert.deepEqual(bits(rows(into.value)), bits(samples.value.slice()))
  assert.deepEqual(into.quality.slice(1, length + 1), samples.quality.slice())
  assert.equal(into.value[length + 1], 0, "wrote behind its rows")
  return bytes.length
}

function series(length: number, next: (i: number) => number): number[] {
  return Array.from({ length }, (_, i) => next(i))
}

const nasty = [0, -0, 1, -1, 0.1, 21.3, Number.NaN, Infinity, -Infinity, 5e-324, 2.2e-308, 1e-9]
const big = [
  1e22,
  Number.MAX_VALUE,
  -Number.MAX_VALUE,
  2 ** 53,
  -(2 ** 53) - 2,
  2 ** 51,
  2 ** 49,
  8.64e15,
  1.7e12,
]
const anyDouble = fc.oneof(
  fc.constantFrom(...nasty, ...big, Math.fround(21.3), Math.PI),
  fc.double(),
  fc.float(),
  fc.integer(),
  fc.integer({ min: -99_999, max: 99_999 }).map((n) => n / 1000),
)

/** Long runs of one kind with others strewn in, as columns in a plant are. */
const anyColumn = fc
  .record({
    length: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 100, max: 1200 })),
    seed: fc.integer(),
    start: anyDouble,
    step: fc.constantFrom(0, 1, -1, 1000, 0.1, 0.001, 1e-6, 2 ** 40, 1e300),
    decimals: fc.integer({ min: 0, max: 10 }),
    asFloat: fc.boolean(),
    others: fc.array(anyDouble, { maxLength: 5 }),
    share: fc.constantFrom(0, 0.01, 0.2, 0.9),
  })
  .map((shape) => {
    const random = seededRandom(shape.seed)
    const unit = 10 ** shape.decimals
    let value = shape.start
    return series(shape.length, () => {
      value += shape.step * Math.round(random.next() * 3)
      const other = shape.others[Math.floor(random.next() * shape.others.length)]
      if (other !== undefined && random.next() < shape.share) return other
      const rounded = Math.round(value * unit) / unit
      return shape.asFloat ? Math.fround(rounded) : rounded
    })
  })

const anyQuality = fc.oneof(
  fc.uint8Array({ maxLength: 600 }),
  fc.array(fc.constantFrom(0, 64, 129, 255), { maxLength: 600 }),
)

suite("a chunk", () => {
  test("gives every bit back, whatever the columns hold", () => {
    fc.assert(
      fc.property(anyColumn, anyColumn, anyQuality, (at, value, quality) => {
        kept(columns({ at, value, quality }))
      }),
      { numRuns: 1500 },
    )
  })

  test("gives back any doubles in any order", () => {
    fc.assert(
      fc.property(fc.array(anyDouble, { minLength: 1, maxLength: 400 }), (doubles) => {
        kept(columns({ at: doubles.toReversed(), value: doubles }))
      }),
      { numRuns: 1500 },
    )
  })

  test("gives back any bits, NaN's payload too", () => {
    const words = fc.uint8Array({ minLength: 8, maxLength: 3000 })
    fc.assert(
      fc.property(words, (some) => {
        const value = new Float64Array(some.length >> 3)
        new Uint8Array(value.buffer).set(some.subarray(0, value.length * 8))
        new Uint32Array(value.buffer).set([1, 0x7ff00000], 0)
        const samples = { ...columns({ value }), value }
        assert.equal(bits(samples.value)[0], 0x7ff0000000000001n)
        kept(samples)
      }),
    )
  })

  test("holds 1 to 4096 samples", () => {
    for (const length of [1, 2, 127, 128, 129, 256, 257, maxChunkSamples]) kept(blank(length))
    for (const length of [0, maxChunkSamples + 1])
      assert.throws(() => encodeChunk(blank(length)), RangeError)
    assert.throws(() => encodeChunk({ ...blank(3), quality: new Uint8Array(2) }), RangeError)
  })

  test("does not care where in its buffers the columns and the bytes stand", () => {
    const { at, value, quality } = columns({ value: series(300, (i) => i % 7) })
    const part = { at: at.subarray(3), value: value.subarray(3), quality: quality.subarray(3) }
    kept(part)
    const bytes = encodeChunk(part)
    const shifted = new Uint8Array(bytes.length + 3)
    shifted.set(bytes, 3)
    const into = blank(297)
    decodeChunk(shifted.subarray(3), into)
    assert.deepEqual(into.value, part.value)
  })

  const random = seededRandom(7)
  const jitter = series(1000, (i) => 1.7e12 + i * 1000 + Math.floor(random.next() * 5))
  let walk = 20
  const walked = series(1000, () => {
    walk += (random.next() - 0.5) / 5
    return Math.round(walk * 100) / 100
  })
  const size = (rows: Rows) => kept(columns(rows)) / 1000

  test("takes less than a sixth of a byte where nothing moves", () => {
    for (const still of [0, 21.3, Math.PI, Number.NaN, -0, Infinity, Math.fround(0.3)])
      assert.ok(size({ value: series(1000, () => still) }) < 0.16, `${still}`)
  })

  test("takes for 32-bit floats what their decimals take", () => {
    const decimal = size({ at: jitter, value: walked })
    const float = size({ at: jitter, value: walked.map(Math.fround) })
    assert.ok(decimal < 1.3 && float <= decimal, `${decimal} and ${float}`)
  })

  test("takes little more where the machine was off for a while, or a count began anew", () => {
    const plain = size({ at: jitter, value: walked })
    const off = walked.map((x, i) => (i > 300 && i < 500 ? Number.NaN : x))
    assert.ok(size({ at: jitter, value: off }) < plain + 0.1)
    const pause = jitter.map((t, i) => (i < 500 ? t : t + 8 * 3_600_000 + 17))
    assert.ok(size({ at: pause, value: walked }) < plain + 0.1)
    const count = series(1000, (i) => (i * 2) % 999)
    assert.ok(size({ value: count }) < 0.3)
  })

  test("keeps microseconds and out-of-order times small", () => {
    const micro = jitter.map((t, i) => (t * 1000 + (i % 10)) / 1000)
    assert.ok(size({ at: micro }) < 2)
    const swapped = jitter.map((_, i) => jitter[i ^ 1] ?? 0)
    assert.ok(size({ at: swapped }) < 2)
  })

  test("takes at most 9 bytes a sample for chance at regular times", () => {
    assert.ok(size({ at: jitter, value: series(1000, () => random.next() - 0.5) }) < 9)
    const any = new Float64Array(
      new Uint32Array(series(2000, () => random.next() * 2 ** 32)).buffer,
    )
    assert.ok(size({ at: jitter, value: any }) < 9)
  })
})

suite("a damaged chunk", () => {
  const random = seededRandom(11)
  const value = series(400, (i) =>
    i % 97 === 0 ? Number.NaN : Math.round(random.next() * 1000) / 10,
  )
  const quality = value.map((x) => (Number.isNaN(x) ? 129 : 0))
  const kinds = [
    columns({ value, quality }),
    columns({ value: value.map(Math.fround), at: value }),
    columns({ value: value.map((x, i) => (i % 50 === 0 ? 1e9 : x > 50 ? 1 : 0)) }),
    columns({ value: value.map(Math.sin), quality: value.map(() => random.next() * 256) }),
    columns({ value: [1] }),
  ].map(encodeChunk)
  const into = blank(maxChunkSamples)

  test("is refused for any flipped bit, any cut and anything added", () => {
    for (const bytes of kinds) {
      for (let bit = 0; bit < bytes.length * 8; bit++) {
        const wrong = bytes.slice()
        wrong[bit >> 3] = (wrong[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        assert.throws(() => decodeChunk(wrong, into), DamagedChunk)
      }
      for (let end = 0; end < bytes.length; end++)
        assert.throws(() => decodeChunk(bytes.subarray(0, end), into), DamagedChunk)
      assert.throws(() => decodeChunk(new Uint8Array([...bytes, 0]), into), DamagedChunk)
    }
  })

  test("throws nothing but its own error even where its checksum is right", () => {
    let refused = 0
    for (let run = 0; run < 100_000; run++) {
      const wrong = mutated(kinds[run % kinds.length] ?? new Uint8Array(), random.next)
      new DataView(wrong.buffer).setUint32(0, crc32(wrong.subarray(4)), true)
      try {
        decodeChunk(wrong, into)
      } catch (error) {
        if (!(error instanceof DamagedChunk)) throw error
        refused++
      }
    }
    assert.ok(refused > 20_000, `${refused} refused`)
  })

  test("is refused where the columns are too short for it", () => {
    for (const bytes of kinds)
      assert.throws(() => decodeChunk(bytes, blank(samplesOf(bytes)), 1), DamagedChunk)
  })
})

/** A few bytes changed, most near the front where the forms stand; at times cut or lengthened. At least 8 bytes stay. */
function mutated(bytes: Uint8Array, next: () => number): Uint8Array<ArrayBuffer> {
  const length = next() < 0.2 ? Math.floor(8 + next() * bytes.length) : bytes.length
  const wrong = new Uint8Array(length)
  wrong.set(bytes.subarray(0, length))
  for (let n = 1 + next() * 4; n > 0; n--)
    wrong[4 + Math.floor(next() ** 3 * (length - 4))] = next() < 0.3 ? 255 : next() * 256
  return wrong
}
