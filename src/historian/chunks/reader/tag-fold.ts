import { type RecordHead, readRecordHead, rowsOf } from "../../../codec/chunk-record.ts"
import { decodeSamples } from "../../../codec/chunk-rows.ts"
import type { FoldColumns } from "../../buckets.ts"
import type { LastSample } from "../../historian.ts"
import { firstRow } from "../merge.ts"
import type { LoadedChunk } from "../partition/place.ts"
import { type Damaged, inOrder, isChunk, mergedRows, unlessDamaged, type Window } from "./window.ts"

/** What takes up one tag's samples in the order of their times. */
export interface Fold {
  carryIn(before: LastSample | undefined): void
  add(columns: FoldColumns, first: number, end: number): void
  /** Takes a chunk by its summary; false where its rows are needed. */
  addSummary(head: RecordHead): boolean
}

const scratch = {
  at: new Float64Array(4096),
  value: new Float64Array(4096),
  quality: new Uint8Array(4096),
}

/** Hands windows to a fold: rows from `from` on, and what held before. Returns how many rows were unpacked. */
export class TagFold {
  readonly #fold: Fold
  readonly #from: number
  readonly #damaged: Damaged
  #before: LastSample | undefined
  #begun = false

  constructor(fold: Fold, from: number, damaged: Damaged) {
    this.#fold = fold
    this.#from = from
    this.#damaged = damaged
  }

  add(window: Window): number {
    const pieces = inOrder(window)
    if (!pieces) {
      const rows = mergedRows(window, this.#damaged)
      this.#rows(rows, 0, rows.at.length)
      return rows.at.length
    }
    let unpacked = 0
    for (const piece of pieces) {
      if (isChunk(piece)) unpacked += this.#chunk(piece, window)
      else this.#rows(piece, 0, piece.at.length)
    }
    return unpacked
  }

  end(): void {
    this.#begin()
  }

  #chunk(chunk: LoadedChunk, window: Window): number {
    let unpacked = 0
    unlessDamaged(chunk, { path: window.path, damaged: this.#damaged }, () => {
      const { place, bytes } = chunk
      if (place.from >= Math.max(window.from, this.#from) && place.to < window.to) {
        const head = readRecordHead(bytes, place)
        this.#begin()
        if (this.#fold.addSummary(head)) return
      }
      unpacked = decodeSamples(rowsOf(bytes), scratch)
      const at = scratch.at.subarray(0, unpacked)
      const first = place.from < window.from ? firstRow(at, window.from) : 0
      const end = place.to < window.to ? unpacked : firstRow(at, window.to)
      this.#rows(scratch, first, end)
    })
    return unpacked
  }

  /** Rows before the interval only say what held. */
  #rows(columns: FoldColumns, first: number, end: number): void {
    let row = first
    if (!this.#begun) {
      while (row < end && (columns.at[row] as number) < this.#from) row++
      if (row > first) this.#before = sampleAt(columns, row - 1)
      if (row === end) return
      this.#begin()
    }
    this.#fold.add(columns, row, end)
  }

  #begin(): void {
    if (!this.#begun) this.#fold.carryIn(this.#before)
    this.#begun = true
  }
}

export function sampleAt({ at, value, quality }: FoldColumns, row: number): LastSample {
  return {
    at: at[row] as number,
    value: value[row] as number,
    quality: quality[row] as number,
  }
}
