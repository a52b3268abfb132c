import { zstdCompressSync } from "node:zlib"
import { ByteWriter, ParquetWriter, type SchemaElement } from "hyparquet-writer"
import type { Exporter } from "../export.ts"
import { blocksOf } from "../rows.ts"
import { RowGroup } from "./row-group.ts"

/** Small enough that a group is packed in some 20 ms, in which nothing else runs. */
const groupRows = 20_000

/**
 * Apache Parquet, zstd. Columns: `path`, `at` (timestamp in microseconds, UTC: a finer time is rounded to it), `value`
 * (a switch is 0 or 1; NaN where a number is missing; null of a text), `text` (null of a number), `quality`, `unit`,
 * `source`, `number` (the row's in its source's count). Sorted by tag, then time.
 */
export const writeParquet: Exporter = async function* (request, source, signal) {
  const bytes = new Piece()
  const file = new ParquetWriter({
    ...{ writer: bytes, schema, codec: "ZSTD", compressors: { ZSTD: zstdCompressSync } },
    createdBy: "Moru",
  })
  const group = new RowGroup(groupRows)
  const pack = (): Uint8Array => {
    file.write({ columnData: group.columns(), rowGroupSize: groupRows })
    group.clear()
    return bytes.take()
  }
  for await (const { tag, block } of blocksOf(request, source, signal)) {
    for (let from = 0; from < block.length; ) {
      from = group.take(block, from, { tag, source })
      if (group.isFull) yield pack()
    }
  }
  if (group.length > 0) yield pack()
  file.finish()
  yield bytes.take()
}

/** What was written since it was taken last; offsets count on. */
class Piece extends ByteWriter {
  take(): Uint8Array {
    const bytes = this.getBytes().slice()
    this.index = 0
    return bytes
  }
}

const text = { type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type: "REQUIRED" } as const

const schema: SchemaElement[] = [
  { name: "samples", num_children: 8 },
  { name: "path", ...text },
  {
    ...{ name: "at", type: "INT64", repetition_type: "REQUIRED" },
    converted_type: "TIMESTAMP_MICROS",
    logical_type: { type: "TIMESTAMP", isAdjustedToUTC: true, unit: "MICROS" },
  },
  { name: "value", type: "DOUBLE", repetition_type: "OPTIONAL" },
  { name: "text", ...text, repetition_type: "OPTIONAL" },
  { name: "quality", ...text },
  { name: "unit", ...text },
  { name: "source", ...text },
  { name: "number", type: "INT64", repetition_type: "REQUIRED" },
]
