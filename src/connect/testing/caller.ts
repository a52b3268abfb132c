import { Problem } from "../../model/problem.ts"
import type { Device, Point } from "../connector.ts"
import type { Rig } from "./rig.ts"

/** Calls a device as the supervisor would: connects, follows, and after a failure again. */
export class Caller {
  readonly #device: Device
  readonly #points: readonly Point[]
  readonly #rig: Rig

  constructor(of: { device: Device; points: readonly Point[]; rig: Rig }) {
    this.#device = of.device
    this.#points = of.points
    this.#rig = of.rig
  }

  async follow(signal: AbortSignal): Promise<void> {
    const { sink } = this.#rig
    const wanted = { points: this.#points, records: [] }
    await this.#device.follow?.(wanted, sink.deliver, sink.lastSequence, signal)
  }

  /** Follows, again and again, while the work goes on. */
  async while(work: () => Promise<unknown>): Promise<void> {
    const stop = new AbortController()
    const following = this.#again(stop.signal)
    try {
      await Promise.race([work(), following])
    } finally {
      stop.abort()
      await following
    }
  }

  /** Ends with the signal; what is no Problem is thrown on, because a device may fail in no other way. */
  async #again(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.#device.connect(signal)
        await this.follow(signal)
      } catch (thrown) {
        if (!signal.aborted && !(thrown instanceof Problem)) throw thrown
      }
      await this.#rig.host.clock.sleep(50, signal).catch(() => {})
    }
  }
}
