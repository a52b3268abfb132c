import type { DataType } from "node-opcua"
import type { SourceId } from "../../model/block.ts"
import type { Instant } from "../../model/instant.ts"
import type { Host, RecordBuffer } from "../connector.ts"
import type { RecordRun, RecordTime } from "../records.ts"
import { isPlausible } from "../values.ts"
import { plainElement } from "./values.ts"

/** One array of a buffer, as read. */
export interface Column {
  /** Why the server gave no such array; undefined where it did. */
  readonly missing: string | undefined
  readonly dataType: DataType
  readonly values: ArrayLike<unknown>
}

/** A part of a buffer's slots, from the record `first` on. */
export interface Slots {
  readonly first: number
  readonly count: number
  readonly numbers: ArrayLike<number>
  readonly time: Column
  readonly timeQuality: Column | undefined
  readonly fields: readonly Column[]
}

/** Records without a hole between them: slots `from` up to but not including `to`. */
export interface Span {
  readonly slots: Slots
  readonly from: number
  readonly to: number
  /** Records that were overwritten before the first of these was read. */
  readonly lostBefore: number
}

/** The slots of a span as records. `lastEnd` is the end of the record before. */
export function runOf(
  { slots, from, to }: Span,
  at: { buffer: RecordBuffer; source: SourceId; host: Host; lastEnd: Instant | undefined },
): RecordRun {
  const { buffer, source, host } = at
  const received = host.clock.now()
  const times = timesOf({ slots, from, to }, at.lastEnd, received)
  const first = slots.first + from
  return {
    source,
    first,
    count: to - from,
    received,
    fields: buffer.fields,
    cycle: buffer.cycle,
    time: (i) => times[i] ?? { at: received, isOwn: false },
    value: (i, f) => {
      const column = slots.fields[f]
      return column ? plainElement(column.values[from + i], column.dataType) : { value: null }
    },
    missing: (f) => {
      const because = slots.fields[f]?.missing
      return because && `got ${because} for ${buffer.address}.${buffer.fields[f]?.point.address}`
    },
    where: (f, i) => {
      const field = buffer.fields[f]?.name ?? ""
      const number = i === undefined ? "" : ` ${first + i}`
      return `${host.name} ${buffer.name}${number} ${field}`
    },
  }
}

/** A record without a readable time takes that of the record before, the first one that of the next. */
function timesOf(
  { slots, from, to }: Omit<Span, "lostBefore">,
  lastEnd: Instant | undefined,
  now: Instant,
): RecordTime[] {
  const own: (number | undefined)[] = []
  for (let i = from; i < to; i++) {
    const at = (slots.time.values[i] as { getTime(): number } | null | undefined)?.getTime()
    own.push(at !== undefined && isPlausible(at, now) ? at : undefined)
  }
  let neighbour = lastEnd ?? own.find((at) => at !== undefined) ?? now
  return own.map((at, k) => {
    const isBorrowed = slots.timeQuality?.values[from + k] === 1
    neighbour = at ?? neighbour
    return { at: neighbour, isOwn: at !== undefined && !isBorrowed }
  })
}
