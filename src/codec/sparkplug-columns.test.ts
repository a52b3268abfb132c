// The columnar decoder against the library `sparkplug-payload`, metric by metric, and against our own decoder of objects.
// MORU_MUTATIONS=1000000 says how many mutated messages there are.
import assert from "node:assert/strict"
import { suite, test } from "node:test"
import { get } from "sparkplug-payload"
import { type Random, seededRandom } from "../kernel/random.ts"
import { Problem } from "../model/problem.ts"
import { DataMetric, decodePayload, MetricColumns, readHead } from "./sparkplug.ts"
import type { DataType } from "./sparkplug-payload.ts"

const library = get("spBv1.0") ?? assert.fail("no library")
const mutations = Number(process.env.MORU_MUTATIONS ?? 20_000)

const wholes = {
  Int8: [-128, 127],
  Int16: [-32_768, 32_767],
  Int32: [-(2 ** 31), 2 ** 31 - 1],
  Int64: [-(2 ** 53) + 1, 2 ** 53 - 1],
  UInt8: [0, 255],
  UInt16: [0, 65_535],
  UInt32: [0, 2 ** 32 - 1],
  UInt64: [0, 2 ** 53 - 1],
  DateTime: [0, 2 ** 45],
} as const
const others = ["Float", "Double", "Boolean", "String", "Text", "UUID", "Bytes", "DataSet"] as const
const types = [...Object.keys(wholes), ...others] as (keyof typeof wholes | Other)[]
type Other = (typeof others)[number]
type Given = NonNullable<Parameters<typeof library.encodePayload>[0]["metrics"]>[number]

const pick = <T>(random: Random, of: readonly T[]): T =>
  of[Math.floor(random.next() * of.length)] as T
const words = ["", "a", "Temperature", "주조기/온도", "é", "x".repeat(200)]

function givenOf(type: keyof typeof wholes | Other, random: Random): unknown {
  if (type in wholes) {
    const [low, high] = wholes[type as keyof typeof wholes]
    const edges = [low, high, 0, 1, Math.floor(low + random.next() * (high - low))]
    return pick(random, edges)
  }
  if (type === "Float") return Math.fround((random.next() - 0.5) * 1e6)
  if (type === "Double") return pick(random, [0, -0, 1e300, 2 ** 53 + 2, random.next()])
  if (type === "Boolean") return random.next() < 0.5
  if (type === "Bytes") return Uint8Array.of(1, 2, 3)
  if (type === "DataSet")
    return { numOfColumns: 1, columns: ["c"], types: ["String"], rows: [["x"], ["y"]] }
  return pick(random, words)
}

function metricOf(random: Random): Given {
  const type = pick(random, types)
  const isNull = type !== "DataSet" && random.next() < 0.1
  const metric: Record<string, unknown> = { type, value: isNull ? null : givenOf(type, random) }
  if (random.next() < 0.4) metric.name = pick(random, words)
  if (random.next() < 0.8)
    metric.alias = Math.floor(random.next() * pick(random, [100, 2 ** 31, 2 ** 53]))
  if (random.next() < 0.8) metric.timestamp = Math.floor(random.next() * 2 ** 42)
  if (random.next() < 0.1) metric.isHistorical = random.next() < 0.5
  if (random.next() < 0.1) metric.isTransient = true
  if (random.next() < 0.1) metric.metadata = { isMultiPart: true, description: "d" }
  if (random.next() < 0.1)
    metric.properties = { Quality: { type: "Int32", value: pick(random, [0, 192, 500]) } }
  return metric as unknown as Given
}

function messageOf(random: Random): Uint8Array {
  const length = Math.floor(random.next() * pick(random, [3, 10, 80]))
  const metrics = Array.from({ length }, () => metricOf(random))
  const seq = Math.floor(random.next() * 256)
  return library.encodePayload({ timestamp: Math.floor(random.next() * 2 ** 42), seq, metrics })
}

const into = new DataMetric()

/** Row by row what a metric object says of it. */
function checkRow(columns: MetricColumns, row: number, metric: Told): void {
  const { name, alias, type, value } = metric
  const told = columns.metric(row, into)
  const what = `row ${row}: ${name} ${alias} ${type}`
  assert.equal(told.name, name ?? undefined, what)
  assert.equal(told.alias, alias === undefined || alias === null ? Number.NaN : Number(alias), what)
  const at = metric.timestamp
  assert.equal(told.at, at === undefined || at === null ? Number.NaN : Number(at), what)
  assert.equal(told.isHistorical, metric.isHistorical ?? false, what)
  if (told.isNull || value === undefined) return
  if (typeof value === "string") assert.equal(told.text, value, what)
  else if (typeof value === "object" && !isLong(value)) assert.equal(told.kind, "other", what)
  // A double under a whole type is refused, where the decoder of objects takes it if it has no decimals.
  else if (told.kind === "real" && String(type) in wholes)
    assert.ok(Number.isNaN(told.numberAs(type as DataType)))
  else if (type === undefined)
    assert.ok(Object.is(told.raw, unsigned(value)) || told.raw + 2 ** 64 === unsigned(value), what)
  else assert.equal(told.numberAs(type as DataType), signed(value, type), what)
}

interface Told {
  readonly name?: unknown
  readonly alias?: unknown
  readonly timestamp?: unknown
  readonly isHistorical?: unknown
  readonly type?: unknown
  readonly value?: unknown
}

/** The library gives negative numbers of 64 bits without sign. */
function signed(value: unknown, type: unknown): number {
  const isWide = type === "Int64" && typeof value === "object"
  return isWide ? Number(BigInt.asIntN(64, BigInt(String(value)))) : Number(value)
}

const unsigned = (value: unknown) => Number(value)

const isLong = (value: object | null): boolean => value !== null && "toUnsigned" in value

function mutated(bytes: Uint8Array, random: Random): Uint8Array {
  const copy = new Uint8Array(bytes)
  const count = 1 + Math.floor(random.next() * 4)
  for (let i = 0; i < count && copy.length > 0; i++) {
    const at = Math.floor(random.next() * copy.length)
    copy[at] =
      random.next() < 0.5
        ? Math.floor(random.next() * 256)
        : (copy[at] ?? 0) ^ (1 << Math.floor(random.next() * 8))
  }
  return random.next() < 0.1 ? copy.subarray(0, Math.floor(random.next() * copy.length)) : copy
}

/** Undefined where it throws; only a Problem may escape. */
function tried<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (thrown) {
    if (thrown instanceof Problem && thrown.code === "protocol-error") return undefined
    throw thrown
  }
}

suite("Sparkplug metrics as columns", () => {
  test("say of every metric what the library says", () => {
    const random = seededRandom(1)
    const columns = new MetricColumns()
    let rows = 0
    for (let run = 0; run < 2000; run++) {
      const bytes = messageOf(random)
      columns.read(bytes, "test")
      const { metrics, timestamp, seq } = library.decodePayload(bytes)
      assert.deepEqual([columns.timestamp, columns.seq], [Number(timestamp), Number(seq)])
      assert.deepEqual([columns.length, columns.faults], [metrics?.length, 0])
      for (const [row, metric] of (metrics ?? []).entries()) {
        const bytesOrSet = ["Bytes", "DataSet"].includes(String(metric.type))
        checkRow(columns, row, metric)
        if (bytesOrSet && metric.value !== null)
          assert.equal(columns.metric(row, into).kind, "other")
        rows++
      }
    }
    assert.ok(rows > 20_000)
  })

  test(`of ${mutations} mutated messages say what our decoder of objects says, and nothing but a problem escapes`, () => {
    const random = seededRandom(2)
    const columns = new MetricColumns()
    const seen = { whole: 0, faulty: 0, broken: 0 }
    let bytes = messageOf(random)
    for (let run = 0; run < mutations; run++) {
      if (run % 20 === 0) bytes = messageOf(random)
      const wrong = mutated(bytes, random)
      const isWhole = tried(() => columns.read(wrong, "test") ?? true) === true
      const payload = tried(() => decodePayload(wrong, "test"))
      const head = tried(() => readHead(wrong, "test"))
      if (!isWhole) assert.equal(payload, undefined)
      if (isWhole)
        assert.deepEqual(
          [columns.timestamp, columns.seq],
          [head?.timestamp ?? Number.NaN, head?.seq ?? Number.NaN],
        )
      if (!isWhole) seen.broken++
      else if (columns.faults > 0) {
        seen.faulty++
        assert.equal(payload, undefined, "it has a metric that no decoder can read")
        assert.equal(columns.problem?.code, "protocol-error")
      } else if (payload) {
        seen.whole++
        assert.equal(columns.length, payload.metrics.length)
        for (const [row, metric] of payload.metrics.entries()) checkRow(columns, row, metric)
      }
    }
    assert.ok(Math.min(seen.whole, seen.faulty, seen.broken) > mutations / 50, JSON.stringify(seen))
  })
})
