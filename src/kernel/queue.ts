export type WhenFull = "wait" | "drop-oldest"

/** The only queue of the house: it always has a limit and always says what happens at the limit. */
export class Queue<T> {
  #items: T[] = []
  readonly #limit: number
  readonly #whenFull: WhenFull
  readonly #room: (() => void)[] = []
  readonly #takers: ((item: T | undefined) => void)[] = []
  #closed = false
  /** What `drop-oldest` has thrown away since the start. */
  dropped = 0

  constructor(options: { limit: number; whenFull: WhenFull }) {
    this.#limit = options.limit
    this.#whenFull = options.whenFull
  }

  get length(): number {
    return this.#items.length
  }

  /** Resolves when the item is in (with `wait` this is the back-pressure) or the queue is closed. */
  async put(item: T): Promise<void> {
    while (!this.#closed && this.#items.length >= this.#limit) {
      if (this.#whenFull === "drop-oldest") {
        this.#items.shift()
        this.dropped += 1
      } else await new Promise<void>((room) => this.#room.push(room))
    }
    if (this.#closed) return
    const taker = this.#takers.shift()
    if (taker) taker(item)
    else this.#items.push(item)
  }

  /** The oldest item, or undefined when the queue is closed and empty. */
  async take(): Promise<T | undefined> {
    const item = this.#items.shift()
    if (item !== undefined) {
      this.#room.shift()?.()
      return item
    }
    if (this.#closed) return undefined
    return new Promise((resolve) => this.#takers.push(resolve))
  }

  /** Takes all that waits, without waiting. */
  drain(): T[] {
    const items = this.#items
    this.#items = []
    for (const room of this.#room.splice(0)) room()
    return items
  }

  close(): void {
    this.#closed = true
    for (const taker of this.#takers.splice(0)) taker(undefined)
    for (const room of this.#room.splice(0)) room()
  }

  async *[Symbol.asyncIterator](): AsyncIterator<T> {
    for (;;) {
      const item = await this.take()
      if (item === undefined) return
      yield item
    }
  }
}
