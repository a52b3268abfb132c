import assert from "node:assert/strict"
import { suite, test } from "node:test"
import fc from "fast-check"
import { Sequence } from "./sequence.ts"

/** Offers messages in the order of arrival and gives what comes out, and how many were missing. */
function through(arrivals: readonly number[]) {
  const sequence = new Sequence<number>()
  sequence.begin(0, 0)
  const out: number[] = []
  for (const message of arrivals) {
    const seq = (message + 1) % 256
    const place = sequence.placeOf(seq)
    if (place === "late") continue
    if (place === "early") sequence.hold({ seq, sentAt: 0, bytes: 1, message })
    else {
      out.push(message)
      sequence.advance()
    }
    for (let held = sequence.takeReady(); held; held = sequence.takeReady()) {
      out.push(held.message)
      sequence.advance()
    }
  }
  const { missing, held } = sequence.giveUp()
  return { out: [...out, ...held.map(({ message }) => message)], missing }
}

/** Each message is shifted by less than half the numbers there are. */
const shuffled = fc
  .tuple(fc.integer({ min: 1, max: 700 }), fc.infiniteStream(fc.nat(50)))
  .map(([count, shifts]) =>
    Array.from({ length: count }, (_, i) => ({ i, place: i + (shifts.next().value ?? 0) }))
      .sort((a, b) => a.place - b.place || a.i - b.i)
      .map(({ i }) => i),
  )

suite("the order of an edge node's messages", () => {
  test("whatever overtakes comes out in order, none twice and none missing", () => {
    fc.assert(
      fc.property(shuffled, (arrivals) => {
        assert.deepEqual(through(arrivals), { out: arrivals.map((_, i) => i), missing: 0 })
      }),
    )
  })

  test("what is missing is counted, and the rest comes out in order", () => {
    const some = fc.uniqueArray(fc.integer({ min: 0, max: 99 }), { minLength: 1 })
    fc.assert(
      fc.property(some, (arrivals) => {
        const sorted = arrivals.toSorted((a, b) => a - b)
        const expected = { out: sorted, missing: (sorted.at(-1) ?? 0) + 1 - sorted.length }
        assert.deepEqual(through(arrivals), expected)
      }),
    )
  })

  test("a number that has passed, and one that is held already, is late", () => {
    const sequence = new Sequence<string>()
    sequence.begin(250, 0)
    sequence.hold({ seq: 253, sentAt: 0, bytes: 3, message: "a" })
    assert.deepEqual(
      [250, 251, 252, 253, 5].map((seq) => sequence.placeOf(seq)),
      ["late", "next", "early", "late", "early"],
    )
    assert.equal(sequence.heldBytes, 3)
  })

  test("before a birth everything waits, and what was sent before the birth is let go", () => {
    const sequence = new Sequence<string>()
    for (const [seq, sentAt] of [
      [7, 99],
      [1, 101],
    ] as const)
      sequence.hold({ seq, sentAt, bytes: 1, message: `${seq}` })
    assert.equal(sequence.placeOf(2), "early")
    sequence.begin(0, 100)
    assert.equal(sequence.takeReady()?.message, "1")
    assert(!sequence.isWaiting)
  })
})
