import assert from "node:assert/strict"
import { suite, test } from "node:test"
import fc from "fast-check"
import { get } from "sparkplug-payload"
import { Problem } from "../model/problem.ts"
import { decodePayload, encodePayload, readHead, readMetrics, valueAs } from "./sparkplug.ts"
import type { DataType, Metric, Payload, PropertySet } from "./sparkplug-payload.ts"

const library = get("spBv1.0")

const small = (low: number, high: number) => fc.integer({ min: low, max: high })
const short = (value: bigint) => (Number.isSafeInteger(Number(value)) ? Number(value) : value)
const wide = (low: bigint, high: bigint) => fc.bigInt({ min: low, max: high }).map(short)
const float = fc.float({ noNaN: true }).map((n) => n)
const real = fc.double({ noNaN: true })
const text = fc.string({ unit: "grapheme", maxLength: 20 })
const word = text.filter((t) => !t.includes("\0"))
const bytes = fc.uint8Array({ maxLength: 20 })

const scalars = {
  Int8: small(-128, 127),
  Int16: small(-32_768, 32_767),
  Int32: small(-(2 ** 31), 2 ** 31 - 1),
  Int64: wide(-(2n ** 63n), 2n ** 63n - 1n),
  UInt8: small(0, 255),
  UInt16: small(0, 65_535),
  UInt32: small(0, 2 ** 32 - 1),
  UInt64: wide(0n, 2n ** 64n - 1n),
  Float: float,
  Double: real,
  Boolean: fc.boolean(),
  String: text,
  DateTime: small(0, 2 ** 45),
  Text: text,
  UUID: fc.uuid(),
} as const satisfies Partial<Record<DataType, fc.Arbitrary<unknown>>>

const scalarTypes = Object.keys(scalars) as (keyof typeof scalars)[]
const ofType = (type: keyof typeof scalars): fc.Arbitrary<string | number | bigint | boolean> =>
  scalars[type]

const list = <T>(of: fc.Arbitrary<T>) => fc.array(of, { maxLength: 20 })
const arrays = {
  Int8Array: list(scalars.Int8),
  Int16Array: list(scalars.Int16),
  Int32Array: list(scalars.Int32),
  Int64Array: list(scalars.Int64),
  UInt8Array: list(scalars.UInt8),
  UInt16Array: list(scalars.UInt16),
  UInt32Array: list(scalars.UInt32),
  UInt64Array: list(scalars.UInt64),
  FloatArray: list(float),
  DoubleArray: list(real),
  BooleanArray: list(fc.boolean()),
  StringArray: list(word),
  DateTimeArray: list(scalars.DateTime),
} as const satisfies Partial<Record<DataType, fc.Arbitrary<unknown>>>

const scalar = fc
  .constantFrom(...scalarTypes)
  .chain((type) => ofType(type).map((value) => ({ type, value })))

const exact = scalar.filter(({ value }) => typeof value !== "bigint")

const dataSet = fc
  .array(fc.tuple(text, fc.constantFrom(...scalarTypes)), { maxLength: 4 })
  .chain((columns) =>
    fc
      .array(fc.tuple(...columns.map(([, type]) => fc.option(ofType(type)))), { maxLength: 3 })
      .map((rows) => ({
        type: "DataSet" as const,
        value: { columns: columns.map(([name]) => name), types: columns.map(([, t]) => t), rows },
      })),
  )

const properties: fc.Arbitrary<PropertySet> = fc
  .array(
    fc.tuple(
      text,
      fc.oneof(
        scalar,
        fc.constant({ type: "Double" as const, value: null }),
        scalar.map((inner) => ({
          type: "PropertySet" as const,
          value: new Map([["inner", inner]]),
        })),
        scalar.map((inner) => ({
          type: "PropertySetList" as const,
          value: [new Map([["inner", inner]]), new Map()],
        })),
      ),
    ),
    { maxLength: 3 },
  )
  .map((pairs) => new Map(pairs))

const array = fc
  .constantFrom(...(Object.keys(arrays) as (keyof typeof arrays)[]))
  .chain((type) =>
    (
      arrays[type] as fc.Arbitrary<
        (typeof arrays)["Int8Array"] extends fc.Arbitrary<infer T> ? T : never
      >
    ).map((value) => ({ type, value })),
  )

const template = fc.array(scalar, { maxLength: 2 }).map((inner) => ({
  type: "Template" as const,
  value: {
    version: "1",
    ref: "Motor",
    isDefinition: false,
    metrics: inner.map(({ type, value }, i) => ({ name: `m${i}`, type, value })),
    parameters: inner.map(({ type, value }, i) => ({ name: `p${i}`, type, value })),
  },
}))

const typed = fc.oneof(
  { weight: 6, arbitrary: scalar },
  { weight: 3, arbitrary: array },
  dataSet,
  template,
  fc
    .constantFrom("Bytes" as const, "File" as const)
    .chain((type) => bytes.map((value) => ({ type, value }))),
  fc.constantFrom(...scalarTypes).map((type) => ({ type, value: null })),
)

const metric: fc.Arbitrary<Metric> = fc
  .tuple(
    typed,
    fc.record(
      {
        name: text,
        alias: scalars.UInt64,
        timestamp: scalars.DateTime,
        isHistorical: fc.boolean(),
        isTransient: fc.boolean(),
        properties,
        metadata: fc.record(
          { isMultiPart: fc.boolean(), contentType: text, size: scalars.UInt64, md5: text },
          { requiredKeys: [], noNullPrototype: true },
        ),
      },
      { requiredKeys: [] },
    ),
  )
  .map(([value, head]) => ({ ...head, ...value }))

const payload: fc.Arbitrary<Payload> = fc
  .tuple(
    fc.array(metric, { maxLength: 8 }),
    fc.record(
      { timestamp: scalars.DateTime, seq: small(0, 255), uuid: text, body: bytes },
      { requiredKeys: [] },
    ),
  )
  .map(([metrics, head]) => ({ metrics, ...head }))

/** The library knows neither arrays nor numbers beyond 2^53 as plain numbers, and of data sets only some types. */
const known = fc.array(
  fc
    .tuple(
      exact,
      fc.record({ alias: small(0, 1000), timestamp: scalars.DateTime }, { requiredKeys: [] }),
      text,
    )
    .map(([given, head, name]) => ({ name, ...head, ...given })),
  { maxLength: 10 },
)

const decode = (given: Uint8Array) => decodePayload(given, "test")

suite("Sparkplug B payloads", () => {
  test("what is written is read again, whatever the types", () => {
    fc.assert(
      fc.property(payload, (given) => {
        assert.deepEqual(decode(encodePayload(given)), given)
      }),
    )
  })

  test("another library reads what we write", () => {
    fc.assert(
      fc.property(known, (metrics) => {
        const read = library?.decodePayload(encodePayload({ timestamp: 5, seq: 7, metrics }))
        assert.deepEqual(
          read?.metrics?.map(({ name, type, value }) => ({
            name,
            type,
            value: plain(value, type),
          })),
          metrics.map(({ name, type, value }) => ({ name, type, value })),
        )
        assert.deepEqual([Number(read?.timestamp), Number(read?.seq)], [5, 7])
      }),
    )
  })

  test("we read what another library writes", () => {
    fc.assert(
      fc.property(known, (metrics) => {
        const bytes = library?.encodePayload({ timestamp: 5, seq: 7, metrics }) ?? new Uint8Array()
        assert.deepEqual(decode(bytes), { timestamp: 5, seq: 7, metrics })
      }),
    )
  })

  test("we read another library's properties, templates and data sets", () => {
    const bytes = library?.encodePayload({
      metrics: [
        {
          name: "t",
          type: "Template",
          value: {
            templateRef: "Motor",
            isDefinition: false,
            metrics: [{ name: "rpm", type: "Int16", value: -3 }],
            parameters: [{ name: "no", type: "UInt32", value: 4 }],
          },
          properties: { engUnit: { type: "String", value: "Cel" } },
        },
        {
          name: "d",
          type: "DataSet",
          value: {
            numOfColumns: 2,
            columns: ["a", "b"],
            types: ["Double", "String"],
            rows: [[1.5, "x"]],
          },
        },
      ],
    })
    assert.deepEqual(decode(bytes ?? new Uint8Array()).metrics, [
      {
        name: "t",
        type: "Template",
        value: {
          ref: "Motor",
          isDefinition: false,
          metrics: [{ name: "rpm", type: "Int16", value: -3 }],
          parameters: [{ name: "no", type: "UInt32", value: 4 }],
        },
        properties: new Map([["engUnit", { type: "String", value: "Cel" }]]),
      },
      {
        name: "d",
        type: "DataSet",
        value: { columns: ["a", "b"], types: ["Double", "String"], rows: [[1.5, "x"]] },
      },
    ])
  })

  test("mutated bytes give a payload or a problem, never anything else", () => {
    const mutation = fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 }))
    const mutated = fc
      .tuple(payload, fc.array(mutation, { minLength: 1, maxLength: 6 }), fc.nat())
      .map(([given, mutations, cut]) => {
        const bytes = encodePayload(given)
        for (const [at, to] of mutations) if (bytes.length > 0) bytes[at % bytes.length] = to
        return cut % 3 === 0 ? bytes.subarray(0, cut % (bytes.length + 1)) : bytes
      })
    fc.assert(
      fc.property(fc.oneof(mutated, fc.uint8Array({ maxLength: 200 })), (bytes) => {
        for (const read of [decode, walk, head]) isProblemOrNothing(() => read(bytes))
      }),
      { numRuns: 2000 },
    )
  })

  test("a message that nests too deep or has too many fields is refused", () => {
    let deep: Metric = { name: "m", type: "Int8", value: 1 }
    for (let i = 0; i < 10; i++)
      deep = { type: "Template", value: { metrics: [deep], parameters: [] } }
    assert.throws(() => decode(encodePayload({ metrics: [deep] })), /too deep a nesting/)
    assert.throws(() => decode(new Uint8Array(2_000_004).fill(18).map((b, i) => (i % 2 ? 0 : b))), {
      message: /too many fields/,
    })
    assert.throws(() => decode(new Uint8Array(9 * 1024 * 1024)), /9437184 bytes/)
  })

  test("negative numbers are read however far the sender extends the sign", () => {
    assert.equal(valueAs(0xff, "Int8"), -1)
    assert.equal(valueAs(0xffff_ffff, "Int8"), -1)
    assert.equal(valueAs(2n ** 64n - 1n, "Int32"), -1)
    assert.equal(valueAs(2n ** 64n - 1n, "Int64"), -1)
    assert.equal(valueAs(300, "Int8"), undefined)
    assert.equal(valueAs(-1, "UInt8"), undefined)
  })

  test("booleans of an array stand from the most significant bit on", () => {
    const bits = [0, 0, 1, 1, 0, 1, 0, 0, 1, 1, 0, 1].map((bit) => bit === 1)
    const bytes = Uint8Array.of(12, 0, 0, 0, 0x34, 0xd0)
    assert.deepEqual(valueAs(bytes, "BooleanArray"), bits)
    assert.deepEqual(valueAs(Uint8Array.of(65, 0, 66, 0), "StringArray"), ["A", "B"])
    assert.equal(valueAs(Uint8Array.of(65), "StringArray"), undefined)
    assert.equal(valueAs(Uint8Array.of(1, 2, 3), "Int16Array"), undefined)
  })

  test("a value that is not of its type is missing, and cannot be written", () => {
    const wrong: Metric = { name: "m", type: "String", value: "text" }
    const bytes = encodePayload({ metrics: [wrong] })
    const place = bytes.indexOf(12)
    bytes[place] = 1
    assert.deepEqual(decode(bytes).metrics, [{ name: "m", type: "Int8" }])
    assert.throws(() => encodePayload({ metrics: [{ ...wrong, type: "Int8" }] }), Problem)
    assert.throws(() => encodePayload({ metrics: [{ type: "Int8", value: 128 }] }), Problem)
  })

  test("a message of data is walked without types, as its birth's types", () => {
    fc.assert(
      fc.property(fc.array(exact, { maxLength: 10 }), (given) => {
        const metrics = given.map(({ type, value }, i) => ({ alias: i, timestamp: i, type, value }))
        const bytes = encodePayload({ timestamp: 9, seq: 3, metrics }, "without-types")
        const seen: unknown[] = []
        readMetrics(bytes, "test", (metric) => {
          const type = given[metric.alias]?.type ?? "Unknown"
          seen.push(metric.kind === "text" ? metric.text : metric.numberAs(type))
        })
        assert.deepEqual(readHead(bytes, "test"), { timestamp: 9, seq: 3 })
        assert.deepEqual(
          seen,
          given.map(({ value }) => (typeof value === "string" ? value : Number(value))),
        )
      }),
    )
  })

  test("a number of data beyond 2^53 loses its last digits only", () => {
    const largest = 2n ** 64n - 1n
    const bytes = encodePayload({ metrics: [{ type: "UInt64", value: largest }] })
    const seen: number[] = []
    readMetrics(bytes, "test", (metric) =>
      seen.push(metric.numberAs("UInt64"), metric.numberAs("Int64")),
    )
    assert.deepEqual(seen, [2 ** 64, -1])
  })

  test("what a metric of data says of itself is there, and nothing is left of the one before", () => {
    const quality: PropertySet = new Map([["Quality", { type: "Int32", value: 192 }]])
    const bytes = encodePayload({
      metrics: [
        {
          name: "a",
          timestamp: 1,
          type: "Int8",
          isHistorical: true,
          properties: quality,
          value: 1,
        },
        { alias: 2, value: null },
        { alias: 3, type: "Bytes", value: Uint8Array.of(1) },
      ],
    })
    const seen: unknown[] = []
    readMetrics(bytes, "test", (metric) => seen.push({ ...metric }))
    const nothing = {
      name: undefined,
      alias: Number.NaN,
      at: Number.NaN,
      type: undefined,
      isHistorical: false,
      isNull: false,
      properties: undefined,
      kind: "none",
      raw: Number.NaN,
      text: undefined,
    }
    const first = { name: "a", at: 1, type: "Int8", isHistorical: true, properties: quality }
    assert.deepEqual(seen, [
      { ...nothing, ...first, kind: "whole", raw: 1 },
      { ...nothing, alias: 2, isNull: true },
      { ...nothing, alias: 3, type: "Bytes", kind: "other" },
    ])
  })
})

function walk(bytes: Uint8Array): void {
  readMetrics(bytes, "test", (metric) => metric.numberAs("Int32"))
}

function head(bytes: Uint8Array): void {
  readHead(bytes, "test")
}

function isProblemOrNothing(work: () => unknown): void {
  try {
    work()
  } catch (thrown) {
    assert(thrown instanceof Problem && thrown.code === "protocol-error", String(thrown))
  }
}

/** The library gives 64 bits as an object, and 32 bits without sign with one. */
function plain(value: unknown, type: string): unknown {
  if (type === "UInt32") return Number(value) >>> 0
  if (type === "Int64") return Number(BigInt.asIntN(64, BigInt(String(value))))
  return typeof value === "object" && value !== null ? Number(String(value)) : value
}
