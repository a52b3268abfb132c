// Rows of a test as runs, and what a plain reader makes of them.
import assert from "node:assert/strict"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { nodeDisk } from "../../../kernel/disk/node.ts"
import { type SourceId, sourceId } from "../../../model/block.ts"
import type { Problem } from "../../../model/problem.ts"
import type { StoredBlock } from "../../historian.ts"
import { MemoryHistory } from "../../memory/history.ts"
import { blankRun, mergeRuns, rowsIn } from "../merge.ts"
import { PartitionViews } from "../partition/partition-views.ts"
import { Partitions } from "../partition/partitions.ts"
import { ChunkReader } from "../reader/chunk-reader.ts"
import type { Run } from "../run.ts"

export const { signal } = new AbortController()

export interface Row {
  readonly at: number
  readonly value: number
  readonly quality?: number
  readonly origin?: number
  readonly number: number
}

export const sources: readonly SourceId[] = ["a", "b", "c"].map((epoch) =>
  sourceId({ name: "dc-1", epoch }),
)

/** Sorted; of a row that is there twice the last holds. */
export function runOf(tag: number, rows: readonly Row[]): Run {
  return mergeRuns(
    rows.map(({ at, value, quality = 0, origin = 0, number }) => {
      const run = blankRun(tag, 1)
      run.at[0] = at
      run.value[0] = value
      run.quality[0] = quality
      run.origin[0] = origin
      run.number[0] = number
      return run
    }),
  )
}

/** A folder of partitions with a reader, and beside it the same rows in memory. */
export class Bench {
  readonly folder = mkdtempSync(join(tmpdir(), "moru-chunks-"))
  readonly partitions = new Partitions({ folder: this.folder, disk: nodeDisk })
  readonly views = new PartitionViews(this.folder, [])
  readonly memory = new MemoryHistory()
  /** Not in chunks yet. */
  runs: Run[] = []
  readonly problems: Problem[] = []
  readonly reader = new ChunkReader(
    {
      views: this.views,
      runsOf: (tag) => this.runs.filter((run) => run.tag === tag),
      damaged: (problem) => this.problems.push(problem),
    },
    () => sources,
  )

  async start(): Promise<void> {
    // The order of the origins is that in which the history met them.
    for (const source of sources) await this.memory.append(blockOf(source, blankRun(0, 0), 0))
  }

  async remember(run: Run): Promise<void> {
    for (let i = 0; i < run.at.length; i++)
      await this.memory.append(blockOf(sources[run.origin[i] ?? 0] as SourceId, run, i))
  }

  async put(run: Run): Promise<void> {
    for (const start of this.partitions.put([run])) this.views.note(start)
    await this.remember(run)
  }

  close(): void {
    this.views.close()
    this.partitions.close()
    rmSync(this.folder, { recursive: true, force: true })
  }
}

function blockOf(source: SourceId, run: Run, i: number) {
  const { at, value, quality, number } = rowsIn(run, i, i + 1)
  const length = at.length
  const tag = new Uint32Array(length).fill(run.tag)
  return { source, sequence: number[0] ?? 0, received: 0, length, tag, at, value, quality }
}

export async function rowsOf(blocks: AsyncIterable<StoredBlock>): Promise<unknown[][]> {
  const rows: unknown[][] = []
  for await (const { length, tag, at, value, quality, sources, origin, number } of blocks) {
    assert.ok(length > 0 && length <= 5000)
    for (let i = 0; i < length; i++)
      rows.push([tag[i], at[i], value[i], quality[i], sources[origin[i] ?? -1], number[i]])
  }
  return rows
}
