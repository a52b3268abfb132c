import { readRecordHead } from "../../../codec/chunk-record.ts"
import { DamagedChunk } from "../../../codec/chunk-rows.ts"
import type { Problem } from "../../../model/problem.ts"
import { cut, mergeRuns } from "../merge.ts"
import { damage, type LoadedChunk, runOf } from "../partition/place.ts"
import type { Run } from "../run.ts"

/** A stretch of one tag's time with all that lies in it, as it was at one moment. */
export interface Window {
  readonly tag: number
  /** In. */
  readonly from: number
  /** Out. */
  readonly to: number
  /** Whole, by their first times; some rows may lie outside. */
  readonly chunks: readonly LoadedChunk[]
  /** Rows that are not in chunks yet, the oldest run first, cut to the window. */
  readonly runs: readonly Run[]
  /** The partition's file. */
  readonly path: string
}

export type Piece = Run | LoadedChunk

export function isChunk(piece: Piece): piece is LoadedChunk {
  return "bytes" in piece
}

export interface Extent {
  readonly from: number
  readonly to: number
  readonly count: number
}

export function extentOf(piece: Piece): Extent {
  if (isChunk(piece)) return piece.place
  const { at } = piece
  return { from: at[0] as number, to: at[at.length - 1] as number, count: at.length }
}

/** The pieces one after the other where no two of them have a time in common; else undefined. */
export function inOrder({ chunks, runs }: Window): readonly Piece[] | undefined {
  const pieces: Piece[] = runs.length === 0 ? [...chunks] : [...chunks, ...runs]
  if (runs.length > 0) pieces.sort((a, b) => extentOf(a).from - extentOf(b).from)
  let last = Number.NEGATIVE_INFINITY
  for (const piece of pieces) {
    const { from, to } = extentOf(piece)
    if (from <= last) return undefined
    last = to
  }
  return pieces
}

/** Told of what cannot be read. */
export type Damaged = (problem: Problem) => void

/** All rows of a window whose pieces overlap, of each the youngest. */
export function mergedRows(window: Window, damaged: Damaged): Run {
  const aged: { age: number; run: Run }[] = []
  for (const chunk of window.chunks)
    unlessDamaged(chunk, { path: window.path, damaged }, () => {
      const { age } = readRecordHead(chunk.bytes, chunk.place)
      const run = runOf(chunk)
      aged.push({ age, run: cut(run, window.from, window.to) })
    })
  aged.sort((a, b) => a.age - b.age)
  return mergeRuns([...aged.map(({ run }) => run), ...window.runs])
}

/** Does the work; damage is told of, and what else there is goes on. */
export function unlessDamaged(
  { place }: LoadedChunk,
  where: { readonly path: string; readonly damaged: Damaged },
  work: () => void,
): void {
  try {
    work()
  } catch (thrown) {
    if (!(thrown instanceof DamagedChunk)) throw thrown
    where.damaged(damage(where.path, place, thrown))
  }
}
