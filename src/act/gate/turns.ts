/** One at a time for each key, in the order of asking. Keys are taken all at once, so nobody waits in a circle. */
export class Turns {
  readonly #tails = new Map<string, Promise<void>>()

  /** Resolves when it is this one's turn for all the keys; call the result to let the next ones go. */
  async take(keys: readonly string[]): Promise<() => void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const before = keys.map((key) => this.#tails.get(key))
    for (const key of keys) this.#tails.set(key, promise)
    await Promise.all(before)
    return () => {
      for (const key of keys) if (this.#tails.get(key) === promise) this.#tails.delete(key)
      resolve()
    }
  }
}
