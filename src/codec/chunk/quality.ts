import { type ChunkReader, DamagedChunk } from "./bytes.ts"
import type { ChunkWriter } from "./bytes-out.ts"
import type { Rows } from "./rows.ts"

/** Number of runs, then each run's quality and length; 0 runs means that each row's quality stands for itself. */
export function writeQuality(out: ChunkWriter, quality: Uint8Array): void {
  const { length } = quality
  let runs = 1
  for (let i = 1; i < length; i++) if (quality[i] !== quality[i - 1]) runs++
  if (runs * 2 > length) {
    out.whole(0)
    for (const one of quality) out.byte(one)
    return
  }
  out.whole(runs)
  for (let from = 0, to = 1; from < length; from = to++) {
    while (to < length && quality[to] === quality[from]) to++
    out.byte(quality[from] ?? 0)
    out.whole(to - from)
  }
}

export function readQuality(reader: ChunkReader, into: Uint8Array, rows: Rows): void {
  const runs = reader.whole()
  if (runs === 0) {
    for (let i = rows.from; i < rows.to; i++) into[i] = reader.byte()
    return
  }
  let at = rows.from
  for (let run = 0; run < runs; run++) {
    const one = reader.byte()
    const to = at + reader.whole()
    if (to > rows.to) throw new DamagedChunk("got more qualities than samples")
    into.fill(one, at, to)
    at = to
  }
  if (at < rows.to) throw new DamagedChunk("got fewer qualities than samples")
}
