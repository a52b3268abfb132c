import type { Instant } from "../../model/instant.ts"

/** First and last number, both in. */
export type Span = readonly [first: number, last: number]

/** Epochs of one edge that are remembered; what is delivered again from an older one replaces itself. */
const mostEpochs = 8
/** Of one epoch: each time that the line was cut leaves one until the rest has come. */
const mostSpans = 1000

/** What the store keeps of an edge. */
export interface ConfirmedDocument {
  readonly is: "edge-confirmed"
  readonly edge: string
  readonly heardAt: Instant
  readonly epochs: readonly (readonly [epoch: string, spans: readonly Span[]])[]
}

/** Which entries of an edge's log are durable here, in whatever order they came. */
export class Confirmed {
  readonly #epochs: Map<string, readonly Span[]>

  constructor(epochs: ConfirmedDocument["epochs"] = []) {
    this.#epochs = new Map(epochs)
  }

  get epochs(): ConfirmedDocument["epochs"] {
    return [...this.#epochs]
  }

  has(epoch: string, [first, last]: Span): boolean {
    return (this.#epochs.get(epoch) ?? []).some(([a, b]) => a <= first && last <= b)
  }

  add(epoch: string, span: Span): void {
    const spans = merged([...(this.#epochs.get(epoch) ?? []), span])
    this.#epochs.delete(epoch)
    this.#epochs.set(epoch, spans.slice(-mostSpans))
    const [oldest] = this.#epochs.keys()
    if (this.#epochs.size > mostEpochs && oldest !== undefined) this.#epochs.delete(oldest)
  }
}

function merged(spans: Span[]): Span[] {
  const result: Span[] = []
  for (const span of spans.sort((a, b) => a[0] - b[0])) {
    const before = result.at(-1)
    if (before && span[0] <= before[1] + 1)
      result[result.length - 1] = [before[0], Math.max(before[1], span[1])]
    else result.push(span)
  }
  return result
}
