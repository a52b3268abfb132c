import { type ChunkReader, DamagedChunk } from "./bytes.ts"
import { lineAt } from "./column.ts"
import { readIntegers } from "./integers.ts"
import { Rows } from "./rows.ts"

/*
 * Where rows come from: how many origins and each of them, then (where they are several) which row has which, then for each
 * origin the numbers of its rows. A device that sends its tags in the same order each time numbers one tag's rows on a
 * line, which takes a few bytes.
 */

/**
 * How the numbers of one origin are written. `line`: first and step. `nearLine`: first, step and how far each stands
 * from that line. `doubles`: each for itself.
 */
export const form = { line: 0, nearLine: 1, doubles: 2 } as const

/** One tag's rows: where each came from. */
export interface ProvenanceColumns {
  /** Number of the source. */
  readonly origin: Uint32Array
  /** The row's number in its source's count, 0 to 2^53. */
  readonly number: Float64Array
}

const places = new Float64Array(4096)
const numbers = new Float64Array(4096)

/** Reads what `writeProvenance` wrote into the rows. */
export function readProvenance(reader: ChunkReader, into: ProvenanceColumns, rows: Rows): void {
  const count = reader.whole()
  if (count < 1 || count > rows.to - rows.from)
    throw new DamagedChunk(`got ${count} origins for ${rows.to - rows.from} rows`)
  const origins = new Uint32Array(count)
  for (let k = 0; k < count; k++) origins[k] = reader.whole()
  if (count === 1) {
    into.origin.fill(origins[0] ?? 0, rows.from, rows.to)
    readNumbers(reader, into.number, rows)
    return
  }
  readPlaces(reader, rows.to - rows.from)
  for (let k = 0; k < count; k++)
    readOrigin(reader, into, { rows, place: k, origin: origins[k] ?? 0 })
}

function readPlaces(reader: ChunkReader, length: number): void {
  const runs = reader.whole()
  if (runs === 0) {
    readIntegers(reader, places, new Rows(0, length))
    return
  }
  let at = 0
  for (let run = 0; run < runs; run++) {
    const place = reader.whole()
    const to = at + reader.whole()
    if (to > length) throw new DamagedChunk("got more origins than rows")
    places.fill(place, at, to)
    at = to
  }
  if (at < length) throw new DamagedChunk("got fewer origins than rows")
}

function readOrigin(
  reader: ChunkReader,
  into: ProvenanceColumns,
  { rows, place, origin }: { rows: Rows; place: number; origin: number },
): void {
  const length = rows.to - rows.from
  let count = 0
  for (let i = 0; i < length; i++) if (places[i] === place) count++
  readNumbers(reader, numbers, new Rows(0, count))
  let next = 0
  for (let i = 0; i < length; i++) {
    if (places[i] !== place) continue
    into.origin[rows.from + i] = origin
    into.number[rows.from + i] = numbers[next++] ?? 0
  }
}

function readNumbers(reader: ChunkReader, into: Float64Array, rows: Rows): void {
  const { from, to } = rows
  const kind = reader.byte()
  if (kind > form.doubles) throw new DamagedChunk(`got ${kind} as form of the rows' numbers`)
  if (kind === form.doubles) {
    for (let i = from; i < to; i++) into[i] = reader.double()
    return
  }
  const first = reader.whole()
  const step = kind === form.line ? reader.signed() : reader.double()
  if (kind === form.nearLine) readIntegers(reader, into, rows)
  else into.fill(0, from, to)
  for (let i = from; i < to; i++) into[i] = first + lineAt(i - from, step) + (into[i] ?? 0)
}
