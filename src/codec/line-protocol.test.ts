import assert from "node:assert/strict"
import { globSync } from "node:fs"
import { readFile, writeFile } from "node:fs/promises"
import { basename, dirname, join } from "node:path"
import { suite, test } from "node:test"
import fc from "fast-check"
import { parse } from "yaml"
import { seededRandom } from "../kernel/random.ts"
import {
  fieldKind,
  LineReader,
  type Precision,
  precisions,
  seriesOf,
  seriesText,
} from "./line-protocol.ts"
import { type PlainReport, type PlainRow, readPlainly } from "./testing/line-protocol-reference.ts"

const kinds = Object.keys(fieldKind) as (keyof typeof fieldKind)[]
const latin1 = (bytes: Uint8Array) => Buffer.from(bytes).toString("latin1")

/** The rows of the last message as the plain reader gives them. */
function rowsOf(reader: LineReader): PlainRow[] {
  const { rows } = reader
  return Array.from({ length: rows.length }, (_, i) => {
    const keys = reader.keysOf(rows.column[i] ?? 0)
    const kind = kinds[rows.kind[i] ?? 0] ?? "float"
    const value = rows.value[i] ?? 0
    return {
      ...{ series: latin1(keys.series), field: latin1(keys.field), kind },
      value: kind === "text" ? reader.textAt(value) : value,
      at: rows.at[i] ?? 0,
    }
  })
}

/** Texts are compared as text, all else to the bit; times beyond what a double counts to the next double. */
function assertSame(reader: LineReader, bytes: Uint8Array, precision: Precision): PlainReport {
  const report = reader.read(bytes, precision)
  const plain = readPlainly(latin1(bytes), precision)
  const rows = rowsOf(reader)
  const wanted = plain.rows.map(({ kind, value, ...row }) => ({
    ...{ ...row, kind, value: kind === "text" ? utf8(value as string) : value },
  }))
  const shown = JSON.stringify(latin1(bytes))
  assert.equal(report.lines, plain.lines, shown)
  assert.equal(report.bad, plain.bad.length, shown)
  assert.deepEqual(
    report.faults.map(({ line }) => line),
    plain.bad.slice(0, 20),
    shown,
  )
  assert.equal(rows.length, wanted.length, shown)
  for (const [i, { at, ...row }] of rows.entries()) {
    const { at: time, ...other } = wanted[i] ?? { at: 0 }
    assert.deepEqual(row, other, shown)
    const isNear = Object.is(at, time) || Math.abs(at - time) <= Math.abs(time) * 2 ** -52
    assert.ok(isNear, `${at} instead of ${time} in ${shown}`)
  }
  return plain
}

function utf8(text: string): string {
  return new TextDecoder().decode(Buffer.from(text, "latin1"))
}

suite("cases", () => {
  for (const file of globSync("src/codec/line-protocol/cases/*/given.yaml").sort()) {
    test(basename(dirname(file)).replaceAll("-", " "), async () => {
      const { precision, message } = parse(await readFile(file, "utf8"))
      const reader = new LineReader(1000)
      const report = reader.read(Buffer.from(message), precision)
      const { rows } = reader
      const lines = [
        ...rowsOf(reader).map(({ value, at }, i) => ({
          series: seriesText(seriesOf(reader.keysOf(rows.column[i] ?? 0))),
          kind: kinds[rows.kind[i] ?? 0],
          value,
          at: Number.isNaN(at) ? "none" : new Date(at).toISOString(),
        })),
        ...report.faults,
      ].map((line) => JSON.stringify(line))
      const expected = join(dirname(file), "expected.jsonl")
      if (process.env.MORU_WRITE_CASES) await writeFile(expected, `${lines.join("\n")}\n`)
      assert.equal(lines.join("\n"), (await readFile(expected, "utf8")).trim())
      assertSame(new LineReader(1000), Buffer.from(message), precision)
    })
  }
})

const name = fc
  .string({
    unit: fc.constantFrom("a", "b", "1", "_", "-", "é", "서", "\\ ", "\\,", "\\=", '"'),
    minLength: 1,
    maxLength: 6,
  })
  .filter((text) => !text.startsWith("#"))
const number = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.integer().map((n) => `${n / 1000}`),
  fc.tuple(fc.bigInt(0n, 10n ** 17n), fc.nat(20)).map(([n, d]) => `${n}.${"0".repeat(d)}5`),
  fc.tuple(fc.nat(), fc.integer({ min: -330, max: 330 })).map(([n, e]) => `${n}e${e}`),
  fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n).map((n) => `${n}i`),
  fc.bigInt(0n, 2n ** 64n - 1n).map((n) => `${n}u`),
)
const quoted = fc
  .string({ unit: "grapheme", maxLength: 12 })
  .map((t) => `"${t.replace(/["\\]/g, "\\$&")}"`)
const value = fc.oneof(number, quoted, fc.constantFrom("t", "F", "true", "FALSE"))
const line = fc
  .record({
    ...{ measurement: name, tags: fc.array(fc.tuple(name, name), { maxLength: 3 }) },
    fields: fc.array(fc.tuple(name, value), { minLength: 1, maxLength: 4 }),
    time: fc.option(fc.bigInt(-(10n ** 18n), 10n ** 19n - 1n)),
  })
  .map(({ measurement, tags, fields, time }) => {
    const key = [measurement, ...tags.map((tag) => tag.join("="))].join(",")
    return `${key} ${fields.map((f) => f.join("=")).join(",")}${time === null ? "" : ` ${time}`}`
  })

suite("what the plain reader gives", () => {
  test("is what is read, for whatever is written rightly", () => {
    const message = fc.array(line, { maxLength: 6 }).map((lines) => Buffer.from(lines.join("\n")))
    const reader = new LineReader(1_000_000)
    fc.assert(
      fc.property(message, fc.constantFrom(...precisions), (bytes, precision) => {
        assertSame(reader, bytes, precision)
      }),
      { numRuns: 3000 },
    )
  })

  test("is what is read, for messages that broke on the way (MORU_MUTATIONS, else 20,000)", () => {
    const seed = Math.floor(Math.random() * 2 ** 32)
    const random = seededRandom(seed)
    const many = Number(process.env.MORU_MUTATIONS ?? 20_000)
    const starts = fc.sample(fc.array(line, { minLength: 1, maxLength: 4 }), 200)
    let reader = new LineReader(100_000)
    let [bad, good] = [0, 0]
    for (let i = 0; i < many; i++) {
      const bytes = mutated(Buffer.from(`${starts[i % 200]?.join("\n")}\n`), random.next)
      if (reader.columns > 90_000) reader = new LineReader(100_000)
      try {
        const plain = assertSame(reader, bytes, precisions[i % 6] ?? "ns")
        bad += plain.bad.length
        good += plain.lines - plain.bad.length
      } catch (thrown) {
        throw new Error(`seed ${seed}, message ${i}`, { cause: thrown })
      }
    }
    assert.ok(bad > many / 10 && good > many / 10, `${bad} bad lines and ${good} good ones`)
  })
})

const marks = Buffer.from(' ,=\\"\n\r#it.-+e0')

/** Some bytes put in, taken out, changed, doubled or moved; the marks of the format more often than others. */
function mutated(bytes: Buffer, next: () => number): Buffer {
  const below = (n: number) => Math.floor(next() * n)
  let all = bytes
  for (let n = below(4); n >= 0; n--) {
    const at = below(all.length + 1)
    const to = Math.min(all.length, at + below(8))
    const any = Buffer.from([next() < 0.7 ? (marks[below(marks.length)] ?? 0) : below(256)])
    const [before, part, after] = [all.subarray(0, at), all.subarray(at, to), all.subarray(to)]
    const changes = [
      [before, any, part, after],
      [before, after],
      [before, any, part.subarray(1), after],
    ]
    all = Buffer.concat(changes[below(4)] ?? [before, part, part, after])
  }
  return all
}

suite("numbers", () => {
  test("are the double next to what is written, whatever its length", () => {
    const digits = fc.string({
      unit: fc.constantFrom(..."0123456789"),
      minLength: 1,
      maxLength: 24,
    })
    const reader = new LineReader(10)
    fc.assert(
      fc.property(digits, fc.option(digits), fc.boolean(), (whole, part, isNegative) => {
        const text = `${isNegative ? "-" : ""}${whole}${part === null ? "" : `.${part}`}`
        reader.read(Buffer.from(`m a=${text}`), "ns")
        assert.ok(Object.is(reader.rows.value[0], Number(text)), text)
      }),
      { numRuns: 20_000 },
    )
  })
})

suite("one reader for many messages", () => {
  test("knows a series and field again, in whatever order they come", () => {
    const reader = new LineReader(100)
    const columns = (message: string) => {
      reader.read(Buffer.from(message), "ms")
      return [...reader.rows.column.subarray(0, reader.rows.length)]
    }
    assert.deepEqual(columns("a x=1,y=2\nb x=3"), [0, 1, 2])
    assert.deepEqual(columns("b x=1\na y=1,x=2\nb  x=3\na x=4,y=5,z=6"), [2, 1, 0, 2, 0, 1, 3])
    assert.deepEqual(columns("a x=1,y=2\nb x=3"), [0, 1, 2])
  })

  test("takes no more series than it may hold, and begins anew when told to", () => {
    const reader = new LineReader(3)
    const report = reader.read(Buffer.from("a x=1,y=2\nb x=3\nc x=4\na x=5"), "ms")
    assert.equal(report.bad, 1)
    assert.equal(report.faults[0]?.expected, "at most 3 series")
    assert.equal(reader.rows.length, 4)
    reader.forget()
    assert.equal(reader.read(Buffer.from("c x=4"), "ms").bad, 0)
    assert.equal(reader.columns, 1)
  })

  test("grows with a long message", () => {
    const reader = new LineReader(10)
    reader.read(Buffer.from("a x=1 5\n".repeat(5000)), "ms")
    assert.equal(reader.rows.length, 5000)
    assert.deepEqual(new Set(reader.rows.at.subarray(0, 5000)), new Set([5]))
  })
})
