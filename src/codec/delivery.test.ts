import assert from "node:assert/strict"
import { suite, test } from "node:test"
import { seededRandom } from "../kernel/random.ts"
import type { SourceId } from "../model/block.ts"
import type { Path } from "../model/path.ts"
import {
  DamagedChunk,
  decodeEntry,
  decodeMessage,
  decodeParcel,
  encodeEntry,
  encodeMessage,
  encodeParcel,
  type LogEntry,
  type MessageHead,
  type ParcelHead,
  parcelTags,
  TagRun,
} from "./delivery.ts"

const source = "dc-1/live@7f3a" as SourceId

const entry: LogEntry = {
  block: {
    ...{ source, sequence: 40, received: 1000.5, length: 3 },
    tag: Uint32Array.of(1, 7, 1),
    at: Float64Array.of(1000, 1000.25, -5),
    value: Float64Array.of(Number.NaN, -0, 2 ** 53),
    quality: Uint8Array.of(0, 130, 66),
  },
  cycles: [
    {
      ...{ id: `${source}#4`, equipment: "a/b" as Path, source, sequence: 4, start: 1, end: 2 },
      values: { pressure: 91.5, alloy: "ADC12" },
    },
  ],
  gaps: [{ id: "plant:4", device: "dc-1", source, because: "restart", from: 1, to: 2, size: 3 }],
}

const head: ParcelHead = {
  ...{ first: 3, last: 9, rows: 5003, from: 0, to: 5000, isSummary: false },
  ...{ sources: [source], cycles: entry.cycles, gaps: entry.gaps, texts: [[7, 1, "열림"]] },
}

function runs(): readonly TagRun[] {
  const long = Float64Array.from({ length: 5000 }, (_, i) => i)
  const line = {
    at: long,
    value: long.map((i) => Math.sin(i)),
    number: long.map((i) => 7 + i * 200),
  }
  const odd = {
    ...{ at: Float64Array.of(1, 1, 2), value: Float64Array.of(1, 2, 3) },
    number: Float64Array.of(9, 4, 2 ** 40),
  }
  return [
    new TagRun({ source: 0, tag: 7, ...line, quality: new Uint8Array(5000) }),
    new TagRun({ source: 0, tag: 9, ...odd, quality: Uint8Array.of(0, 64, 131) }),
  ]
}

const message: MessageHead = {
  ...{ edge: "hall-2", epoch: "e1", lane: "live", first: 3, last: 4, sentAt: 12.5, session: "s" },
  ...{ tags: [[1, "a/b/c", "number", "Cel"]], texts: [[7, 1, "열림"]], status: { bytes: 1 } },
}

suite("what an edge tells", () => {
  test("an entry comes back with every bit", () => {
    assert.deepEqual(decodeEntry(encodeEntry(entry)), entry)
    const onlyGaps = { cycles: [], gaps: entry.gaps }
    assert.deepEqual(decodeEntry(encodeEntry(onlyGaps)), onlyGaps)
  })

  test("a parcel comes back with its rows and their numbers, in runs of any length", () => {
    const parcel = decodeParcel(encodeParcel({ head, runs: runs() }))
    assert.deepEqual(parcel.head, head)
    const rows = [...parcel.runs].flatMap(({ tag, at, value, quality, number }) =>
      Array.from(at, (time, i) => [tag, time, value[i], quality[i], number[i]]),
    )
    const given = runs().flatMap(({ tag, at, value, quality, number }) =>
      Array.from(at, (time, i) => [tag, time, value[i], quality[i], number[i]]),
    )
    assert.deepEqual(rows, given)
  })

  test("the tags of a parcel are known without unpacking it", () => {
    assert.deepEqual([...parcelTags(encodeParcel({ head, runs: runs() }))], [7, 9])
  })

  test("a message brings its parts in their order", () => {
    const parts = [
      { kind: "entry", number: 3, bytes: encodeEntry(entry) },
      { kind: "parcel", number: 0, bytes: encodeParcel({ head, runs: runs() }) },
    ] as const
    const back = decodeMessage(encodeMessage(message, parts))
    assert.deepEqual(back.head, message)
    assert.deepEqual(
      back.parts.map(({ kind, number }) => [kind, number]),
      [
        ["entry", 3],
        ["parcel", 0],
      ],
    )
    assert.deepEqual(decodeEntry(back.parts[0]?.bytes ?? new Uint8Array()), entry)
  })

  test("bytes that were changed give a damaged chunk and nothing else", () => {
    const random = seededRandom(7)
    const parcel = encodeParcel({ head: { ...head, rows: 3 }, runs: runs().slice(1) })
    const whole = encodeMessage(message, [{ kind: "entry", number: 3, bytes: encodeEntry(entry) }])
    const decoders: readonly [Uint8Array, (bytes: Uint8Array) => unknown][] = [
      [encodeEntry(entry), decodeEntry],
      [parcel, (bytes) => [...decodeParcel(bytes).runs, parcelTags(bytes)]],
      [whole, decodeMessage],
    ]
    let refused = 0
    for (const [bytes, decode] of decoders)
      for (let i = 0; i < 3000; i++) {
        const mutated = bytes.slice(
          0,
          i % 3 === 0 ? Math.floor(random.next() * bytes.length) : undefined,
        )
        for (let n = 0; n < 3; n++)
          if (i % 3 > 0) mutated[Math.floor(random.next() * bytes.length)] = random.next() * 256
        try {
          decode(mutated)
        } catch (thrown) {
          assert.ok(thrown instanceof DamagedChunk, String(thrown))
          refused++
        }
      }
    assert.ok(refused > 3000)
  })
})
