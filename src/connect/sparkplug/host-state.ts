import { decodeState, encodeState, stateTopic } from "../../codec/sparkplug-topic.ts"
import type { Instant } from "../../model/instant.ts"
import type { Registry } from "../../store/store.ts"
import type { OpenBus, Outgoing } from "../bus.ts"
import type { Host } from "../connector.ts"
import type { SparkplugOptions } from "./options.ts"

/** How many devices of a plant stand behind each host id of a broker: only the last says goodbye for all. */
const presences = new WeakMap<Registry, Map<string, number>>()

const restMs = 100

/** Says for the edge nodes whether their host application is there (Sparkplug 3.0.0, 5.8 and 6.4.21). */
export class HostState {
  readonly #options: SparkplugOptions
  readonly #host: Host
  /** Of the birth and of the will alike (tck-id-host-topic-phid-death-payload-timestamp-connect). */
  readonly #since: Instant
  #hasBegun = false
  #isOnline = false

  constructor(options: SparkplugOptions, host: Host) {
    this.#options = options
    this.#host = host
    this.#since = Math.floor(host.clock.now())
  }

  /** What a broker elsewhere says when the line is lost. */
  get will(): Outgoing {
    return this.#message(false, this.#since)
  }

  /** After everything is subscribed. Where somebody says meanwhile that this host is gone, it says that it is not. */
  async begin(bus: OpenBus, signal: AbortSignal): Promise<void> {
    const { clock } = this.#host
    const again = async () => {
      // First the broker is to be done with the message, or it would be the one that it retains.
      await clock.sleep(restMs * (clock.speed ?? 1), signal)
      if (this.#isOnline) await bus.publish(this.#message(true, this.#since))
    }
    const take = ({ payload }: { payload: Uint8Array }) => {
      const isGone = this.#isOnline && decodeState(payload)?.online === false
      if (isGone) again().catch(() => {})
    }
    await bus.follow(stateTopic(this.#options["host-id"]), take, signal)
    this.#hasBegun = true
    this.#count(1)
    await bus.publish(this.#message(true, this.#since))
    this.#isOnline = true
  }

  /** A goodbye, unless other devices still stand behind the name. Never throws. */
  async end(bus: OpenBus): Promise<void> {
    if (!this.#hasBegun) return
    this.#hasBegun = false
    this.#isOnline = false
    if (this.#count(-1) > 0) return
    await bus.publish(this.#message(false, this.#host.clock.now())).catch(() => {})
  }

  #message(online: boolean, timestamp: Instant): Outgoing {
    const payload = encodeState({ online, timestamp })
    return { topic: stateTopic(this.#options["host-id"]), payload, qos: 1, retain: true }
  }

  #count(by: 1 | -1): number {
    const { registry } = this.#host
    const counts = presences.get(registry) ?? new Map<string, number>()
    presences.set(registry, counts)
    const key = `${this.#options.broker} ${this.#options["host-id"]}`
    const count = (counts.get(key) ?? 0) + by
    counts.set(key, count)
    return count
  }
}
