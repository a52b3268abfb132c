import type { ChunkWriter } from "./bytes-out.ts"
import { lineAt } from "./column.ts"
import { writeIntegers } from "./integers-out.ts"
import { form, type ProvenanceColumns } from "./provenance.ts"
import { riseOf } from "./rise.ts"

const places = new Float64Array(4096)
const numbers = new Float64Array(4096)
const offLine = new Float64Array(4096)

/** Writes the columns, all of equal length; see `provenance.ts`. */
export function writeProvenance(out: ChunkWriter, { origin, number }: ProvenanceColumns): void {
  const origins = originsOf(origin)
  out.whole(origins.length)
  for (const one of origins) out.whole(one)
  if (origins.length === 1) {
    writeNumbers(out, number, number.length)
    return
  }
  writePlaces(out, origin.length)
  for (let k = 0; k < origins.length; k++) {
    let count = 0
    for (let i = 0; i < origin.length; i++)
      if (places[i] === k) numbers[count++] = number[i] as number
    writeNumbers(out, numbers, count)
  }
}

/** All origins, each once; fills `places` with each row's place among them. */
function originsOf(origin: Uint32Array): readonly number[] {
  const place = new Map<number, number>()
  let last = -1
  let lastPlace = 0
  for (let i = 0; i < origin.length; i++) {
    const one = origin[i] as number
    if (one !== last) {
      last = one
      lastPlace = place.get(one) ?? place.size
      place.set(one, lastPlace)
    }
    places[i] = lastPlace
  }
  return [...place.keys()]
}

/** Number of runs, then each run's place and length; 0 runs means packed one by one. */
function writePlaces(out: ChunkWriter, length: number): void {
  let runs = 1
  for (let i = 1; i < length; i++) if (places[i] !== places[i - 1]) runs++
  if (runs * 8 > length) {
    out.whole(0)
    writeIntegers(out, places, length)
    return
  }
  out.whole(runs)
  for (let from = 0, to = 1; from < length; from = to++) {
    while (to < length && places[to] === places[from]) to++
    out.whole(places[from] as number)
    out.whole(to - from)
  }
}

/** Numbers further apart than this would leave what `writeIntegers` takes. */
const reach = 2 ** 48

function writeNumbers(out: ChunkWriter, all: Float64Array, length: number): void {
  const first = all[0] as number
  let isNear = true
  for (let i = 0; i < length; i++) {
    const above = (all[i] as number) - first
    if (Math.abs(above) >= reach) isNear = false
    offLine[i] = above
  }
  const step = stepOf(length)
  if (isNear && isOnLine(step, length)) {
    out.byte(form.line)
    out.whole(first)
    out.signed(step)
  } else if (isNear) {
    const rise = countOf(step, length) * 2 > length ? step : riseOf(offLine, length)
    out.byte(form.nearLine)
    out.whole(first)
    out.double(rise)
    for (let i = 0; i < length; i++) offLine[i] = (offLine[i] as number) - lineAt(i, rise)
    writeIntegers(out, offLine, length)
  } else {
    out.byte(form.doubles)
    for (let i = 0; i < length; i++) out.double(all[i] as number)
  }
}

/** The step that more than half of all are, if there is one, by the vote of Boyer and Moore. */
function stepOf(length: number): number {
  let step = 0
  let votes = 0
  for (let i = 1; i < length; i++) {
    const one = (offLine[i] as number) - (offLine[i - 1] as number)
    if (votes === 0) step = one
    votes += one === step ? 1 : -1
  }
  return step
}

function countOf(step: number, length: number): number {
  let count = 0
  for (let i = 1; i < length; i++)
    if ((offLine[i] as number) - (offLine[i - 1] as number) === step) count++
  return count
}

function isOnLine(step: number, length: number): boolean {
  for (let i = 1; i < length; i++)
    if ((offLine[i] as number) - (offLine[i - 1] as number) !== step) return false
  return true
}
