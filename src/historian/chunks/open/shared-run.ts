import type { TagId } from "../../../model/tag.ts"
import type { Run } from "../run.ts"

/** A run as it is handed from thread to thread: its columns stand one after the other in memory that both see. */
export interface SharedRun {
  readonly tag: TagId
  readonly buffer: SharedArrayBuffer
  /** Rows for which there is room. */
  readonly capacity: number
  readonly length: number
}

/** The columns, with all their room. */
export function columnsIn(buffer: SharedArrayBuffer, capacity: number): Omit<Run, "tag"> {
  return {
    at: new Float64Array(buffer, 0, capacity),
    value: new Float64Array(buffer, 8 * capacity, capacity),
    number: new Float64Array(buffer, 16 * capacity, capacity),
    origin: new Uint32Array(buffer, 24 * capacity, capacity),
    quality: new Uint8Array(buffer, 28 * capacity, capacity),
  }
}

/** The rows as a run, without copying. */
export function runIn({ tag, buffer, capacity, length }: SharedRun): Run {
  const { at, value, quality, origin, number } = columnsIn(buffer, capacity)
  return {
    tag,
    at: at.subarray(0, length),
    value: value.subarray(0, length),
    quality: quality.subarray(0, length),
    origin: origin.subarray(0, length),
    number: number.subarray(0, length),
  }
}
