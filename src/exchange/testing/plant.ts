// Three tags of every kind with the values that formats stumble over.
import { MemoryHistory } from "../../historian/memory/history.ts"
import { BlockWriter, sourceId } from "../../model/block.ts"
import { parsePath } from "../../model/path.ts"
import { quality } from "../../model/quality.ts"
import type { Exporter, ExportRequest, ExportSource, ExportTag } from "../export.ts"

export const temperature: ExportTag = {
  ...{ id: 1, path: parsePath("hwaseong/dc-1/temperature"), kind: "number", unit: "Cel" },
}
export const door: ExportTag = {
  ...{ id: 2, path: parsePath("hwaseong/dc-1/door"), kind: "boolean", unit: "1" },
}
export const note: ExportTag = {
  ...{ id: 3, path: parsePath("hwaseong/dc-1/note"), kind: "text", unit: "1" },
}
/** 2026-07-28 05:03:05.250 UTC */
export const start = 1_785_214_985_250
export const texts = ['=cmd("한글", 1)', "두 줄\r\n글", "plain"]
export const source = sourceId({ name: "dc-1", epoch: "7f3a" })

export const numbers = [
  ...[180.25, -0, Number.NaN, Number.POSITIVE_INFINITY, 5e-324, 1.7976931348623157e308],
  ...[Math.fround(21.3), 0.1],
]

/** Samples 1.5 ms apart; the fourth number is uncertain, the third bad. */
export async function smallPlant(): Promise<ExportSource & { readonly history: MemoryHistory }> {
  const history = new MemoryHistory()
  const writer = new BlockWriter()
  const qualities = [0, 0, quality.badNoData, quality.uncertainRange, 0, 0, 0, 0]
  for (const [i, value] of numbers.entries())
    writer.add(temperature.id, start + i * 1.5, value, qualities[i] ?? 0)
  writer.add(door.id, start, 1, quality.good)
  writer.add(door.id, start + 1000, 0, quality.good)
  for (let i = 0; i < texts.length; i++) writer.add(note.id, start + i, i + 1, quality.good)
  writer.add(note.id, start + 5, Number.NaN, quality.badNoData)
  await history.append(writer.take({ source, sequence: 70, received: start }))
  return { history, textOf: (tag, id) => (tag === note.id ? texts[id - 1] : undefined) }
}

/** One tag with so many samples, a second apart. */
export async function longHistory(rows: number): Promise<ExportSource> {
  const history = new MemoryHistory()
  for (let from = 0; from < rows; from += 50_000) {
    const writer = new BlockWriter()
    for (let row = from; row < Math.min(rows, from + 50_000); row++)
      writer.add(temperature.id, start + row * 1000, 180 + (row % 97) / 10, quality.good)
    await history.append(writer.take({ source, sequence: from, received: start }))
  }
  return { history, textOf: () => undefined }
}

export const whole: ExportRequest = {
  ...{ tags: [temperature, door, note], from: start - 1, to: start + 1e9, timezone: "Asia/Seoul" },
}

export async function bytesOf(
  write: Exporter,
  from: ExportSource,
  request: ExportRequest = whole,
): Promise<Uint8Array> {
  const { signal } = new AbortController()
  return Buffer.concat(await Array.fromAsync(write(request, from, signal)))
}
