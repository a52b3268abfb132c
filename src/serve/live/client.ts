import { Readable } from "node:stream"
import type { TagId } from "../../model/tag.ts"

/** A browser takes some of this into its own buffers; what comes after waits here, coalesced. */
const fullBytes = 64 * 1024
const longestBlockedMs = 30_000
const mostEvents = 1000
const tickMs = 1000

export interface ClientOptions {
  readonly wants: (tag: TagId) => boolean
  /** The value of now as a piece of JSON; undefined where there is none. */
  readonly valueText: (tag: TagId) => string | undefined
  readonly monotonic: () => number
  readonly plantNow: () => number
}

/**
 * One screen that follows. What it has not taken yet is kept as a set of tags and the last of each thing's events, so
 * a slow one costs no more memory than the plant has tags and gets no stale values once it comes along again.
 */
export class LiveClient {
  readonly stream = new Readable({ read() {}, highWaterMark: fullBytes })
  readonly #options: ClientOptions
  readonly #changed = new Set<TagId>()
  readonly #events = new Map<string, string>()
  #tickedAt = Number.NEGATIVE_INFINITY
  #blockedSince: number | undefined

  constructor(options: ClientOptions) {
    this.#options = options
  }

  mark(tags: Iterable<TagId>): void {
    for (const tag of tags) if (this.#options.wants(tag)) this.#changed.add(tag)
  }

  /** The last event with this key wins. A client that lets too many pile up is closed: it asks anew when it is back. */
  add(key: string, event: string): void {
    this.#events.delete(key)
    this.#events.set(key, event)
    if (this.#events.size > mostEvents) this.stream.destroy()
  }

  /** Sends what has gathered, unless the client has not taken the last yet; for too long of that it is closed. */
  flush(): void {
    const now = this.#options.monotonic()
    if (this.stream.readableLength >= fullBytes) {
      this.#blockedSince ??= now
      if (now - this.#blockedSince > longestBlockedMs) this.stream.destroy()
      return
    }
    this.#blockedSince = undefined
    const text = [...this.#events.values(), this.#values(), this.#tick(now)].join("")
    this.#events.clear()
    if (text !== "") this.stream.push(text)
  }

  /** Ends in order: what was sent is still delivered. */
  end(): void {
    this.stream.push(null)
  }

  #values(): string {
    const values: string[] = []
    for (const tag of this.#changed) {
      const text = this.#options.valueText(tag)
      if (text !== undefined) values.push(text)
    }
    this.#changed.clear()
    return values.length === 0 ? "" : eventOf("values", `[${values.join()}]`)
  }

  #tick(now: number): string {
    if (now - this.#tickedAt < tickMs) return ""
    this.#tickedAt = now
    return eventOf("tick", JSON.stringify({ now: this.#options.plantNow() }))
  }
}

/** Server-sent events (WHATWG HTML, 9.2.5); JSON has no line breaks of its own. */
export function eventOf(kind: string, json: string): string {
  return `event: ${kind}\ndata: ${json}\n\n`
}
