const dayMs = 86_400_000
const leastMs = 600_000
/** One look in so long is remembered. */
const apartMs = 300_000

/** How fast a folder grew within the last day. Times are monotonic milliseconds. */
export class Growth {
  readonly #looks: { readonly at: number; readonly bytes: number }[] = []

  add(at: number, bytes: number): void {
    const last = this.#looks.at(-1)
    if (last === undefined || at - last.at >= apartMs) this.#looks.push({ at, bytes })
    while ((this.#looks[0]?.at ?? at) < at - dayMs) this.#looks.shift()
  }

  /** Days until so many bytes more are there; undefined where it does not grow or was not watched for long enough. */
  daysFor(bytes: number, now: { readonly at: number; readonly bytes: number }): number | undefined {
    const [first] = this.#looks
    if (first === undefined || now.at - first.at < leastMs || now.bytes <= first.bytes)
      return undefined
    const perDay = ((now.bytes - first.bytes) / (now.at - first.at)) * dayMs
    return Math.max(0, bytes) / perDay
  }
}
