import type { LogEntry } from "../../codec/delivery.ts"
import type { SourceId } from "../../model/block.ts"

interface Counts {
  /** Number of the last row; -1 where none is known. */
  readonly row: number
  /** Number of the last cycle; 0 where none is known. */
  readonly sequence: number
}

/** Sources whose counts are kept; of more, those longest unheard are forgotten. */
const mostSources = 4000

/** How far each source has counted, from which a device goes on after a restart. */
export class Sources {
  readonly #counts = new Map<SourceId, Counts>()

  saw({ block, cycles }: LogEntry): void {
    if (block) this.#raise(block.source, { row: block.sequence + block.length - 1, sequence: 0 })
    for (const { source, sequence } of cycles) this.#raise(source, { row: -1, sequence })
  }

  lastRow(source: SourceId): number {
    return this.#counts.get(source)?.row ?? -1
  }

  lastSequence(source: SourceId): number {
    return this.#counts.get(source)?.sequence ?? 0
  }

  bytes(): Uint8Array {
    return new TextEncoder().encode(JSON.stringify([...this.#counts]))
  }

  merge(bytes: Uint8Array): void {
    const counts = JSON.parse(new TextDecoder().decode(bytes)) as readonly [SourceId, Counts][]
    for (const [source, known] of counts) this.#raise(source, known)
  }

  #raise(source: SourceId, to: Counts): void {
    const { row = -1, sequence = 0 } = this.#counts.get(source) ?? {}
    this.#counts.delete(source)
    this.#counts.set(source, {
      row: Math.max(row, to.row),
      sequence: Math.max(sequence, to.sequence),
    })
    if (this.#counts.size <= mostSources) return
    for (const oldest of this.#counts.keys()) {
      this.#counts.delete(oldest)
      break
    }
  }
}
