import { encodePayload } from "../../codec/sparkplug.ts"
import { formatTopic } from "../../codec/sparkplug-topic.ts"
import { parseDuration } from "../../kernel/tag-file.ts"
import type { Instant } from "../../model/instant.ts"
import type { MessageBus } from "../bus.ts"
import type { Host } from "../connector.ts"
import type { SparkplugOptions } from "./options.ts"

/** Asks the edge node for its birth, never more often than it may be asked. */
export class Rebirths {
  readonly #bus: MessageBus
  readonly #options: SparkplugOptions
  readonly #host: Host
  readonly #signal: AbortSignal
  #askedAt: Instant = Number.NEGATIVE_INFINITY
  #waiting: AbortController | undefined

  constructor(of: {
    bus: MessageBus
    options: SparkplugOptions
    host: Host
    signal: AbortSignal
  }) {
    this.#bus = of.bus
    this.#options = of.options
    this.#host = of.host
    this.#signal = of.signal
  }

  /** At once, or as soon as it may be asked again, if no birth comes before. */
  ask(): void {
    if (this.#waiting) return
    const { clock } = this.#host
    const wait = new AbortController()
    this.#waiting = wait
    const interval = parseDuration(this.#options["rebirth-min-interval"]) * (clock.speed ?? 1)
    const ms = Math.max(0, this.#askedAt + interval - clock.now())
    clock.sleep(ms, AbortSignal.any([this.#signal, wait.signal])).then(
      () => this.#send(),
      () => {},
    )
  }

  /** The birth is there: what waited to be asked is answered. */
  answered(): void {
    this.#waiting?.abort()
    this.#waiting = undefined
  }

  /** By name, with QoS 0 and not retained (tck-id-topics-ncmd-mqtt, tck-id-operational-behavior-data-commands-ncmd-rebirth-name). */
  #send(): void {
    const { group, node } = this.#options
    const timestamp = Math.floor(this.#host.clock.now())
    this.#waiting = undefined
    this.#askedAt = timestamp
    const metric = {
      name: "Node Control/Rebirth",
      timestamp,
      type: "Boolean",
      value: true,
    } as const
    const topic = formatTopic({ group, node, type: "NCMD" })
    const payload = encodePayload({ timestamp, metrics: [metric] })
    // Where the line is lost, that is said elsewhere.
    this.#bus.publish({ topic, payload, qos: 0, retain: false }).catch(() => {})
  }
}
