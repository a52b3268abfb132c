// The stores that one contract is tested over, and the words its tests are written in.
import assert from "node:assert/strict"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { silentLog } from "../../kernel/log.ts"
import { type Block, BlockWriter, type SourceId, sourceId } from "../../model/block.ts"
import { type Cycle, cycleId } from "../../model/cycle.ts"
import { parsePath } from "../../model/path.ts"
import { quality } from "../../model/quality.ts"
import { openChunkHistory } from "../chunks/history.ts"
import type { AlignOptions, Buckets, Frame, History, Range, StoredBlock } from "../historian.ts"
import { MemoryHistory } from "../memory/history.ts"

const root = mkdtempSync(join(tmpdir(), "moru-history-"))
const opened: { close(): Promise<void> }[] = []

/** To be called when all tests of a file are done. */
export async function closeStores(): Promise<void> {
  for (const history of opened) await history.close()
  rmSync(root, { recursive: true, force: true })
}

export const stores: Record<string, () => Promise<History>> = {
  memory: async () => new MemoryHistory(),
  chunks: async () => {
    const history = await openChunkHistory({
      folder: mkdtempSync(join(root, "h-")),
      log: silentLog,
    })
    opened.push(history)
    return history
  },
}

export const a = sourceId({ name: "dc-1", epoch: "a" })
export const b = sourceId({ name: "dc-1", epoch: "b" })
export const line = parsePath("line/dc-1")
export const { signal } = new AbortController()
export const everything: Range = { tags: [1, 2, 3], from: -1e15, to: 1e15 }

export type Row = readonly [tag: number, at: number, value: number, quality?: number]

export function block(rows: readonly Row[], source: SourceId = a, sequence = 0): Block {
  const writer = new BlockWriter(1)
  for (const [tag, at, value, q] of rows) writer.add(tag, at, value, q ?? quality.good)
  return writer.take({ source, sequence, received: 5 })
}

export function cycle(sequence: number, more: Partial<Cycle> = {}): Cycle {
  const source = more.source ?? a
  return {
    id: cycleId(source, sequence),
    equipment: line,
    source,
    sequence,
    start: sequence * 100,
    end: sequence * 100 + 50,
    values: {},
    ...more,
  }
}

/** tag, at, value, quality, source, number of each row; what the columns say, in words a failure shows well. */
async function rowsOf(blocks: AsyncIterable<StoredBlock>): Promise<unknown[][]> {
  const rows: unknown[][] = []
  for await (const block of blocks) {
    assert.ok(block.length > 0 && block.length <= 5000)
    assert.equal(block.source, block.sources[block.origin[0] ?? -1])
    assert.equal(block.sequence, block.number[0])
    for (let i = 0; i < block.length; i++) {
      const { tag, at, value, quality, sources, origin, number } = block
      rows.push([tag[i], at[i], value[i], quality[i], sources[origin[i] ?? -1], number[i]])
    }
  }
  return rows
}

export const readAll = (history: History, range = everything) => rowsOf(history.read(range, signal))

export async function bucketsOf(history: History, range: Range, count: number): Promise<Buckets[]> {
  return Array.fromAsync(history.aggregate(range, count, signal))
}

export async function aligned(
  history: History,
  range: Range,
  options: AlignOptions & { stepMs: number },
): Promise<{ at: number[]; values: number[][] }> {
  const frames: Frame[] = await Array.fromAsync(
    history.align(range, options.stepMs, options, signal),
  )
  const at = frames.flatMap((frame) => [...frame.at])
  const values = range.tags.map((_, i) => frames.flatMap((f) => [...(f.values[i] ?? [])]))
  return { at, values }
}
