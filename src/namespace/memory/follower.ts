import { Queue } from "../../kernel/queue.ts"
import { type Block, BlockWriter } from "../../model/block.ts"
import type { Path } from "../../model/path.ts"
import type { FollowOptions } from "../namespace.ts"

/** One reader with the queue it reads from. */
export class Follower {
  readonly matches: (path: Path) => boolean
  readonly #queue: Queue<Block>
  readonly #waits: boolean
  #selection = new Uint8Array(0)
  #counted = 0
  /** The last put that waits for room; the next block stands behind it, so the order is kept. */
  #lastPut: Promise<void> | undefined

  constructor(matches: (path: Path) => boolean, { limit, whenFull }: FollowOptions) {
    this.matches = matches
    this.#queue = new Queue({ limit, whenFull })
    this.#waits = whenFull === "wait"
  }

  /** Blocks that were dropped since this was asked last. */
  takeDropped(): number {
    const dropped = this.#queue.dropped - this.#counted
    this.#counted = this.#queue.dropped
    return dropped
  }

  select(selection: Uint8Array<ArrayBuffer>): void {
    this.#selection = selection
  }

  /** Puts the wanted rows in the queue. Gives what the publisher has to wait for, if it has to. */
  offer(block: Block): Promise<void> | undefined {
    const wanted = selected(block, this.#selection)
    if (!wanted) return undefined
    if (!this.#waits) {
      void this.#queue.put(wanted)
      return undefined
    }
    const before = this.#lastPut
    const put = before ? before.then(() => this.#queue.put(wanted)) : this.#queue.put(wanted)
    this.#lastPut = put
    return put.finally(() => {
      if (this.#lastPut === put) this.#lastPut = undefined
    })
  }

  async *blocks(ended: () => void): AsyncGenerator<Block> {
    try {
      yield* this.#queue
    } finally {
      ended()
    }
  }

  /** What still waits is let go: nobody reads after the end. */
  close(): void {
    this.#queue.close()
    this.#queue.drain()
  }
}

/** The block with only the wanted rows; the block itself where all are wanted, undefined where none is. */
function selected(block: Block, selection: Uint8Array): Block | undefined {
  const { length, tag } = block
  const count = countOf(block, selection)
  if (count === 0) return undefined
  if (count === length) return block
  const rows = new BlockWriter(count)
  let first = -1
  for (let row = 0; row < length; row++) {
    const id = tag[row] ?? 0
    if (selection[id] !== 1) continue
    if (first < 0) first = row
    rows.add(id, block.at[row] ?? 0, block.value[row] ?? 0, block.quality[row] ?? 0)
  }
  const { source, sequence, received } = block
  return rows.take({ source, sequence: sequence + first, received })
}

function countOf({ length, tag }: Block, selection: Uint8Array): number {
  let count = 0
  for (let row = 0; row < length; row++) count += selection[tag[row] ?? 0] ?? 0
  return count
}
