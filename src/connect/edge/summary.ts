import {
  decodeParcel,
  type EdgeGap,
  encodeParcel,
  type ParcelHead,
  type TagRun,
} from "../../codec/delivery.ts"
import { BlockWriter, type SourceId, sourceId } from "../../model/block.ts"
import type { Cycle } from "../../model/cycle.ts"
import { isUsable, type Quality, quality } from "../../model/quality.ts"
import type { TagId } from "../../model/tag.ts"
import { sortRows } from "./runs.ts"
import type { Shelved } from "./shelf.ts"

const minuteMs = 60_000

/** What is left of one source's rows. */
interface Kept {
  readonly source: SourceId
  readonly rows: BlockWriter
  first: number
  from: number
  to: number
  lost: number
}

/**
 * What stays of parcels when there is no room for all: of each tag and minute the lowest, the highest and the last sample at
 * their own times, as uncertain, and a gap for each source that says how many samples are missing. These rows count in a
 * source of their own, `.../minutes`; cycles stay whole. The same parcels always give the same.
 */
export function summaryOf(parcels: readonly Shelved[]): Uint8Array {
  const kept = new Map<SourceId, Kept>()
  const cycles: Cycle[] = []
  const gaps: EdgeGap[] = []
  const texts = new Map<string, readonly [TagId, number, string]>()
  for (const { bytes } of parcels) {
    const { head, runs } = decodeParcel(bytes)
    cycles.push(...head.cycles)
    gaps.push(...head.gaps)
    for (const text of head.texts) texts.set(`${text[0]}:${text[1]}`, text)
    for (const run of runs) keep(keptOf(kept, head.sources[run.source] as SourceId), run)
  }
  const first = parcels[0]?.head.first ?? 0
  const last = parcels.at(-1)?.head.last ?? 0
  const blocks = [...kept.values()].map(({ source, rows, first: sequence }) =>
    rows.take({ source: minutesOf(source), sequence, received: 0 }),
  )
  for (const { source, from, to, lost: size } of kept.values())
    if (size > 0)
      gaps.push({
        id: `minutes/${first}-${last}/${source}`,
        ...{ device: deviceOf(source), source, because: "overflow", from, to, size, gone: true },
      })
  const { runs, ...sorted } = sortRows(blocks)
  const rest = { first, last, isSummary: true, cycles, gaps, texts: [...texts.values()] }
  return encodeParcel({ head: { ...sorted, ...rest }, runs })
}

function keptOf(kept: Map<SourceId, Kept>, source: SourceId): Kept {
  let one = kept.get(source)
  if (!one) {
    const none = { first: Number.POSITIVE_INFINITY, from: Number.POSITIVE_INFINITY }
    one = { source, rows: new BlockWriter(), ...none, to: Number.NEGATIVE_INFINITY, lost: 0 }
    kept.set(source, one)
  }
  return one
}

function keep(kept: Kept, run: TagRun): void {
  const { at, number } = run
  const { length } = at
  kept.from = Math.min(kept.from, at[0] as number)
  kept.to = Math.max(kept.to, at[length - 1] as number)
  for (let i = 0; i < length; i++) kept.first = Math.min(kept.first, number[i] as number)
  const before = kept.rows.length
  let start = 0
  for (let i = 1; i <= length; i++) {
    if (i < length && minuteOf(at[i]) === minuteOf(at[start])) continue
    keepMinute(kept.rows, run, { start, end: i })
    start = i
  }
  kept.lost += length - (kept.rows.length - before)
}

function keepMinute(
  rows: BlockWriter,
  { tag, at, value, quality: q }: TagRun,
  { start, end }: { start: number; end: number },
): void {
  let low = -1
  let high = -1
  for (let i = start; i < end; i++) {
    if (!isUsable(q[i] as Quality)) continue
    if (low < 0 || (value[i] as number) < (value[low] as number)) low = i
    if (high < 0 || (value[i] as number) > (value[high] as number)) high = i
  }
  const chosen = [...new Set([low, high, end - 1])].filter((i) => i >= 0).sort((a, b) => a - b)
  for (const i of chosen) {
    const was = q[i] as Quality
    const now = was < quality.uncertain ? quality.uncertain : was
    rows.add(tag, at[i] as number, value[i] as number, now)
  }
}

function minuteOf(at: number | undefined): number {
  return Math.floor((at as number) / minuteMs)
}

function minutesOf(source: SourceId): SourceId {
  const [, name = source, epoch = ""] = /^(.*)@([^@]*)$/.exec(source) ?? []
  return name.endsWith("/minutes") ? source : sourceId({ name: `${name}/minutes`, epoch })
}

/** What is missing where these summaries go too: those samples that their gaps do not tell yet, and the cycles. */
export function gapsOfDropped(heads: readonly ParcelHead[]): readonly EdgeGap[] {
  return heads.flatMap((head) => {
    const { gaps, sources, rows, cycles, from, to, first, last } = head
    const source = sources[0] ?? cycles[0]?.source
    const size = rows + cycles.length
    if (source === undefined || size === 0) return gaps
    const id = `dropped/${first}-${last}`
    return [
      ...gaps,
      {
        ...{ id, device: deviceOf(source), source, because: "overflow" as const },
        from,
        to,
        size,
        gone: true,
      },
    ]
  })
}

function deviceOf(source: SourceId): string {
  return source.split(/[/@]/)[0] ?? ""
}
