import { type Block, BlockWriter, type SourceId } from "../model/block.ts"
import type { Cycle } from "../model/cycle.ts"
import type { Instant } from "../model/instant.ts"
import type { CycleConfig } from "../model/plant.ts"
import { Problem } from "../model/problem.ts"
import { isUsable, type Quality, quality } from "../model/quality.ts"
import type { Registry } from "../store/store.ts"
import type { Delivery, Point } from "./connector.ts"
import { cycleOf } from "./cycles.ts"
import { cellOf, shown } from "./values.ts"

/** Consecutive records of a numbered buffer, in whatever form a connector has them. */
export interface RecordRun {
  readonly source: SourceId
  /** Number of the first record, counted from 1. */
  readonly first: number
  readonly count: number
  readonly received: Instant
  readonly fields: readonly { readonly name: string; readonly point: Point }[]
  /** How the records become cycles; absent where they are no cycles. */
  readonly cycle?: CycleConfig
  /** The end of record `first + i`. */
  time(i: number): RecordTime
  /** The value of field `f` in record `first + i`; null where it is empty. */
  value(i: number, f: number): Given
  /** Why field `f` is in no record, or undefined where it is there. */
  missing(f: number): string | undefined
  /** The place of a value, for a person who looks for it at the source; of the whole field where `i` is absent. */
  where(f: number, i?: number): string
}

export interface RecordTime {
  readonly at: Instant
  /** False where the record's own time was unreadable and another stands for it. */
  readonly isOwn: boolean
}

export interface Given {
  readonly value: unknown
  /** The number lost its last digits. */
  readonly inexact?: true
}

/** One block with a row for each field of each record, in this order, so that row numbers follow from record numbers. */
export function deliveryOf(run: RecordRun, registry: Registry): Delivery & { block: Block } {
  const width = run.fields.length
  const rows = new BlockWriter(Math.max(1, run.count * width))
  const refused = missingFields(run)
  const cycles: Cycle[] = []
  const { source, received } = run
  for (let i = 0; i < run.count; i++) {
    const { at, isOwn } = run.time(i)
    const values: Record<string, number | string> = {}
    for (let f = 0; f < width; f++)
      addField({ i, f, at, isOwn }, { run, rows, refused, values, registry })
    if (run.cycle) cycles.push(cycleOf({ source, number: run.first + i, at, values }, run.cycle))
  }
  const block = rows.take({ source, sequence: (run.first - 1) * width, received })
  return { block, cycles, refused }
}

function addField(
  place: { i: number; f: number; at: Instant; isOwn: boolean },
  into: {
    run: RecordRun
    rows: BlockWriter
    refused: Problem[]
    values: Record<string, number | string>
    registry: Registry
  },
): void {
  const { i, f, at, isOwn } = place
  const { run, rows, refused, values, registry } = into
  const field = run.fields[f]
  if (!field) return
  const { point, name } = field
  if (run.missing(f) !== undefined) {
    rows.add(point.id, at, Number.NaN, quality.badConfig)
    return
  }
  const given = run.value(i, f)
  const cell = cellOf(given.value, point, registry)
  rows.add(point.id, at, cell.value, rowQuality(cell.quality, isOwn, given))
  if (cell.expected) {
    const what = `got ${shown(given.value)}, expected ${cell.expected}`
    refused.push(new Problem("value-refused", run.where(f, i), what))
  } else if (isUsable(cell.quality))
    values[name] = point.tag.kind === "text" ? String(given.value) : cell.value
}

function rowQuality(own: Quality, isOwnTime: boolean, given: Given): Quality {
  if (!isUsable(own)) return own
  if (!isOwnTime) return quality.uncertainTime
  return given.inexact ? quality.uncertain : own
}

function missingFields(run: RecordRun): Problem[] {
  return run.fields.flatMap((_, f) => {
    const because = run.missing(f)
    return because === undefined ? [] : [new Problem("point-unknown", run.where(f), because)]
  })
}
