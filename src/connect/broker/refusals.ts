import type { Clock } from "../../kernel/clock.ts"
import type { Log } from "../../kernel/log.ts"
import type { Metrics } from "../../kernel/metrics.ts"

/** What was refused; each is a value of a label, so there are few. */
export type Because =
  | "credential"
  | "client-id"
  | "publish"
  | "subscribe"
  | "too-long"
  | "too-many-connections"
  | "protocol"

interface Refusal {
  readonly text: string
  times: number
  at: number
}

const rememberMs = 600_000
const most = 50

/** Who was refused and why, for as long as somebody may want to mend it. Never holds a password. */
export class Refusals {
  readonly #clock: Clock
  readonly #log: Log
  readonly #metrics: Metrics
  readonly #all = new Map<string, Refusal>()

  constructor(of: { clock: Clock; log: Log; metrics: Metrics }) {
    this.#clock = of.clock
    this.#log = of.log
    this.#metrics = of.metrics
  }

  add(because: Because, text: string): void {
    this.#metrics.count("moru_broker_refused_total", { because })
    const at = this.#clock.monotonic()
    const known = this.#all.get(text)
    if (!known) this.#log.warn(`the broker refused ${text}`)
    this.#all.delete(text)
    this.#all.set(text, { text, times: (known?.times ?? 0) + 1, at })
    const [oldest] = this.#all.keys()
    if (this.#all.size > most && oldest !== undefined) this.#all.delete(oldest)
  }

  /** One phrase for each of the last ten minutes. */
  recent(): readonly string[] {
    const since = this.#clock.monotonic() - rememberMs
    return [...this.#all.values()]
      .filter(({ at }) => at >= since)
      .map(({ text, times }) => (times > 1 ? `${text} (${times} times)` : text))
  }
}
