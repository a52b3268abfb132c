import assert from "node:assert/strict"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { suite, test } from "node:test"
import { zstdDecompressSync } from "node:zlib"
import { parquetMetadata, parquetReadObjects } from "hyparquet"
import {
  bytesOf,
  longHistory,
  numbers,
  smallPlant,
  start,
  temperature,
  texts,
  whole,
} from "../testing/plant.ts"
import { writeParquet } from "./parquet.ts"

function bufferOf(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer
}

const compressors = {
  ZSTD: (bytes: Uint8Array) => new Uint8Array(zstdDecompressSync(bytes)),
}

const rows = (bytes: Uint8Array) =>
  parquetReadObjects({
    ...{ file: bufferOf(bytes), compressors },
    parsers: {
      timestampFromMilliseconds: (ms: bigint) => Number(ms),
      timestampFromMicroseconds: (micros: bigint) => Number(micros) / 1000,
    } as never,
  })

suite("samples as Parquet", () => {
  test("are read back by another reader, every bit and every fraction of a millisecond", async () => {
    const read = await rows(await bytesOf(writeParquet, await smallPlant()))
    assert.equal(read.length, 14)
    assert.deepEqual(
      read.slice(0, 8).map(({ value }) => value),
      numbers,
    )
    assert.deepEqual(
      read.slice(0, 8).map(({ at }) => at),
      numbers.map((_, i) => start + i * 1.5),
    )
    assert.deepEqual(read[3], {
      ...{ path: "hwaseong/dc-1/temperature", at: start + 4.5, value: Number.POSITIVE_INFINITY },
      ...{ text: null, quality: "uncertainRange", unit: "Cel", source: "dc-1@7f3a", number: 73n },
    })
    assert.deepEqual(
      read.slice(8, 10).map(({ value, text }) => [value, text]),
      [
        [1, null],
        [0, null],
      ],
    )
    assert.deepEqual(
      read.slice(10).map(({ value, text }) => [value, text]),
      [...texts, null].map((text) => [null, text]),
    )
  })

  test("come in groups of bounded size, packed small, each piece before the next is read", async () => {
    const request = { ...whole, tags: [temperature] }
    const history = await longHistory(45_000)
    const { signal } = new AbortController()
    const pieces = await Array.fromAsync(writeParquet(request, history, signal))
    assert.equal(pieces.length, 4)
    const bytes = Buffer.concat(pieces)
    const { row_groups, created_by } = parquetMetadata(bufferOf(bytes))
    assert.deepEqual(
      row_groups.map(({ num_rows }) => Number(num_rows)),
      [20_000, 20_000, 5_000],
    )
    assert.equal(created_by, "Moru")
    assert.equal(row_groups[0]?.columns[1]?.meta_data?.codec, "ZSTD")
    assert.ok(bytes.length < 45_000, `${bytes.length} bytes`)
    const read = await rows(bytes)
    assert.equal(read[44_999]?.at, start + 44_999_000)
    assert.equal(read[44_999]?.value, 180 + (44_999 % 97) / 10)
  })

  test("of nothing are a whole file without rows", async () => {
    const nothing = { ...whole, from: 0, to: 1 }
    assert.deepEqual(await rows(await bytesOf(writeParquet, await smallPlant(), nothing)), [])
  })

  test("mean the same to DuckDB", async (t) => {
    const duckdb = await import("@duckdb/node-api").catch(() => undefined)
    if (!duckdb) return t.skip("@duckdb/node-api is not installed")
    const folder = mkdtempSync(join(tmpdir(), "moru-parquet-"))
    t.after(() => rmSync(folder, { recursive: true }))
    const file = join(folder, "samples.parquet")
    writeFileSync(file, await bytesOf(writeParquet, await smallPlant()))
    const connection = await (await duckdb.DuckDBInstance.create(":memory:")).connect()
    const ask = async (sql: string) => (await connection.runAndReadAll(sql)).getRowsJson()
    assert.deepEqual(
      await ask(`SELECT path, count(*)::INT, count(value)::INT, count(text)::INT,
        epoch_us(min("at"))::VARCHAR, count(DISTINCT source)::INT FROM '${file}' GROUP BY 1 ORDER BY min(number)`),
      [
        ["hwaseong/dc-1/temperature", 8, 8, 0, `${start * 1000}`, 1],
        ["hwaseong/dc-1/door", 2, 2, 0, `${start * 1000}`, 1],
        ["hwaseong/dc-1/note", 4, 0, 3, `${start * 1000}`, 1],
      ],
    )
    assert.deepEqual(
      await ask(
        `SELECT number::INT, isnan(value) FROM '${file}' WHERE value = 'inf' OR isnan(value) ORDER BY 1`,
      ),
      [
        [72, true],
        [73, false],
      ],
    )
    assert.deepEqual(
      await ask(`SELECT DISTINCT typeof("at"), typeof(value), typeof(number) FROM '${file}'`),
      [["TIMESTAMP WITH TIME ZONE", "DOUBLE", "BIGINT"]],
    )
    connection.closeSync()
  })
})
