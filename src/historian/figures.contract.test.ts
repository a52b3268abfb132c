// What every store of samples computes from them. A new one adds a line to `stores`.
import assert from "node:assert/strict"
import { after, suite, test } from "node:test"
import { quality } from "../model/quality.ts"
import {
  a,
  aligned,
  block,
  bucketsOf,
  closeStores,
  type Row,
  signal,
  stores,
} from "./testing/contract.ts"

after(closeStores)

for (const [name, open] of Object.entries(stores)) {
  suite(`figures of a history: ${name}`, () => {
    test("buckets count usable numbers only, and an empty one is a gap", async () => {
      const history = await open()
      const rows: Row[] = [
        [1, 0, 1],
        [1, 5, 3, quality.uncertain],
        [1, 7, 99, quality.bad],
        [1, 8, Number.NaN],
        [1, 9.999, -2],
        [1, 30, 8],
        [1, 40, 1],
      ]
      await history.append(block(rows))
      const [first, second] = await bucketsOf(history, { tags: [1, 2], from: 0, to: 40 }, 4)
      const none = Number.NaN
      assert.deepEqual([first?.tag, first?.from, first?.bucketMs], [1, 0, 10])
      assert.deepEqual(
        [first?.count, first?.min, first?.max, first?.mean, first?.first, first?.last].map(
          (column) => Array.from(column ?? []),
        ),
        [
          [3, 0, 0, 1],
          [-2, none, none, 8],
          [3, none, none, 8],
          [2 / 3, none, none, 8],
          [1, none, none, 8],
          [-2, none, none, 8],
        ],
      )
      assert.deepEqual(second?.count, new Uint32Array(4))
    })

    test("on the grid a value holds until the next, until it is too old or until the sensor is bad", async () => {
      const history = await open()
      await history.append(
        block([
          [1, -5, 1],
          [1, 20, 2],
          [1, 20, 3],
          [1, 70, 4, quality.bad],
          [1, 90, 5, quality.uncertain],
          [2, 30, 7],
        ]),
      )
      const none = Number.NaN
      const range = { tags: [1, 2], from: 0, to: 101 }
      assert.deepEqual(await aligned(history, range, { stepMs: 10, holdMs: 25 }), {
        at: [0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100],
        values: [
          [1, 1, 3, 3, 3, none, none, none, none, 5, 5],
          [none, none, none, 7, 7, 7, none, none, none, none, none],
        ],
      })
      const forever = await aligned(
        history,
        { tags: [1], from: 50, to: 70 },
        { stepMs: 10, holdMs: Infinity },
      )
      assert.deepEqual(forever.values, [[3, 3]])
      const nothing = await aligned(
        history,
        { tags: [1], from: 5, to: 5 },
        { stepMs: 1, holdMs: 1 },
      )
      assert.deepEqual(nothing.at, [])
    })

    test("a mean over time weighs each value by how long it held, from before on and until the end", async () => {
      const history = await open()
      await history.append(
        block([
          [1, -50, 4],
          [1, 5, 8],
          [1, 12, 2, quality.bad],
          [1, 30, 6, quality.uncertain],
          [1, 32, Number.NaN],
          [1, 35, 1],
          [1, 35, 3],
          [2, 100, 1],
        ]),
      )
      const [one, two] = await bucketsOf(history, { tags: [1, 2], from: 0, to: 50 }, 5)
      const none = Number.NaN
      assert.deepEqual(
        [one?.heldMs, one?.timeMean, two?.heldMs].map((column) => [...(column ?? [])]),
        [
          [10, 2, 0, 7, 10],
          [6, 8, none, 27 / 7, 3],
          [0, 0, 0, 0, 0],
        ],
      )
    })

    test("an infinite value that held for no time leaves the mean over time alone", async () => {
      const history = await open()
      const rows: Row[] = [
        [1, 0, Number.NEGATIVE_INFINITY],
        [1, 0, 2],
        [1, 10, Number.POSITIVE_INFINITY],
        [1, 10, Number.NaN],
      ]
      await history.append(block(rows))
      const [one] = await bucketsOf(history, { tags: [1], from: 0, to: 20 }, 1)
      assert.deepEqual([one?.timeMean[0], one?.heldMs[0]], [2, 10])
    })

    test("a state stands until the next; what is not known is said", async () => {
      const history = await open()
      await history.append(
        block([
          [1, -5, 2],
          [1, 5, 1],
          [1, 8, 1],
          [1, 12, 0],
          [1, 12, -0],
          [1, 25, 1, quality.badNotConnected],
          [1, 38, 2],
        ]),
      )
      const of = async (tags: number[], buckets: number) => {
        const all = await Array.fromAsync(
          history.durations({ tags, from: 0, to: 40 }, buckets, signal),
        )
        return all.map(({ tag, from, bucketMs, values, ms, unknownMs }) => ({
          head: [tag, from, bucketMs],
          values,
          ms: ms.map((column) => [...column]),
          unknownMs: [...unknownMs],
        }))
      }
      assert.deepEqual(await of([1, 3], 2), [
        {
          head: [1, 0, 20],
          values: [0, 1, 2],
          ms: [
            [8, 5],
            [7, 0],
            [5, 2],
          ],
          unknownMs: [0, 13],
        },
        { head: [3, 0, 20], values: [], ms: [], unknownMs: [20, 20] },
      ])
      const rows = Array.from({ length: 1001 }, (_, i): Row => [2, i / 100, i])
      await history.append(block(rows.slice(1), a, 7))
      assert.equal((await of([2], 1))[0]?.values.length, 1000)
      await history.append(block(rows.slice(0, 1), a, 2000))
      await assert.rejects(of([2], 1), { code: "request-invalid", where: "tag 2" })
    })

    test("a straight line runs between two usable samples near to each other, and nowhere else", async () => {
      const history = await open()
      await history.append(
        block([
          [1, -10, 1],
          [1, 10, 3],
          [1, 20, 5],
          [1, 30, 9, quality.bad],
          [1, 35, 0],
          [1, 70, 7],
          [1, 110, 11],
        ]),
      )
      const none = Number.NaN
      const range = { tags: [1, 2], from: 0, to: 105 }
      const line = { stepMs: 5, holdMs: 40, between: "linear" } as const
      const { values } = await aligned(history, range, line)
      const first = [2, 2.5, 3, 4, 5, none, none, 0, 1, 2, 3, 4, 5, 6, 7, 7.5, 8, 8.5, 9, 9.5, 10]
      assert.deepEqual(values, [first, first.map(() => none)])
      const short = await aligned(history, range, { ...line, stepMs: 35, holdMs: 30 })
      assert.deepEqual(short.values[0], [2, 0, 7])
    })
  })
}
