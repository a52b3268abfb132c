import { DamagedChunk, type RecordKey, rowsOf } from "../../../codec/chunk-record.ts"
import { decodeRows, decodeSamples } from "../../../codec/chunk-rows.ts"
import { formatIso } from "../../../codec/iso-time.ts"
import { Problem } from "../../../model/problem.ts"
import { blankRun } from "../merge.ts"
import type { Run } from "../run.ts"

/** Where a chunk lies in its partition, and what it holds. */
export interface Place extends RecordKey {
  readonly id: number
}

/** As the tables give it: id, first and last time, rows. */
export type PlaceRow = readonly [id: number, from: number, to: number, count: number]

export const placeColumns = "id, first_at, last_at, count"

export function placeOf(tag: number, [id, from, to, count]: PlaceRow): Place {
  return { tag, id, from, to, count }
}

/** A chunk as it lies in its file. */
export interface LoadedChunk {
  readonly place: Place
  readonly bytes: Uint8Array
}

/** Throws `DamagedChunk`. */
export function runOf(chunk: LoadedChunk): Run {
  const run = blankRun(chunk.place.tag, chunk.place.count)
  unpack(chunk, run, 0)
  return run
}

/** Writes a chunk's rows into the run from there on and gives how many they are. Throws `DamagedChunk`. */
export function unpack({ place, bytes }: LoadedChunk, into: Run, offset: number): number {
  return expected(place, decodeRows(rowsOf(bytes), into, offset))
}

/** As `unpack`, without where rows come from. */
export function unpackSamples({ place, bytes }: LoadedChunk, into: Run, offset: number): number {
  return expected(place, decodeSamples(rowsOf(bytes), into, offset))
}

function expected({ count }: Place, got: number): number {
  if (got !== count) throw new DamagedChunk(`got ${got} rows, expected ${count}`)
  return got
}

/** What of a tag cannot be read, and where it stands. */
export function damage(file: string, place: Place, thrown: DamagedChunk): Problem {
  const { tag, id, from, to, count } = place
  return new Problem(
    "history-corrupt",
    file,
    `record ${id}: ${thrown.message}; ${count} samples of tag ${tag} from ${formatIso(from)} to ${formatIso(to)} cannot be read`,
    { cause: thrown },
  )
}
