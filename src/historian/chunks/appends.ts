import { encodeRows } from "../../codec/rows.ts"
import { nextTurn } from "../../kernel/turn.ts"
import type { Block, SourceId } from "../../model/block.ts"
import type { Cycle } from "../../model/cycle.ts"
import { type CycleRow, cycleRow } from "./catalog/catalog.ts"
import type { Hand } from "./hand/hand.ts"
import type { Sources } from "./open/sources.ts"

/** What goes with the rows in the journal. */
export interface MoreOfRows {
  /** The number of each source. */
  readonly origins: Readonly<Record<SourceId, number>>
  readonly cycles?: readonly CycleRow[]
}

interface Append {
  readonly block: Block
  readonly cycles: readonly Cycle[]
  readonly done: () => void
  readonly failed: (thrown: unknown) => void
}

/** Rows after which a batch takes no further block: some milliseconds to add them to the open runs. */
const rowsOfBatch = 32_768
/** One on its way to the disk, one that is packed meanwhile, one that waits for it. */
const mostBatches = 3

/** Appends that wait at the same moment go to the hand as one batch. */
export class Appends {
  readonly #hand: Hand
  readonly #sources: Sources
  readonly #room: () => Promise<void>
  readonly #durable: (blocks: readonly Block[]) => void
  #waiting: Append[] = []
  #batches = 0
  #isGathering = false
  #idle: (() => void)[] = []

  constructor(options: {
    readonly hand: Hand
    readonly sources: Sources
    /** Resolves when more may be taken; rejects where no more can be. */
    readonly room: () => Promise<void>
    /** Called before their appends resolve, in the order of the journal. */
    readonly durable: (blocks: readonly Block[]) => void
  }) {
    this.#hand = options.hand
    this.#sources = options.sources
    this.#room = options.room
    this.#durable = options.durable
  }

  append(block: Block, cycles: readonly Cycle[]): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.#waiting.push({ block, cycles, done: resolve, failed: reject })
    this.#gather()
    return promise
  }

  /** Resolves when nothing waits. */
  async idle(): Promise<void> {
    if (this.#batches > 0 || this.#waiting.length > 0)
      await new Promise<void>((resolve) => this.#idle.push(resolve))
  }

  #gather(): void {
    if (this.#isGathering || this.#batches >= mostBatches || this.#waiting.length === 0) return
    this.#isGathering = true
    // Whoever appends in this turn of the event loop joins the batch.
    void nextTurn()
      .then(this.#room)
      .then(
        () => this.#write(this.#take()),
        (thrown) => this.#refuse(thrown),
      )
  }

  #refuse(thrown: unknown): void {
    const refused = this.#waiting
    this.#waiting = []
    this.#isGathering = false
    for (const { failed } of refused) failed(thrown)
    this.#rest()
  }

  #take(): readonly Append[] {
    let rows = 0
    const end = this.#waiting.findIndex(({ block }, i) => {
      rows += block.length
      return i > 0 && rows > rowsOfBatch
    })
    if (end > 0) return this.#waiting.splice(0, end)
    const all = this.#waiting
    this.#waiting = []
    return all
  }

  async #write(batch: readonly Append[]): Promise<void> {
    this.#batches++
    this.#isGathering = false
    const blocks = batch.map(({ block }) => block)
    try {
      const encoded = this.#encode(batch, blocks)
      const written = this.#hand.write(encoded)
      this.#gather()
      await written
      this.#sources.told(encoded.sources)
      this.#durable(blocks)
      for (const { done } of batch) done()
    } catch (thrown) {
      for (const { failed } of batch) failed(thrown)
    }
    this.#batches--
    this.#gather()
    this.#rest()
  }

  #rest(): void {
    if (this.#batches === 0 && this.#waiting.length === 0)
      for (const idle of this.#idle.splice(0)) idle()
  }

  #encode(batch: readonly Append[], blocks: readonly Block[]) {
    const cycles: CycleRow[] = []
    const names = new Set<SourceId>()
    for (const append of batch) {
      names.add(append.block.source)
      for (const cycle of append.cycles) {
        names.add(cycle.source)
        cycles.push(cycleRow(cycle, this.#sources.idOf(cycle.source)))
      }
    }
    const origins: Record<SourceId, number> = {}
    for (const name of names) origins[name] = this.#sources.idOf(name)
    const more: MoreOfRows = { origins, ...(cycles.length > 0 && { cycles }) }
    return { rows: encodeRows({ blocks, more }), sources: this.#sources.untold(names), cycles }
  }
}
